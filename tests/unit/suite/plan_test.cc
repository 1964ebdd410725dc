#include "suite/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sseprof::plan_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kPlan[] = R"({
  // what the report compared
  "sseprof_plan": 1,
  "name": "qwen3-30b",
  "load": {"concurrency": 16, "temperature": 0.0, "ignore-eos": true, "shuffle": false,
           "label": ["gpu=H100", "driver=1"], "extra-body": {"top_p": 0.9}},
  "repeats": 3,
  "order": "blocks",
  "pause": "2s",
  "variants": [
    {"name": "NVFP4", "base_url": "http://127.0.0.1:8000", "model": "nvidia/x",
     "server": {"command": ["vllm", "serve", "nvidia/x"], "environment": {"A": ""},
                "folder": "/tmp", "ready": "/v1/models", "ready_within": "5m",
                "stop_within": 3}},
    {"name": "BF16", "base_url": "http://127.0.0.1:8001", "load": {"concurrency": 8}},
  ],
})";

/// kPlan with its first `from` replaced.
std::string With(const std::string& from, const std::string& to) {
  std::string text = kPlan;
  return text.replace(text.find(from), from.size(), to);
}

std::string Refusal(const std::string& text) {
  try {
    ParsePlan(text, "p.json");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(ParsePlan, ReadsEverything) {
  const Plan plan = ParsePlan(kPlan, "p.json");
  EXPECT_EQ(plan.name, "qwen3-30b");
  EXPECT_EQ(plan.repeats, 3);
  EXPECT_EQ(plan.order, PlanOrder::kBlocks);
  EXPECT_EQ(plan.pause, 2s);
  ASSERT_EQ(plan.variants.size(), 2u);
  const PlanVariant& variant = plan.variants[0];
  EXPECT_EQ(variant.name, "NVFP4");
  EXPECT_EQ(variant.base_url, "http://127.0.0.1:8000");
  EXPECT_EQ(variant.model, "nvidia/x");
  const PlanServer& server = variant.server.value();
  EXPECT_THAT(server.command, ElementsAre("vllm", "serve", "nvidia/x"));
  EXPECT_THAT(server.environment, ElementsAre(testing::Pair("A", "")));
  EXPECT_EQ(server.folder, "/tmp");
  EXPECT_EQ(server.ready, "/v1/models");
  EXPECT_EQ(server.ready_within, 5min);
  EXPECT_EQ(server.stop_within, 3s);
  EXPECT_FALSE(plan.variants[1].server);
}

TEST(ParsePlan, MakesOptionsOfTheLoad) {
  const Plan plan = ParsePlan(kPlan, "p.json");
  EXPECT_THAT(plan.variants[0].options,
              ElementsAre("--concurrency", "16", "--temperature", "0.0", "--ignore-eos", "--label",
                          "gpu=H100", "--label", "driver=1", "--extra-body", "{\"top_p\":0.9}"));
  EXPECT_THAT(plan.variants[1].options,
              ElementsAre("--temperature", "0.0", "--ignore-eos", "--label", "gpu=H100", "--label",
                          "driver=1", "--extra-body", "{\"top_p\":0.9}", "--concurrency", "8"));
}

TEST(ParsePlan, HasDefaults) {
  const Plan plan = ParsePlan(
      R"({"sseprof_plan":1,"name":"x","variants":[{"name":"a","base_url":"u",
          "server":{"command":["s"]}}]})",
      "p.json");
  EXPECT_EQ(plan.repeats, 1);
  EXPECT_EQ(plan.order, PlanOrder::kAuto);
  EXPECT_EQ(plan.pause, 0s);
  EXPECT_THAT(plan.variants[0].options, IsEmpty());
  EXPECT_EQ(plan.variants[0].server->ready, "/health");
  EXPECT_EQ(plan.variants[0].server->ready_within, 20min);
}

TEST(ParsePlan, SaysWhereItIsWrongAndWhy) {
  EXPECT_EQ(Refusal(With("\"repeats\": 3", "\"repeats\": 0")),
            "p.json:7:14: repeats: must be a whole number from 1 to 1000");
  EXPECT_EQ(Refusal(With("[\"vllm\", \"serve\", \"nvidia/x\"]", "\"vllm serve\"")),
            "p.json:12:28: variants[0].server.command: must be a list that is not empty");
  EXPECT_EQ(Refusal(With("\"serve\"", "7")),
            "p.json:12:37: variants[0].server.command[1]: must be a text that is not empty");
  EXPECT_EQ(Refusal(With("\"base_url\": \"http://127.0.0.1:8001\", ", "")),
            "p.json:15:5: variants[1].base_url: must be a text that is not empty");
  EXPECT_EQ(Refusal(With("\"BF16\"", "\"NVFP4\"")),
            "p.json:15:14: variants[1].name: another variant has this name");
  EXPECT_EQ(Refusal(With("\"BF16\"", "\"../x\"")),
            "p.json:15:14: variants[1].name: becomes part of file names: use letters, digits, "
            "'-', '_' and '.'");
  EXPECT_THAT(Refusal(With("\"folder\"", "\"dir\"")),
              HasSubstr("variants[0].server.dir: there is no such key: use one of command, "));
  EXPECT_THAT(Refusal(With("\"concurrency\"", "\"--concurrency\"")), HasSubstr("without their"));
  EXPECT_THAT(Refusal(With("\"concurrency\"", "\"records\"")),
              HasSubstr("load.records: is decided by the suite"));
  EXPECT_THAT(Refusal(With("\"2s\"", "\"soon\"")), HasSubstr("pause: must be a duration"));
  EXPECT_THAT(Refusal(With("\"blocks\"", "\"random\"")), HasSubstr("order: must be auto"));
  EXPECT_THAT(Refusal(With("\"/v1/models\"", "\"models\"")), HasSubstr("ready: must be a path"));
  EXPECT_THAT(Refusal(With("\"sseprof_plan\": 1", "\"sseprof_plan\": 2")),
              HasSubstr("p.json:3:19: sseprof_plan: must be 1"));
}

TEST(ParsePlan, SaysWhereItIsNoJson) {
  EXPECT_THAT(Refusal("{\n  \"name\" 1}"), HasSubstr("p.json: "));
  EXPECT_THAT(Refusal("{\n  \"name\" 1}"), HasSubstr("line 2, column "));
  EXPECT_EQ(Refusal("[]"), "p.json:1:1: must be an object, {..}");
}

}  // namespace
}  // namespace sseprof::plan_test
