#include "sim/sim_metrics.h"

#include <gmock/gmock.h>

#include <string>

namespace sseprof::sim_metrics_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view kLabels = R"({engine="0",model_name="m"})";

std::string Sample(std::string_view name, std::string_view value) {
  return "\nvllm:" + std::string{name} + std::string{kLabels} + " " + std::string{value} + "\n";
}

std::string Bucket(std::string_view name, std::string_view edge, int count) {
  return "\nvllm:" + std::string{name} + R"(_bucket{engine="0",model_name="m",le=")" +
         std::string{edge} + "\"} " + std::to_string(count) + "\n";
}

TEST(SimMetrics, GaugesShowTheGivenState) {
  const std::string page =
      SimMetrics{}.Text("m", {.running = 3, .waiting = 2, .kv_cache_usage = 0.25});
  EXPECT_THAT(page, HasSubstr(Sample("num_requests_running", "3")));
  EXPECT_THAT(page, HasSubstr(Sample("num_requests_waiting", "2")));
  EXPECT_THAT(page, HasSubstr(Sample("kv_cache_usage_perc", "0.25")));
}

TEST(SimMetrics, CountersAddUp) {
  SimMetrics metrics;
  metrics.CountPrompt(110);
  metrics.CountPrompt(10);
  metrics.CountGenerated(256);
  const std::string page = metrics.Text("m", {});
  EXPECT_THAT(page, HasSubstr(Sample("prompt_tokens_total", "120")));
  EXPECT_THAT(page, HasSubstr(Sample("generation_tokens_total", "256")));
}

TEST(SimMetrics, BucketsHoldEverythingUpToTheirEdge) {
  SimMetrics metrics;
  metrics.ObserveTtft(20ms);
  metrics.ObserveTtft(20'000'001ns);
  metrics.ObserveTtft(3000s);
  const std::string page = metrics.Text("m", {});
  EXPECT_THAT(page, HasSubstr(Bucket("time_to_first_token_seconds", "0.01", 0)));
  EXPECT_THAT(page, HasSubstr(Bucket("time_to_first_token_seconds", "0.02", 1)));
  EXPECT_THAT(page, HasSubstr(Bucket("time_to_first_token_seconds", "0.04", 2)));
  EXPECT_THAT(page, HasSubstr(Bucket("time_to_first_token_seconds", "2560", 2)));
  EXPECT_THAT(page, HasSubstr(Bucket("time_to_first_token_seconds", "+Inf", 3)));
  EXPECT_THAT(page, HasSubstr(Sample("time_to_first_token_seconds_count", "3")));
}

TEST(SimMetrics, GapsHaveTheirOwnHistogram) {
  SimMetrics metrics;
  metrics.ObserveGap(500ms);
  metrics.ObserveGap(250ms);
  const std::string page = metrics.Text("m", {});
  EXPECT_THAT(page, HasSubstr(Bucket("inter_token_latency_seconds", "0.3", 1)));
  EXPECT_THAT(page, HasSubstr(Sample("inter_token_latency_seconds_sum", "0.75")));
}

TEST(SimMetrics, AbortedRequestsHaveNoLatency) {
  SimMetrics metrics;
  metrics.CountFinish(SimMetrics::Finish::kAbort, 9s);
  metrics.CountFinish(SimMetrics::Finish::kLength, 2s);
  metrics.CountFinish(SimMetrics::Finish::kStop, 1s);
  const std::string page = metrics.Text("m", {});
  EXPECT_THAT(page, HasSubstr(Sample("e2e_request_latency_seconds_count", "2")));
  EXPECT_THAT(page, HasSubstr(Sample("e2e_request_latency_seconds_sum", "3")));
  EXPECT_THAT(page, HasSubstr(R"(model_name="m",finished_reason="abort"} 1)"));
  EXPECT_THAT(page, HasSubstr(R"(model_name="m",finished_reason="stop"} 1)"));
}

TEST(SimMetrics, ModelNameIsEscaped) {
  EXPECT_THAT(SimMetrics{}.Text("a\"b\\c\nd", {}), HasSubstr(R"(model_name="a\"b\\c d")"));
}

}  // namespace
}  // namespace sseprof::sim_metrics_test
