#include "neighbours/vllm_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "three_requests.h"

namespace sseprof::vllm_result_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::ElementsAreArray;

// As `vllm bench serve` 0.32.0 writes them.
constexpr const char* kKeys[] = {"date",
                                 "endpoint_type",
                                 "backend",
                                 "label",
                                 "model_id",
                                 "tokenizer_id",
                                 "num_prompts",
                                 "request_rate",
                                 "burstiness",
                                 "max_concurrency",
                                 "duration",
                                 "completed",
                                 "failed",
                                 "total_input_tokens",
                                 "total_output_tokens",
                                 "request_throughput",
                                 "request_goodput",
                                 "output_throughput",
                                 "total_token_throughput",
                                 "input_lens",
                                 "output_lens",
                                 "ttfts",
                                 "itls",
                                 "latencies",
                                 "start_times",
                                 "queue_times",
                                 "generated_texts",
                                 "errors",
                                 "max_output_tokens_per_s",
                                 "max_concurrent_requests",
                                 "rtfx",
                                 "mean_ttft_ms",
                                 "median_ttft_ms",
                                 "std_ttft_ms",
                                 "p99_ttft_ms",
                                 "mean_tpot_ms",
                                 "median_tpot_ms",
                                 "std_tpot_ms",
                                 "p99_tpot_ms",
                                 "mean_itl_ms",
                                 "median_itl_ms",
                                 "std_itl_ms",
                                 "p99_itl_ms"};

JsonDocument ResultOf(const RunContext& context, const std::vector<RequestRecord>& records) {
  VllmResult result(context);
  for (const RequestRecord& record : records) result.Add(record);
  return JsonDocument::Parse(result.Finish());
}

JsonDocument ResultOfThree(const Slo& slo = {}) {
  RunContext context = ThreeRequestsContext();
  context.slo = slo;
  std::vector<RequestRecord> records = ThreeRequests();
  std::reverse(records.begin(), records.end());  // they end in another order than they start
  return ResultOf(context, records);
}

std::vector<double> Doubles(const JsonView& array) {
  std::vector<double> values;
  for (std::size_t i = 0; i < array.size(); ++i) values.push_back(array.At(i).AsDouble().value());
  return values;
}

TEST(VllmResult, HasExactlyTheKeysInTheirOrder) {
  EXPECT_THAT(KeysOf(ResultOfThree().root()), ElementsAreArray(kKeys));
}

TEST(VllmResult, SaysWhatWasRun) {
  const JsonDocument result = ResultOfThree();
  const JsonView root = result.root();
  EXPECT_EQ(root["date"].AsString(), "20260102-030405");
  EXPECT_EQ(root["endpoint_type"].AsString(), "openai-chat");
  EXPECT_EQ(root["backend"].AsString(), "openai-chat");
  EXPECT_TRUE(root["label"].IsNull());
  EXPECT_EQ(root["model_id"].AsString(), "m");
  EXPECT_TRUE(root["tokenizer_id"].IsNull());
  EXPECT_EQ(root["num_prompts"].AsInt(), 3);
  EXPECT_EQ(root["request_rate"].AsString(), "inf");
  EXPECT_EQ(root["burstiness"].Text(), "1.0");
  EXPECT_EQ(root["max_concurrency"].AsInt(), 2);
}

TEST(VllmResult, SumsUpWhatWasCompleted) {
  const JsonDocument result = ResultOfThree();
  const JsonView root = result.root();
  EXPECT_DOUBLE_EQ(root["duration"].AsDouble().value(), 0.302);
  EXPECT_EQ(root["completed"].AsInt(), 2);
  EXPECT_EQ(root["failed"].AsInt(), 1);
  EXPECT_EQ(root["total_input_tokens"].AsInt(), 20);
  EXPECT_EQ(root["total_output_tokens"].AsInt(), 3);
  EXPECT_DOUBLE_EQ(root["request_throughput"].AsDouble().value(), 2 / 0.302);
  EXPECT_TRUE(root["request_goodput"].IsNull());
  EXPECT_DOUBLE_EQ(root["output_throughput"].AsDouble().value(), 3 / 0.302);
  EXPECT_DOUBLE_EQ(root["total_token_throughput"].AsDouble().value(), 23 / 0.302);
  EXPECT_EQ(root["max_output_tokens_per_s"].Text(), "7.0");
  EXPECT_EQ(root["max_concurrent_requests"].AsInt(), 2);
  EXPECT_EQ(root["rtfx"].Text(), "0.0");
}

TEST(VllmResult, HasEveryRequestInTheOrderOfSending) {
  const JsonDocument result = ResultOfThree();
  const JsonView root = result.root();
  EXPECT_EQ(root["input_lens"].Text(), "[11,9,0]");
  EXPECT_EQ(root["output_lens"].Text(), "[2,1,0]");
  EXPECT_THAT(Doubles(root["ttfts"]), ElementsAre(0.1, 0.2, 0.0));
  ASSERT_EQ(root["itls"].size(), 3u);
  EXPECT_THAT(Doubles(root["itls"].At(0)), ElementsAre(0.02, 0.03, 0.02));
  EXPECT_THAT(Doubles(root["itls"].At(1)), ElementsAre(0.04, 0.01));
  EXPECT_EQ(root["itls"].At(2).Text(), "[]");
  EXPECT_THAT(Doubles(root["latencies"]), ElementsAre(0.17, 0.25, 0.0));
  EXPECT_THAT(Doubles(root["start_times"]), ElementsAre(1.0, 1.05, 1.1));
  EXPECT_THAT(Doubles(root["queue_times"]), ElementsAre(0.0, 0.05, 0.1));
  EXPECT_EQ(root["generated_texts"].Text(), R"(["","",""])");
  EXPECT_EQ(root["errors"].Text(), R"(["","","http_429: slow down"])");
}

TEST(VllmResult, StatesMilliseconds) {
  const JsonDocument result = ResultOfThree();
  const auto value = [&](const char* key) { return result.root()[key].AsDouble().value(); };
  EXPECT_NEAR(value("mean_ttft_ms"), 150, 1e-9);
  EXPECT_NEAR(value("median_ttft_ms"), 150, 1e-9);
  EXPECT_NEAR(value("std_ttft_ms"), 50, 1e-9);
  EXPECT_NEAR(value("p99_ttft_ms"), 199, 1e-9);
  EXPECT_NEAR(value("mean_tpot_ms"), 70, 1e-9);
  EXPECT_NEAR(value("std_tpot_ms"), 0, 1e-9);
  EXPECT_NEAR(value("mean_itl_ms"), 24, 1e-9);
  EXPECT_NEAR(value("median_itl_ms"), 20, 1e-9);
  EXPECT_NEAR(value("std_itl_ms"), std::sqrt(104.0), 1e-9);
  EXPECT_NEAR(value("p99_itl_ms"), 39.6, 1e-9);
}

TEST(VllmResult, CountsWhatKeepsAllObjectives) {
  const auto goodput = [](const Slo& slo) {
    return ResultOfThree(slo).root()["request_goodput"].AsDouble().value() * 0.302;
  };
  EXPECT_NEAR(goodput({.ttft = 100ms}), 1, 1e-9);  // reached is kept
  EXPECT_NEAR(goodput({.ttft = 99ms}), 0, 1e-9);
  EXPECT_NEAR(goodput({.tpot = 69ms}), 1, 1e-9);  // one token has a TPOT of 0
  EXPECT_NEAR(goodput({.tpot = 70ms}), 2, 1e-9);
  EXPECT_NEAR(goodput({.tpot = 69ms, .latency = 200ms}), 0, 1e-9);
}

TEST(VllmResult, OfNothingIsZeroes) {
  const JsonDocument result = ResultOf(ThreeRequestsContext(), {});
  EXPECT_THAT(KeysOf(result.root()), ElementsAreArray(kKeys));
  EXPECT_EQ(result.root()["duration"].Text(), "0.0");
  EXPECT_EQ(result.root()["request_throughput"].Text(), "0.0");
  EXPECT_EQ(result.root()["ttfts"].Text(), "[]");
  EXPECT_EQ(result.root()["p99_ttft_ms"].Text(), "0.0");
}

TEST(VllmResult, HasLabelsWhereMetadataStands) {
  RunContext context = ThreeRequestsContext();
  context.labels = {{"gpu", "H100"}, {"duration", "never"}};
  context.requests.reset();
  const JsonDocument result = ResultOf(context, ThreeRequests());
  std::vector<std::string> keys = KeysOf(result.root());
  ASSERT_EQ(keys.size(), std::size(kKeys) + 1);
  EXPECT_EQ(keys[7], "gpu");
  EXPECT_EQ(result.root()["gpu"].AsString(), "H100");
  EXPECT_TRUE(result.root()["duration"].AsDouble());
  EXPECT_EQ(result.root()["num_prompts"].AsInt(), 3);  // started
}

TEST(VllmResult, QueuesFromTheInstantThatWasPlanned) {
  std::vector<RequestRecord> records = ThreeRequests();
  records[2].scheduled = Instant{1040ms};
  const JsonDocument result = ResultOf(ThreeRequestsContext(), records);
  EXPECT_THAT(Doubles(result.root()["queue_times"]), ElementsAre(0.0, 0.01, 0.1));
}

}  // namespace
}  // namespace sseprof::vllm_result_test
