// Every value lands in its family.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "unit/live/loop_metrics_fixture.h"
#include "unit/live/metric_families_fixture.h"
#include "unit/record_builder.h"

namespace sseprof::metric_values_test {
namespace {

using ::testing::ElementsAre;

TEST(MetricValuesTest, ObjectivesAreShownIfGiven) {
  const RunMetrics with(Options(Facts())), one(Options(Facts("r1", {.tpot = 20ms}))),
      none(Options(Facts("r1", {})));
  const std::map<std::string, double> all = {
      {"slo=ttft;", 0.3}, {"slo=tpot;", 0.02}, {"slo=latency;", 5}};
  EXPECT_EQ(Values(FamiliesOf(with.Read({})), "sseprof_slo_seconds"), all);
  const std::map<std::string, double> tpot = {{"slo=tpot;", 0.02}};
  EXPECT_EQ(Values(FamiliesOf(one.Read({})), "sseprof_slo_seconds"), tpot);
  EXPECT_THROW(Family(FamiliesOf(none.Read({})), "sseprof_slo_seconds"), std::out_of_range);
}

TEST(MetricValuesTest, CountsLandInTheirFamilies) {
  const RunFacts facts = Facts();
  const LiveEdges edges = MakeLiveEdges(BucketChoice::kFine, {});
  RunReading reading = {.facts = &facts, .totals = LiveTotals(edges)};
  reading.exact.resize(4);
  const std::pair<LiveCounter, const char*> counters[] = {
      {LiveCounter::kStarted, "sseprof_requests_started_total"},
      {LiveCounter::kCompleted, "sseprof_requests_completed_total"},
      {LiveCounter::kWithinSlo, "sseprof_requests_within_slo_total"},
      {LiveCounter::kTokensCounted, "sseprof_output_tokens_counted_total"},
      {LiveCounter::kTokensReported, "sseprof_output_tokens_reported_total"},
      {LiveCounter::kPromptTokens, "sseprof_prompt_tokens_reported_total"},
      {LiveCounter::kUsageMismatches, "sseprof_usage_mismatches_total"},
      {LiveCounter::kUsageMissing, "sseprof_usage_missing_total"},
      {LiveCounter::kEvents, "sseprof_stream_events_total"},
      {LiveCounter::kBundled, "sseprof_bundled_events_total"},
      {LiveCounter::kCoalesced, "sseprof_coalesced_events_total"},
      {LiveCounter::kReceivedBytes, "sseprof_received_bytes_total"},
      {LiveCounter::kSentBytes, "sseprof_sent_bytes_total"},
      {LiveCounter::kConnectionsOpened, "sseprof_connections_opened_total"}};
  int value = 100;
  for (const auto& [counter, name] : counters) reading.totals[counter] = ++value;
  reading.totals[LiveCounter::kConnectionsClosed] = 4;
  for (std::size_t i = 1; i < kOutcomeCount; ++i) reading.totals.failures[i] = i;
  reading.totals[LiveCounter::kStarted] = 1000;
  reading.totals[LiveCounter::kCompleted] = 800;
  reading.busy = {1500ms, 250ms};
  const Families families = FamiliesOf(reading);
  for (const auto& [counter, name] : counters) {
    EXPECT_EQ(Value(families, name), static_cast<double>(reading.totals[counter])) << name;
  }
  EXPECT_EQ(Value(families, "sseprof_requests_in_flight"), 1000 - 800 - 14 * 15 / 2);
  EXPECT_EQ(Value(families, "sseprof_connections_open"),
            Value(families, "sseprof_connections_opened_total") - 4);
  const auto failures = Values(families, "sseprof_request_failures_total");
  EXPECT_EQ(failures.at("reason=connect;"), 1);
  EXPECT_EQ(failures.at("reason=http_429;"), 7);
  EXPECT_EQ(failures.at("reason=cancelled;"), 14);
  const auto busy = Values(families, "sseprof_event_loop_busy_seconds_total");
  EXPECT_EQ(busy.at("worker=0;"), 1.5);
  EXPECT_EQ(busy.at("worker=1;"), 0.25);
}

TEST(MetricValuesTest, SpansLandInTheirFamiliesCumulatively) {
  const RunFacts facts = Facts();
  const LiveEdges edges = MakeLiveEdges(BucketChoice::kFine, {});
  RunReading reading = {.facts = &facts, .totals = LiveTotals(edges)};
  reading.exact.resize(4);
  for (const auto& [name, span] : kHistograms) {
    LiveHistogram histogram(edges.Of(span));
    // One more of the least in each span; one in the middle, one above all.
    for (int i = 0; i <= static_cast<int>(span); ++i) histogram.Record(1us);
    histogram.Record(30ms);
    histogram.Record(1h);
    histogram.AddTo(reading.totals[span]);
  }
  const Families families = FamiliesOf(reading);
  for (const auto& [name, span] : kHistograms) {
    const auto& histogram = Only(families, name).histogram;
    const auto least = static_cast<std::uint64_t>(span) + 1;
    ASSERT_EQ(histogram.bucket.size(), edges.Of(span).size() + 1) << name;
    EXPECT_EQ(histogram.sample_count, least + 2) << name;
    EXPECT_EQ(histogram.bucket.back().cumulative_count, least + 2) << name;
    EXPECT_EQ(histogram.bucket.back().upper_bound, std::numeric_limits<double>::infinity());
    EXPECT_DOUBLE_EQ(histogram.sample_sum, static_cast<double>(least) * 1e-6 + 0.03 + 3600);
    for (std::size_t i = 0; i + 1 < histogram.bucket.size(); ++i) {
      const Nanos edge = edges.Of(span).edge(i);
      EXPECT_EQ(histogram.bucket[i].upper_bound, ToSeconds(edge)) << name;
      EXPECT_EQ(histogram.bucket[i].cumulative_count, least + (edge >= 30ms ? 1 : 0)) << name;
    }
  }
}

TEST(MetricValuesTest, TimesAndPhasesFollowTheRun) {
  RunMetrics run(Options(Facts()));
  run.loop(0).OnStart(RecordBuilder(0).Start(1002s).Build());
  Families families = FamiliesOf(run.Read(Instant{1005s}));
  EXPECT_EQ(Value(families, "sseprof_run_start_timestamp_seconds"), 1'700'000'002);
  EXPECT_EQ(Value(families, "sseprof_run_end_timestamp_seconds"), 0);
  EXPECT_EQ(Value(families, "sseprof_run_elapsed_seconds"), 3);
  EXPECT_EQ(Values(families, "sseprof_phase").at("phase=measure;"), 1);
  Summary summary;
  summary.total_time_s = 7.5;
  summary.itl.count = 4;
  summary.itl.mean = 0.5;
  summary.itl.p50 = 0.25;
  summary.itl.p999 = 0.75;
  run.Finish(summary);
  families = FamiliesOf(run.Read(Instant{1020s}));
  EXPECT_EQ(Value(families, "sseprof_run_end_timestamp_seconds"), 1'700'000'009.5);
  EXPECT_EQ(Value(families, "sseprof_run_elapsed_seconds"), 7.5);
  EXPECT_EQ(Values(families, "sseprof_phase").at("phase=measure;"), 0);
  EXPECT_EQ(Values(families, "sseprof_phase").at("phase=done;"), 1);
  const auto& exact = Only(families, "sseprof_run_inter_token_latency_seconds").summary;
  EXPECT_EQ(exact.sample_count, 4u);
  EXPECT_EQ(exact.sample_sum, 2);
  std::vector<double> at;
  for (const auto& quantile : exact.quantile) at.push_back(quantile.quantile);
  EXPECT_THAT(at, ElementsAre(0.5, 0.9, 0.95, 0.99, 0.999));
  EXPECT_EQ(exact.quantile[0].value, 0.25);
  EXPECT_TRUE(std::isnan(exact.quantile[1].value));
  EXPECT_EQ(exact.quantile[4].value, 0.75);
}

TEST(MetricValuesTest, TheProcessIsShownOnceWithTheLastRunsLabels) {
  const RunMetrics first(Options(Facts("r1"))), second(Options(Facts("r2")));
  const std::vector<RunReading> readings = {first.Read({}), second.Read({})};
  const Families families = MetricFamilies(readings, {.cpu = 1500ms,
                                                      .resident_bytes = 1 << 20,
                                                      .open_files = 7,
                                                      .most_files = 1024,
                                                      .started = 1'700'000'000s});
  const std::pair<const char*, double> facts[] = {{"process_cpu_seconds_total", 1.5},
                                                  {"process_resident_memory_bytes", 1 << 20},
                                                  {"process_open_fds", 7},
                                                  {"process_max_fds", 1024},
                                                  {"process_start_time_seconds", 1.7e9}};
  for (const auto& [name, value] : facts) {
    EXPECT_EQ(Value(families, name), value) << name;
    EXPECT_EQ(Only(families, name).label[0].value, "r2") << name;
  }
}

TEST(MetricValuesTest, RunsShareTheirFamilies) {
  RunMetrics first(Options(Facts("r1"))), second(Options(Facts("r2"), 3));
  second.loop(0).OnStart(RecordBuilder(0).Build());
  const std::vector<RunReading> readings = {first.Read({}), second.Read({})};
  const Families families = MetricFamilies(readings, {});
  EXPECT_EQ(families.size(), FamiliesOf(first.Read({})).size());
  const MetricFamily& started = Family(families, "sseprof_requests_started_total");
  ASSERT_EQ(started.metric.size(), 2u);
  EXPECT_EQ(started.metric[0].label[0].value, "r1");
  EXPECT_EQ(started.metric[0].counter.value, 0);
  EXPECT_EQ(started.metric[1].label[0].value, "r2");
  EXPECT_EQ(started.metric[1].counter.value, 1);
  EXPECT_EQ(Family(families, "sseprof_event_loop_busy_seconds_total").metric.size(), 4u);
}

}  // namespace
}  // namespace sseprof::metric_values_test
