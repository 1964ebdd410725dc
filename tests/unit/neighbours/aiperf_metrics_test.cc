#include "neighbours/aiperf_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "three_requests.h"

namespace sseprof::aiperf_metrics_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

JsonDocument MetricsOf(const RunContext& context, const std::vector<RequestRecord>& records) {
  AiperfMetrics metrics(context);
  for (const RequestRecord& record : records) metrics.Add(record);
  metrics.Finish();
  JsonWriter json;
  json.BeginObject();
  metrics.Write(AiperfMetrics::Part::kBeforeTheRun, json);
  metrics.Write(AiperfMetrics::Part::kBehindTheRun, json);
  json.EndObject();
  return JsonDocument::Parse(json.text());
}

std::vector<RequestRecord> Measured() {
  std::vector<RequestRecord> records = ThreeRequests();
  records.erase(records.begin());
  return records;
}

class OfThreeRequests : public testing::Test {
 protected:
  double Value(const char* tag, const char* key = "avg") const {
    return result_.root()[tag][key].AsDouble().value_or(-1);
  }
  JsonDocument result_ = MetricsOf(ThreeRequestsContext(), Measured());
};

TEST_F(OfThreeRequests, AMetricOfRequestsHasTheseKeys) {
  EXPECT_THAT(KeysOf(result_.root()["request_latency"]),
              ElementsAre("unit", "avg", "p1", "p5", "p10", "p25", "p50", "p75", "p90", "p95",
                          "p99", "min", "max", "std", "count", "sum"));
  EXPECT_THAT(KeysOf(result_.root()["request_count"]), ElementsAre("unit", "avg"));
}

TEST_F(OfThreeRequests, TimesEndWithTheLastOutput) {
  EXPECT_EQ(result_.root()["request_latency"]["unit"].AsString(), "ms");
  EXPECT_DOUBLE_EQ(Value("request_latency"), 195);
  EXPECT_DOUBLE_EQ(Value("request_latency", "p50"), 195);
  EXPECT_DOUBLE_EQ(Value("request_latency", "p99"), 150 + 0.99 * 90);
  EXPECT_DOUBLE_EQ(Value("request_latency", "min"), 150);
  EXPECT_DOUBLE_EQ(Value("request_latency", "max"), 240);
  EXPECT_DOUBLE_EQ(Value("request_latency", "std"), 45);
  EXPECT_DOUBLE_EQ(Value("request_latency", "count"), 2);
  EXPECT_DOUBLE_EQ(Value("request_latency", "sum"), 390);
  EXPECT_DOUBLE_EQ(Value("time_to_first_token"), 180);
  EXPECT_DOUBLE_EQ(Value("time_to_first_output_token"), 180);
  EXPECT_DOUBLE_EQ(Value("time_to_second_token"), 30);
  EXPECT_DOUBLE_EQ(Value("time_to_second_token", "count"), 1);
  EXPECT_DOUBLE_EQ(Value("inter_chunk_latency"), 30);
  EXPECT_DOUBLE_EQ(Value("decode_duration", "sum"), 30);
  EXPECT_DOUBLE_EQ(Value("decode_duration", "count"), 2);
}

TEST_F(OfThreeRequests, TokensAreThoseOfUsage) {
  EXPECT_DOUBLE_EQ(Value("input_sequence_length", "sum"), 20);
  EXPECT_DOUBLE_EQ(Value("output_sequence_length", "sum"), 3);
  EXPECT_DOUBLE_EQ(Value("output_token_count", "sum"), 3);
  EXPECT_DOUBLE_EQ(Value("total_isl"), 20);
  EXPECT_DOUBLE_EQ(Value("total_osl"), 3);
  EXPECT_DOUBLE_EQ(Value("total_output_tokens"), 3);
  EXPECT_DOUBLE_EQ(Value("usage_prompt_tokens"), 10);
  EXPECT_DOUBLE_EQ(Value("total_usage_prompt_tokens"), 20);
  EXPECT_DOUBLE_EQ(Value("total_usage_completion_tokens"), 3);
  EXPECT_FALSE(result_.root().Has("reasoning_token_count"));
  EXPECT_FALSE(result_.root().Has("usage_prompt_cache_read_tokens"));
}

TEST_F(OfThreeRequests, RatesOfARequest) {
  EXPECT_DOUBLE_EQ(Value("inter_token_latency"), 30);
  EXPECT_DOUBLE_EQ(Value("inter_token_latency", "count"), 1);
  EXPECT_DOUBLE_EQ(Value("output_token_throughput_per_user"), 1 / 0.030);
  EXPECT_DOUBLE_EQ(Value("e2e_output_token_throughput", "max"), 2 / 0.150);
  EXPECT_DOUBLE_EQ(Value("e2e_output_token_throughput", "min"), 1 / 0.240);
  EXPECT_DOUBLE_EQ(Value("prefill_throughput_per_user", "max"), 11 / 0.120);
  EXPECT_DOUBLE_EQ(Value("osl_mismatch_diff_pct", "max"), -254 / 2.56);
  EXPECT_DOUBLE_EQ(Value("osl_mismatch_count"), 2);
}

TEST_F(OfThreeRequests, RatesOfTheRunAreOverTheTimeOfWhatWasValid) {
  EXPECT_DOUBLE_EQ(Value("benchmark_duration"), 0.290);  // 1.050 + 0.240 - 1.000
  EXPECT_DOUBLE_EQ(Value("request_throughput"), 2 / 0.290);
  EXPECT_DOUBLE_EQ(Value("output_token_throughput"), 3 / 0.290);
  EXPECT_DOUBLE_EQ(Value("input_token_throughput"), 20 / 0.290);
  EXPECT_DOUBLE_EQ(Value("total_token_throughput"), 23 / 0.290);
}

TEST_F(OfThreeRequests, ErrorsAreCounted) {
  EXPECT_DOUBLE_EQ(Value("request_count"), 2);
  EXPECT_DOUBLE_EQ(Value("error_request_count"), 1);
  EXPECT_DOUBLE_EQ(Value("completed_request_count"), 3);
  EXPECT_DOUBLE_EQ(Value("request_error_rate"), 100 / 3.0);
}

TEST_F(OfThreeRequests, ErrorsAreInfiniteInAdjustedLatencies) {
  const JsonView adjusted = result_.root()["adj_request_latency"];
  EXPECT_THAT(KeysOf(adjusted), ElementsAre("unit", "avg", "p1", "p5", "p10", "p25", "p50", "p75",
                                            "p90", "p95", "p99", "min", "max", "count", "sum"));
  EXPECT_TRUE(adjusted["avg"].IsNull());
  EXPECT_EQ(adjusted["p10"].AsDouble(), 150.0);
  EXPECT_EQ(adjusted["p25"].AsDouble(), 240.0);  // between the first and the second: up
  EXPECT_EQ(adjusted["p50"].AsDouble(), 240.0);
  EXPECT_TRUE(adjusted["p75"].IsNull());
  EXPECT_TRUE(adjusted["max"].IsNull());
  EXPECT_EQ(adjusted["count"].AsInt(), 3);
  for (const char* tag :
       {"adj_time_to_first_token", "adj_inter_token_latency", "adj_decode_duration"}) {
    EXPECT_TRUE(result_.root().Has(tag)) << tag;
  }
}

TEST_F(OfThreeRequests, WithoutObjectivesThereIsNoGoodput) {
  for (const char* tag : {"goodput", "good_request_count", "good_request_fraction"}) {
    EXPECT_FALSE(result_.root().Has(tag)) << tag;
  }
}

TEST(AiperfMetrics, WithoutErrorsHaveNoneOfThem) {
  std::vector<RequestRecord> records = Measured();
  records.pop_back();
  const JsonDocument result = MetricsOf(ThreeRequestsContext(), records);
  EXPECT_FALSE(result.root().Has("error_request_count"));
  EXPECT_FALSE(result.root().Has("adj_request_latency"));
  EXPECT_EQ(result.root()["request_error_rate"]["avg"].Text(), "0.0");
}

TEST(AiperfMetrics, CountWhatKeepsAllObjectives) {
  const auto good = [](const Slo& slo) {
    RunContext context = ThreeRequestsContext();
    context.slo = slo;
    const JsonDocument result = MetricsOf(context, Measured());
    const double count = result.root()["good_request_count"]["avg"].AsDouble().value();
    EXPECT_DOUBLE_EQ(result.root()["goodput"]["avg"].AsDouble().value(), count / 0.290);
    EXPECT_DOUBLE_EQ(result.root()["good_request_fraction"]["avg"].AsDouble().value(), count / 3);
    return count;
  };
  EXPECT_EQ(good({.ttft = 120ms}), 1);
  EXPECT_EQ(good({.latency = 240ms}), 2);
  EXPECT_EQ(good({.tpot = 30ms}), 1);  // one token has none, so it is not good
  EXPECT_EQ(good({.tpot = 29ms}), 0);
}

TEST(AiperfMetrics, TellReasoningFromOutput) {
  RequestRecord record = RecordBuilder(0)
                             .Event(EventKind::kOther, 50ms, 1)
                             .Event(EventKind::kOther, 60ms, 1)
                             .Output(80ms)
                             .Finish("stop")
                             .UsageTokens(10, 7)
                             .Build();
  record.usage->reasoning_tokens = 5;
  record.usage->cached_tokens = 4;
  record.max_tokens = 7;
  const JsonDocument result = MetricsOf(ThreeRequestsContext(), {record});
  const auto value = [&](const char* tag) { return result.root()[tag]["avg"].AsDouble(); };
  EXPECT_EQ(value("time_to_first_token"), 50.0);
  EXPECT_EQ(value("time_to_first_output_token"), 80.0);
  EXPECT_EQ(value("time_to_second_token"), 10.0);
  EXPECT_EQ(value("inter_chunk_latency"), 15.0);
  EXPECT_EQ(value("output_token_count"), 2.0);
  EXPECT_EQ(value("reasoning_token_count"), 5.0);
  EXPECT_EQ(value("total_reasoning_tokens"), 5.0);
  EXPECT_EQ(value("output_sequence_length"), 7.0);
  EXPECT_EQ(value("inter_token_latency"), 5.0);
  EXPECT_EQ(value("usage_prompt_cache_read_tokens"), 4.0);
  EXPECT_EQ(value("overall_usage_prompt_cache_read_pct"), 40.0);
  EXPECT_EQ(value("osl_mismatch_count"), 0.0);
}

TEST(AiperfMetrics, HaveCountedTokensWhereUsageIsMissing) {
  const RequestRecord record = RecordBuilder(0).Outputs(3, 10ms, 5ms).Finish("stop").Build();
  const JsonDocument result = MetricsOf(ThreeRequestsContext(), {record});
  EXPECT_EQ(result.root()["output_sequence_length"]["avg"].AsDouble(), 3.0);
  EXPECT_FALSE(result.root().Has("usage_completion_tokens"));
  EXPECT_FALSE(result.root().Has("input_sequence_length"));
  EXPECT_FALSE(result.root().Has("total_token_throughput"));
}

TEST(AiperfMetrics, OfAnAnswerWithoutOutputAreAnError) {
  AiperfMetrics metrics(ThreeRequestsContext());
  EXPECT_FALSE(metrics.Add(RecordBuilder(0)
                               .Event(EventKind::kEmpty, 1ms)
                               .Event(EventKind::kFinish, 2ms)
                               .Finish("stop")
                               .Build()));
  EXPECT_TRUE(metrics.Add(RecordBuilder(1).Output(1ms).Finish("stop").Build()));
}

TEST(AiperfMetrics, WithoutAStreamAreThoseThatNeedNone) {
  RunContext context = ThreeRequestsContext();
  context.stream = false;
  const JsonDocument result =
      MetricsOf(context, {RecordBuilder(0).Finish("stop").UsageTokens(4, 8).End(400ms).Build()});
  EXPECT_EQ(result.root()["request_latency"]["avg"].AsDouble(), 400.0);
  EXPECT_EQ(result.root()["e2e_output_token_throughput"]["avg"].AsDouble(), 20.0);
  EXPECT_EQ(result.root()["benchmark_duration"]["avg"].AsDouble(), 0.4);
  for (const char* tag : {"time_to_first_token", "inter_token_latency", "inter_chunk_latency",
                          "decode_duration", "prefill_throughput_per_user"}) {
    EXPECT_FALSE(result.root().Has(tag)) << tag;
  }
}

}  // namespace
}  // namespace sseprof::aiperf_metrics_test
