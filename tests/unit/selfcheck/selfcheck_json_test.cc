#include "selfcheck/selfcheck_json.h"

#include <gtest/gtest.h>

#include "sample_selfcheck.h"
#include "wire/json.h"

namespace sseprof::selfcheck_json_test {
namespace {

TEST(SelfcheckJson, HoldsWhatTheReportHolds) {
  const SelfcheckReport report = GoodReport();
  const JsonDocument json = JsonDocument::Parse(SelfcheckJson(report));
  const JsonView root = json.root();
  EXPECT_EQ(root["concurrency"].AsInt(), 16);
  EXPECT_EQ(root["host"]["cpu"].AsString(), "A \"fast\" one");
  EXPECT_EQ(root["cores"]["client"].size(), 3u);
  EXPECT_EQ(root["cores"]["shared"].AsBool(), false);
  EXPECT_EQ(root["verdict"].AsString(), "ok");
  EXPECT_TRUE(root["reason"].IsNull());
  EXPECT_TRUE(root["limit"].IsNull());
  ASSERT_EQ(root["runs"].size(), 4u);
  const JsonView run = root["runs"].At(3);
  EXPECT_EQ(run["phase"].AsString(), "step");
  EXPECT_EQ(run["timestamps"].AsString(), "user");
  EXPECT_DOUBLE_EQ(run["error_us"]["p99"].AsDouble().value(), 4);
  EXPECT_DOUBLE_EQ(run["bracket_us"]["p999"].AsDouble().value(), 90);
  EXPECT_DOUBLE_EQ(run["judged_share"].AsDouble().value(), 0.98);
  EXPECT_DOUBLE_EQ(run["itl_ms"]["p99"]["true"].AsDouble().value(), 20.5);
  EXPECT_DOUBLE_EQ(run["ttft_ms"]["p50"]["measured"].AsDouble().value(), 211);
  EXPECT_DOUBLE_EQ(run["latency_ms"]["p99"]["measured"].AsDouble().value(), 2210);
  EXPECT_DOUBLE_EQ(run["send_delay_us"]["p99"].AsDouble().value(), 700);
  EXPECT_DOUBLE_EQ(run["cpu_s"].AsDouble().value(), 0.12);
  EXPECT_DOUBLE_EQ(run["others"]["client_cores"].AsDouble().value(), 0.05);
}

TEST(SelfcheckJson, HasNullForWhatDoesNotExist) {
  SelfcheckReport report = GoodReport();
  report.runs = {SelfcheckRun{.phase = "step", .timestamps = "kernel"}};
  const JsonDocument json = JsonDocument::Parse(SelfcheckJson(report));
  const JsonView run = json.root()["runs"].At(0);
  EXPECT_TRUE(run["error_us"]["p99"].IsNull());
  EXPECT_TRUE(run["itl_ms"]["p50"]["true"].IsNull());
  EXPECT_TRUE(run["others"].IsNull());
}

TEST(SelfcheckJson, HoldsProblemsAndNotes) {
  SelfcheckReport report = GoodReport();
  report.verdict = {.problems = {{"failed", "m1", "a1"}, {"inaccurate", "m2", "a2"}},
                    .notes = {{"one_core", "m3", "a3"}}};
  const JsonDocument json = JsonDocument::Parse(SelfcheckJson(report));
  EXPECT_EQ(json.root()["verdict"].AsString(), "failed");
  EXPECT_EQ(json.root()["reason"].AsString(), "m1");
  EXPECT_EQ(json.root()["advice"].AsString(), "a1");
  EXPECT_EQ(json.root()["problems"].At(1)["code"].AsString(), "inaccurate");
  EXPECT_EQ(json.root()["notes"].At(0)["message"].AsString(), "m3");
}

TEST(SelfcheckJson, HoldsTheSearch) {
  SelfcheckReport report = GoodReport();
  report.limit = SelfcheckLimit{.concurrency = 64, .first_bad = 70, .bound = 100};
  report.limit->probes = {{.concurrency = 64, .verdict = "ok", .error_p99_us = 4},
                          {.concurrency = 70, .verdict = "inaccurate", .reason = "off"}};
  const JsonDocument json = JsonDocument::Parse(SelfcheckJson(report));
  const JsonView limit = json.root()["limit"];
  EXPECT_EQ(limit["concurrency"].AsInt(), 64);
  EXPECT_EQ(limit["first_bad"].AsInt(), 70);
  EXPECT_EQ(limit["probes"].At(0)["error_p99_us"].AsDouble(), 4);
  EXPECT_TRUE(limit["probes"].At(0)["reason"].IsNull());
  EXPECT_EQ(limit["probes"].At(1)["verdict"].AsString(), "inaccurate");
  EXPECT_TRUE(limit["probes"].At(1)["error_p99_us"].IsNull());
}

}  // namespace
}  // namespace sseprof::selfcheck_json_test
