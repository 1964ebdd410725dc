#include "out/summary_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "sample_run.h"
#include "wire/json.h"

namespace sseprof::summary_json_test {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> Keys(const JsonView& object) {
  std::vector<std::string> keys;
  for (const JsonView::Member& member : object.Members()) keys.emplace_back(member.name);
  return keys;
}

std::vector<std::string> FirstKeys(const JsonView& object, std::size_t count) {
  std::vector<std::string> keys = Keys(object);
  keys.resize(std::min(count, keys.size()));
  return keys;
}

class SummaryJsonTest : public testing::Test {
 protected:
  const std::string text_ = SummaryJson(SampleSummary());
  const JsonDocument document_ = JsonDocument::Parse(text_);
  const JsonView root_ = document_.root();
};

TEST_F(SummaryJsonTest, KeysOfTheReplacedScriptComeFirstInTheirOrder) {
  EXPECT_THAT(FirstKeys(root_, 15),
              ElementsAre("endpoint", "model", "concurrency", "requests", "max_tokens",
                          "temperature", "stream", "ok", "errors", "total_time_s", "qps",
                          "latency_s", "ttft_s", "token_usage", "derived"));
  for (const char* key : {"latency_s", "ttft_s"}) {
    EXPECT_THAT(FirstKeys(root_[key], 5), ElementsAre("p50", "p95", "mean", "min", "max")) << key;
  }
  EXPECT_THAT(Keys(root_["token_usage"]),
              ElementsAre("prompt_tokens_mean", "completion_tokens_mean"));
  EXPECT_THAT(Keys(root_["derived"]),
              ElementsAre("prompt_tps", "decode_tps", "ms_per_output_token"));
}

TEST_F(SummaryJsonTest, OursFollowInTheirOrder) {
  const std::vector<std::string> keys = Keys(root_);
  ASSERT_GT(keys.size(), 15u);
  EXPECT_THAT(
      std::vector<std::string>(keys.begin() + 15, keys.end()),
      ElementsAre("schema_version", "itl_s", "tpot_s", "decode_tps_per_request", "start_lag_s",
                  "send_delay_s", "connect_s", "usage_check", "failures", "stalls", "steady_state",
                  "goodput", "client", "server", "run", "warnings"));
  EXPECT_THAT(Keys(root_["ttft_s"]),
              ElementsAre("p50", "p95", "mean", "min", "max", "p90", "p99", "p999", "stddev",
                          "count", "weak", "untrusted", "cold_count"));
}

TEST_F(SummaryJsonTest, TypesAreThoseOfTheReplacedScript) {
  EXPECT_THAT(text_,
              StartsWith("{\n  \"endpoint\": \"http://127.0.0.1:8000/v1/chat/completions\",\n"
                         "  \"model\": \"nvidia/Qwen3-30B-A3B-NVFP4\",\n"
                         "  \"concurrency\": 2,\n  \"requests\": 6,\n"
                         "  \"max_tokens\": 8,\n  \"temperature\": 0.7,\n"
                         "  \"stream\": true,\n  \"ok\": 4,\n  \"errors\": 2,\n"
                         "  \"total_time_s\": 0.308,\n"));
  RunContext context;
  const RunEnd end;
  EXPECT_THAT(SummaryJson(SummaryBuilder(context).Finish(&end)),
              HasSubstr("\"temperature\": 0.0,\n"));
  EXPECT_TRUE(text_.ends_with("}\n"));
}

TEST_F(SummaryJsonTest, ValuesAreThoseOfTheSummary) {
  const Summary summary = SampleSummary();
  EXPECT_EQ(root_["latency_s"]["p99"].AsDouble(), summary.latency.p99);
  EXPECT_EQ(root_["itl_s"]["p95_high"].AsDouble(), summary.itl.high.at("p95"));
  EXPECT_EQ(root_["itl_s"]["count_all"].AsInt(), 31);
  EXPECT_EQ(root_["itl_s"]["max_request_id"].AsString(), "run-3");
  EXPECT_EQ(root_["tpot_s"]["basis"]["estimated"].AsInt(), 1);
  EXPECT_EQ(root_["ttft_s"]["cold_count"].AsInt(), 1);
  EXPECT_EQ(root_["usage_check"]["hidden_tokens"].AsInt(), 1);
  EXPECT_EQ(root_["failures"].Text(), R"({"http_429":1,"truncated":1})");
  EXPECT_EQ(root_["stalls"]["single"].AsInt(), 1);
  EXPECT_EQ(root_["steady_state"]["requests"].AsInt(), 3);
  EXPECT_EQ(root_["goodput"]["within"].AsInt(), 3);
  EXPECT_EQ(root_["goodput"]["share"].AsDouble(), 0.5);
  EXPECT_EQ(root_["goodput"]["requests_per_s"].AsDouble(), 3 / 0.308);
  EXPECT_EQ(root_["goodput"]["slo"].Text(), R"({"ttft_s":0.022,"tpot_s":0.01,"latency_s":0.08})");
  EXPECT_EQ(root_["client"]["verdict"].AsString(), "ok");
  EXPECT_TRUE(root_["client"]["reason"].IsNull());
  EXPECT_EQ(root_["run"]["labels"]["weights"].AsString(), "nvfp4");
  EXPECT_EQ(root_["run"]["server"]["version"].AsString(), "0.13.0");
  EXPECT_EQ(root_["run"]["prompts"].AsInt(), 3);
  EXPECT_EQ(root_["run"]["warmup_requests"].AsInt(), 1);
  EXPECT_EQ(root_["warnings"].size(), summary.warnings.size());
}

TEST_F(SummaryJsonTest, WhatDoesNotExistIsNull) {
  RunContext context;
  context.stream = false;
  const JsonDocument document =
      JsonDocument::Parse(SummaryJson(SummaryBuilder(context).Finish(nullptr)));
  const JsonView root = document.root();
  for (const char* key :
       {"total_time_s", "qps", "usage_check", "steady_state", "goodput", "client"}) {
    EXPECT_TRUE(root.Has(key) && root[key].IsNull()) << key;
  }
  for (const char* key : {"p50", "p999", "mean", "stddev", "p99_low", "max_request_id"}) {
    EXPECT_TRUE(root["itl_s"].Has(key) && root["itl_s"][key].IsNull()) << key;
  }
  EXPECT_EQ(root["itl_s"]["count"].AsInt(), 0);
  EXPECT_TRUE(root["stalls"]["count"].IsNull());
  EXPECT_TRUE(root["run"]["server"]["kind"].IsNull());
}

TEST(SummaryJson, GoodputOfNoRequestHasNoShare) {
  RunContext context;
  context.slo = {.tpot = Nanos{12'000'000}};
  const JsonDocument document =
      JsonDocument::Parse(SummaryJson(SummaryBuilder(context).Finish(nullptr)));
  EXPECT_EQ(document.root()["goodput"].Text(),
            R"({"slo":{"ttft_s":null,"tpot_s":0.012,"latency_s":null},)"
            R"("within":0,"share":null,"requests_per_s":null})");
}

/// A longer run with stalls, failures and uncertain arrivals, all from one seed.
std::vector<RequestRecord> RandomRecords(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<RequestRecord> records;
  std::vector<Nanos> free_at(4, Nanos{0});
  for (int n = 0; n < 200; ++n) {
    const auto slot = std::min_element(free_at.begin(), free_at.end());
    const Nanos start = *slot + Nanos{n};
    RecordBuilder builder(n);
    builder.Start(kSampleOrigin + start).Sent(Nanos{50'000 + random() % 100'000});
    Nanos at{20'000'000 + random() % 9'000'000};
    const int events = static_cast<int>(random() % 40);
    for (int i = 0; i < events; ++i) {
      builder.Output(at, 1 + static_cast<int>(random() % 2),
                     Nanos{random() % 9 == 0 ? random() % 400'000 : 0});
      at += Nanos{6'000'000 + random() % 2'000'000 + (random() % 50 == 0 ? 60'000'000 : 0)};
    }
    builder.Finish(random() % 3 == 0 ? "stop" : "length").End(at);
    if (random() % 4 != 0) builder.UsageTokens(100, events + static_cast<int>(random() % 3));
    if (n < 3) builder.Warmup();
    if (random() % 9 == 0) builder.Fail(Outcome::kStalled);
    if (n < 4) builder.Connect(Nanos{1000}, Nanos{70'000});
    records.push_back(builder.Build());
    *slot = start + at;
  }
  return records;
}

TEST(SummaryJson, DependsOnTheSetOfRecordsAlone) {
  RunContext context = SampleContext();
  context.concurrency = 4;
  const RunEnd end = SampleEnd();
  for (unsigned seed = 1; seed <= 5; ++seed) {
    std::vector<RequestRecord> records = RandomRecords(seed);
    std::mt19937 random(seed);
    std::string first;
    for (int order = 0; order < 6; ++order) {
      SummaryBuilder builder(context);
      for (const RequestRecord& record : records) builder.Add(record);
      const std::string json = SummaryJson(builder.Finish(&end));
      if (order == 0) first = json;
      ASSERT_EQ(json, first) << "seed " << seed << ", order " << order;
      std::shuffle(records.begin(), records.end(), random);
    }
    EXPECT_THAT(first, HasSubstr("\"steady_state\": {"));
  }
}

}  // namespace
}  // namespace sseprof::summary_json_test
