#include "scrape/server_page.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace sseprof::server_page_test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

ServerPage Read(std::string_view text) {
  const auto page = ReadServerPage(text);
  EXPECT_TRUE(page.has_value());
  return page.value_or(ServerPage{});
}

TEST(ReadServerPage, UnderstandsVllm) {
  const ServerPage page = Read(R"(# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_waiting{engine="0",model_name="m"} 1.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="m",reason="capacity"} 9.0
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
vllm:request_success_total{engine="0",finished_reason="stop",model_name="m"} 5.0
vllm:request_success_total{engine="0",finished_reason="length",model_name="m"} 7.0
vllm:request_success_total{engine="0",finished_reason="abort",model_name="m"} 2.0
vllm:request_success_created{engine="0",finished_reason="stop",model_name="m"} 1.7e+09
vllm:prompt_tokens_total{engine="0",model_name="m"} 120.0
vllm:generation_tokens_total{engine="0",model_name="m"} 768.0
vllm:num_preemptions_total{engine="0",model_name="m"} 4.0
vllm:prefix_cache_queries_total{engine="0",model_name="m"} 120.0
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 96.0
vllm:request_prefill_time_seconds_sum{engine="0",model_name="m"} 1.5
vllm:request_decode_time_seconds_sum{engine="0",model_name="m"} 20.25
vllm:time_to_first_token_seconds_bucket{engine="0",le="0.001",model_name="m"} 0.0
vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf",model_name="m"} 12.0
vllm:time_to_first_token_seconds_count{engine="0",model_name="m"} 12.0
vllm:time_to_first_token_seconds_sum{engine="0",model_name="m"} 0.5
)");
  EXPECT_EQ(page.kind, "vllm");
  const std::map<std::string_view, double> counters = {
      {"requests", 12},          {"prompt_tokens", 120},  {"generation_tokens", 768},
      {"preemptions", 4},        {"prefix_queries", 120}, {"prefix_hits", 96},
      {"decode_seconds", 20.25}, {"prefill_seconds", 1.5}};
  EXPECT_EQ(page.counters, counters);
  const std::map<std::string_view, double> gauges = {
      {"running", 3}, {"waiting", 1}, {"kv_usage", 0.25}};
  EXPECT_EQ(page.gauges, gauges);
  ASSERT_EQ(page.histograms.size(), 1u);
  const std::map<double, double> up_to = {{0.001, 0}, {kInfinity, 12}};
  EXPECT_EQ(page.histograms.at("ttft").up_to, up_to);
  EXPECT_EQ(page.histograms.at("ttft").sum, 0.5);
}

TEST(ReadServerPage, SumsOverEnginesButForSharesOfACache) {
  const ServerPage page = Read(R"(vllm:num_requests_running{engine="0"} 3
vllm:num_requests_running{engine="1"} 4
vllm:kv_cache_usage_perc{engine="0"} 0.25
vllm:kv_cache_usage_perc{engine="1"} 0.75
vllm:inter_token_latency_seconds_bucket{engine="0",le="0.01"} 5
vllm:inter_token_latency_seconds_bucket{engine="1",le="0.01"} 6
vllm:inter_token_latency_seconds_sum{engine="0"} 1
vllm:inter_token_latency_seconds_sum{engine="1"} 2
)");
  EXPECT_EQ(page.gauges.at("running"), 7);
  EXPECT_EQ(page.gauges.at("kv_usage"), 0.5);
  EXPECT_EQ(page.histograms.at("itl").up_to.at(0.01), 11);
  EXPECT_EQ(page.histograms.at("itl").sum, 3);
}

TEST(ReadServerPage, KnowsOlderNamesButCountsNothingTwice) {
  const std::string old = R"(vllm:gpu_cache_usage_perc 0.5
vllm:time_per_output_token_seconds_bucket{le="0.01"} 5
vllm:time_per_output_token_seconds_sum 2
vllm:gpu_prefix_cache_hits_total 8
)";
  const ServerPage page = Read(old);
  EXPECT_EQ(page.gauges.at("kv_usage"), 0.5);
  EXPECT_EQ(page.histograms.at("itl").sum, 2);
  EXPECT_EQ(page.counters.at("prefix_hits"), 8);
  const ServerPage both = Read(old + R"(vllm:kv_cache_usage_perc 0.25
vllm:inter_token_latency_seconds_bucket{le="0.01"} 6
vllm:inter_token_latency_seconds_sum 3
vllm:prefix_cache_hits_total 9
)");
  EXPECT_EQ(both.gauges.at("kv_usage"), 0.25);
  EXPECT_EQ(both.histograms.at("itl").up_to.at(0.01), 6);
  EXPECT_EQ(both.histograms.at("itl").sum, 3);
  EXPECT_EQ(both.counters.at("prefix_hits"), 9);
}

TEST(ReadServerPage, UnderstandsSglang) {
  const ServerPage page = Read(R"(sglang:num_running_reqs{model_name="m"} 2
sglang:num_queue_reqs{model_name="m"} 1
sglang:token_usage{model_name="m"} 0.1
sglang:prompt_tokens_total{model_name="m"} 100
sglang:generation_tokens_total{model_name="m"} 200
sglang:cached_tokens_total{cache_source="device",model_name="m"} 30
sglang:cached_tokens_total{cache_source="host",model_name="m"} 10
sglang:num_requests_total{model_name="m"} 9
sglang:num_aborted_requests_total{model_name="m"} 2
sglang:queue_time_seconds_bucket{le="0.0",model_name="m"} 1
sglang:time_to_first_token_seconds_bucket{is_streaming="True",le="0.1",model_name="m"} 9
sglang:inter_token_latency_seconds_bucket{le="0.002",model_name="m"} 191
sglang:e2e_request_latency_seconds_bucket{le="0.1",model_name="m"} 3
)");
  EXPECT_EQ(page.kind, "sglang");
  const std::map<std::string_view, double> counters = {{"requests", 7},
                                                       {"prompt_tokens", 100},
                                                       {"generation_tokens", 200},
                                                       {"prefix_queries", 100},
                                                       {"prefix_hits", 40}};
  EXPECT_EQ(page.counters, counters);
  EXPECT_EQ(page.gauges.at("running"), 2);
  EXPECT_EQ(page.gauges.at("waiting"), 1);
  EXPECT_EQ(page.gauges.at("kv_usage"), 0.1);
  EXPECT_EQ(page.histograms.at("queue").up_to.at(0), 1);
  EXPECT_EQ(page.histograms.at("ttft").up_to.at(0.1), 9);
  EXPECT_EQ(page.histograms.at("itl").up_to.at(0.002), 191);
  EXPECT_EQ(page.histograms.at("latency").up_to.at(0.1), 3);
}

TEST(ReadServerPage, UnderstandsLlamaCppWhichCountsCachedTokensApart) {
  const ServerPage page = Read(R"(llamacpp:prompt_tokens_total 30
llamacpp:prompt_tokens_cached_total 70
llamacpp:prompt_seconds_total 1.25
llamacpp:tokens_predicted_total 256
llamacpp:tokens_predicted_seconds_total 12.5
llamacpp:prompt_tokens_seconds 24
llamacpp:requests_processing 4
llamacpp:requests_deferred 3
)");
  EXPECT_EQ(page.kind, "llama.cpp");
  const std::map<std::string_view, double> counters = {
      {"prompt_tokens", 100},    {"prefix_queries", 100},    {"prefix_hits", 70},
      {"prefill_seconds", 1.25}, {"generation_tokens", 256}, {"decode_seconds", 12.5}};
  EXPECT_EQ(page.counters, counters);
  EXPECT_EQ(page.gauges.at("running"), 4);
  EXPECT_EQ(page.gauges.at("waiting"), 3);
  EXPECT_TRUE(page.histograms.empty());
}

TEST(ReadServerPage, PassesOverValuesThatAreNoNumbers) {
  const ServerPage page = Read(
      "vllm:num_requests_running NaN\nvllm:prompt_tokens_total +Inf\n"
      "vllm:num_requests_waiting -1e300\nvllm:inter_token_latency_seconds_sum 1e16\n"
      "vllm:inter_token_latency_seconds_bucket{le=\"1\"} 1e300\n"
      "vllm:generation_tokens_total 1\nvllm:time_to_first_token_seconds_bucket{le=\"x\"} 1\n");
  EXPECT_EQ(page.gauges.count("running"), 0u);
  EXPECT_EQ(page.gauges.count("waiting"), 0u);
  EXPECT_EQ(page.histograms.count("itl"), 0u);
  EXPECT_EQ(page.counters.count("prompt_tokens"), 0u);
  EXPECT_EQ(page.counters.at("generation_tokens"), 1);
  EXPECT_EQ(page.histograms.count("ttft"), 0u);
}

TEST(ReadServerPage, RefusesOtherPages) {
  EXPECT_FALSE(ReadServerPage(""));
  EXPECT_FALSE(ReadServerPage("<html>vllm:</html>"));
  EXPECT_FALSE(ReadServerPage("process_cpu_seconds_total 12\npython_info 1\n"));
  EXPECT_FALSE(ReadServerPage("vllm:unheard_of 1\n"));
}

}  // namespace
}  // namespace sseprof::server_page_test
