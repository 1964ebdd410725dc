#include "stats/server_side.h"

#include <gtest/gtest.h>

#include "../record_builder.h"

namespace sseprof::server_side_test {
namespace {

using namespace std::chrono_literals;

RunContext Streamed() { return {}; }

RecordBuilder Answer(std::int64_t n) {
  return RecordBuilder(n).Outputs(4, 20ms, 10ms).Done(51ms).Finish("length").UsageTokens(100, 4);
}

ServerWindow Window(double requests, double prompt, double generated) {
  ServerWindow window;
  window.kind = "vllm";
  window.scrapes = 2;
  window.length = 1s;
  window.requests = requests;
  window.prompt_tokens = prompt;
  window.generation_tokens = generated;
  return window;
}

ServerReport Report(const ServerSide& side, const ServerWindow& window) {
  RunEnd end;
  end.server_window = window;
  return side.Finish(&end).value();
}

TEST(ServerDistribution, InterpolatesInTheBucketAndTellsItsEdges) {
  // 10 values up to 0.1, 30 up to 0.2, none up to 0.5, 10 above.
  const ServerDistribution d =
      DistributionOf({.edges = {0.1, 0.2, 0.5}, .counts = {10, 30, 0, 10}, .sum = 12.5});
  EXPECT_EQ(d.count, 50u);
  EXPECT_EQ(d.mean, 0.25);
  EXPECT_DOUBLE_EQ(d.p50.value.value(), 0.1 + 0.1 * 15 / 30);  // rank 25
  EXPECT_EQ(d.p50.low, 0.1);
  EXPECT_EQ(d.p50.high, 0.2);
  EXPECT_EQ(d.p90.value, 0.5);  // rank 45, in the infinite bucket
  EXPECT_EQ(d.p90.low, 0.5);
  EXPECT_EQ(d.p90.high, std::nullopt);
}

TEST(ServerDistribution, BeginsAtZero) {
  const ServerDistribution d = DistributionOf({.edges = {0.01}, .counts = {4, 0}, .sum = 0.02});
  EXPECT_DOUBLE_EQ(d.p50.value.value(), 0.005);
  EXPECT_EQ(d.p50.low, 0);
  EXPECT_EQ(d.p50.high, 0.01);
}

TEST(ServerDistribution, OfNothingHasNoFigures) {
  const ServerDistribution d = DistributionOf({.edges = {0.01}, .counts = {0, 0}, .sum = 0});
  EXPECT_EQ(d.count, 0u);
  EXPECT_EQ(d.mean, std::nullopt);
  EXPECT_EQ(d.p50.value, std::nullopt);
}

TEST(ServerSide, IsAbsentIfTheServerToldNothing) {
  ServerSide side(Streamed());
  side.Add(Answer(0).Build());
  const RunEnd end;
  EXPECT_FALSE(side.Finish(&end).has_value());
  EXPECT_FALSE(side.Finish(nullptr).has_value());
}

TEST(ServerSide, AgreesToTheUnit) {
  ServerSide side(Streamed());
  side.Add(Answer(0).Warmup().Build());
  side.Add(Answer(1).Build());
  EXPECT_EQ(Report(side, Window(2, 200, 8)).agrees, true);
  EXPECT_EQ(Report(side, Window(3, 200, 8)).agrees, false);
  EXPECT_EQ(Report(side, Window(2, 201, 8)).agrees, false);
  EXPECT_EQ(Report(side, Window(2, 200, 7)).agrees, false);
  const ServerReport report = Report(side, Window(2, 200, 8));
  EXPECT_EQ(report.requests, 2u);
  EXPECT_EQ(report.client_requests, 2u);
  EXPECT_EQ(report.client_prompt_tokens, 200);
  EXPECT_EQ(report.client_generation_tokens, 8);
}

TEST(ServerSide, HoldsWhatTheServerTells) {
  ServerSide side(Streamed());
  side.Add(Answer(0).Build());
  ServerWindow window = Window(1, 100, 4);
  window.requests = std::nullopt;
  EXPECT_EQ(Report(side, window).agrees, true);
  window.prompt_tokens = window.generation_tokens = std::nullopt;
  EXPECT_EQ(Report(side, window).agrees, std::nullopt);
}

TEST(ServerSide, DoesNotJudgeWhereFailedRequestsOrChoicesBlurTheCount) {
  ServerSide failed(Streamed());
  failed.Add(Answer(0).Build());
  failed.Add(Answer(1).Fail(Outcome::kTruncated).Build());
  EXPECT_EQ(Report(failed, Window(5, 100, 4)).agrees, std::nullopt);
  ServerSide choices(Streamed());
  choices.Add(Answer(0).Finish("length").Build());
  EXPECT_EQ(Report(choices, Window(5, 100, 4)).agrees, std::nullopt);
  EXPECT_EQ(Report(ServerSide(Streamed()), Window(5, 100, 4)).agrees, std::nullopt);
}

TEST(ServerSide, SetsTheMeansAgainstEachOtherWhereCountsAgree) {
  ServerSide side(Streamed());
  side.Add(Answer(0).Warmup().Build());  // TTFT 20 ms, three gaps of 10 ms, latency 51 ms
  side.Add(Answer(1).Build());
  ServerWindow window = Window(2, 200, 8);
  window.ttft = {.edges = {1}, .counts = {2, 0}, .sum = 0.03};
  window.itl = {.edges = {1}, .counts = {6, 0}, .sum = 0.0603};
  window.latency = {.edges = {1}, .counts = {2, 0}, .sum = 0.1};
  const ServerReport report = Report(side, window);
  EXPECT_DOUBLE_EQ(report.ttft_between_s.value(), 0.020 - 0.015);
  EXPECT_DOUBLE_EQ(report.itl_between_s.value(), 0.010 - 0.01005);
  EXPECT_NEAR(report.latency_between_s.value(), 0.051 - 0.050, 1e-12);
  window.requests = 3;
  EXPECT_EQ(Report(side, window).ttft_between_s, std::nullopt);
}

TEST(ServerSide, SetsNoMeansOfOtherValuesAgainstEachOther) {
  ServerSide side(Streamed());
  side.Add(Answer(0).Build());  // three gaps
  ServerWindow window = Window(1, 100, 4);
  window.ttft = {.edges = {1}, .counts = {1, 0}, .sum = 0.01};
  window.itl = {.edges = {1}, .counts = {30, 0}, .sum = 0.03};
  const ServerReport report = Report(side, window);
  EXPECT_TRUE(report.ttft_between_s.has_value());
  EXPECT_EQ(report.itl_between_s, std::nullopt);
}

TEST(ServerSide, HoldsNoTokensThatNoUsageTold) {
  ServerSide side(Streamed());
  side.Add(Answer(0).Build());
  side.Add(RecordBuilder(1).Outputs(4, 20ms, 10ms).Done(51ms).Finish("length").Build());
  const ServerReport report = Report(side, Window(2, 200, 8));
  EXPECT_EQ(report.agrees, true);
  EXPECT_EQ(report.client_prompt_tokens, std::nullopt);
  EXPECT_EQ(report.client_generation_tokens, std::nullopt);
  EXPECT_EQ(Report(side, Window(3, 200, 8)).agrees, false);
}

TEST(ServerSide, HasNoTtftOfWholeAnswers) {
  RunContext whole;
  whole.stream = false;
  ServerSide side(whole);
  side.Add(Answer(0).Build());
  ServerWindow window = Window(1, 100, 4);
  window.ttft = {.edges = {1}, .counts = {1, 0}, .sum = 0.03};
  window.itl = {.edges = {1}, .counts = {3, 0}, .sum = 0.03};
  window.latency = {.edges = {1}, .counts = {1, 0}, .sum = 0.05};
  const ServerReport report = Report(side, window);
  EXPECT_EQ(report.ttft_between_s, std::nullopt);
  EXPECT_EQ(report.itl_between_s, std::nullopt);
  EXPECT_NEAR(report.latency_between_s.value(), 0.001, 1e-12);
}

TEST(ServerSide, SaysHowMuchOfThePromptsWasInTheCache) {
  ServerWindow window = Window(1, 100, 4);
  window.prefix_queries = 160;
  window.prefix_hits = 40;
  EXPECT_EQ(Report(ServerSide(Streamed()), window).prefix_hit_rate, 0.25);
  window.prefix_queries = 0;
  EXPECT_EQ(Report(ServerSide(Streamed()), window).prefix_hit_rate, std::nullopt);
}

TEST(ServerSide, GathersTheTimesThatCameWithTheAnswers) {
  ServerSide side(Streamed());
  side.Add(Answer(0).Warmup().ServerMetrics("{}", {.queue = 1s, .first_token = 1s}).Build());
  side.Add(
      Answer(1).ServerMetrics("{}", {.queue = 2ms, .first_token = 15ms, .decode = 30ms}).Build());
  side.Add(Answer(2).ServerMetrics("{}", {.first_token = 21ms}).Build());
  side.Add(Answer(3).Build());
  const RunEnd end;
  const ServerReport report = side.Finish(&end).value();
  EXPECT_EQ(report.scrapes, 0u);
  EXPECT_EQ(report.window_s, std::nullopt);
  const ServerPerRequest& times = report.per_request.value();
  EXPECT_EQ(times.count, 2u);
  EXPECT_EQ(times.queue.count, 1u);
  EXPECT_EQ(times.decode.max, 0.030);
  EXPECT_EQ(times.between.count, 2u);
  EXPECT_EQ(times.between.max, 0.003);   // 20 - 2 - 15 ms
  EXPECT_EQ(times.between.min, -0.001);  // 20 - 21 ms
  EXPECT_FALSE(times.between.weak.empty());
}

}  // namespace
}  // namespace sseprof::server_side_test
