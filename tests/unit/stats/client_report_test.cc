#include "stats/client_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "../record_builder.h"

namespace sseprof::client_report_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Distribution AllAt(double seconds) {
  Distribution d;
  d.count = 100;
  d.p50 = d.p90 = d.p95 = d.p99 = d.p999 = seconds;
  return d;
}

/// Figures of a healthy run: TTFT 100 ms, ITL 10 ms, latency 2 s, sending 1 ms.
Summary Healthy() {
  Summary summary;
  summary.ttft = AllAt(0.1);
  summary.latency = AllAt(2);
  summary.tpot = AllAt(0.01);
  summary.send_delay = AllAt(0.001);
  static_cast<Distribution&>(summary.itl) = AllAt(0.01);
  for (const char* name : {"p50", "p90", "p95", "p99", "p999"}) {
    summary.itl.low[name] = summary.itl.high[name] = 0.01;
  }
  return summary;
}

RunEnd EndWithDelay(Nanos client_delay, std::string timestamps) {
  RunEnd end;
  end.client.client_delay.Record(client_delay, 100);
  end.timestamps = std::move(timestamps);
  return end;
}

EventCounts Output(std::uint64_t all, std::uint64_t coalesced) {
  EventCounts events;
  events.output = all;
  events.output_coalesced = coalesced;
  return events;
}

TEST(ClientReport, EventsAreExactBundledOrCoalescedByTheirWidth) {
  EventCounts events;
  events.Add(RecordBuilder(0)
                 .Output(1ms)
                 .Output(2ms, 1, 100us)
                 .Output(3ms, 1, 101us)
                 .Event(EventKind::kDone, 4ms, 0, 3ms)
                 .Build());
  EXPECT_EQ(events.exact, 1u);
  EXPECT_EQ(events.bundled, 1u);
  EXPECT_EQ(events.coalesced, 2u);
  EXPECT_EQ(events.output, 3u);
  EXPECT_EQ(events.output_coalesced, 1u);
  EXPECT_EQ(events.output_bundled, 1u);
  EXPECT_EQ(events.widest, Nanos{3ms});
  EXPECT_DOUBLE_EQ(events.CoalescedShare(), 1.0 / 3);
}

TEST(ClientReport, NoEventsAreNoneCoalesced) { EXPECT_EQ(EventCounts{}.CoalescedShare(), 0); }

TEST(ClientReport, ATrueClientIsOk) {
  const ClientReport client =
      MakeClientReport(Healthy(), Output(100, 5), 3, EndWithDelay(90ms, "kernel"));
  EXPECT_EQ(client.verdict, "ok");
  EXPECT_EQ(client.reason, "");
  EXPECT_EQ(client.retried, 3u);
  EXPECT_DOUBLE_EQ(*client.send_delay.p99, 0.001);
  EXPECT_DOUBLE_EQ(*client.client_delay.p99, 0.09);
  EXPECT_THAT(client.client_delay.weak, ElementsAre("p95", "p99", "p999"));
}

TEST(ClientReport, MoreThanFivePerCentCoalescedLimits) {
  const ClientReport client =
      MakeClientReport(Healthy(), Output(100, 6), 0, EndWithDelay(1us, "kernel"));
  EXPECT_EQ(client.verdict, "client_limited");
  EXPECT_THAT(client.reason, HasSubstr("6.0 %"));
}

TEST(ClientReport, SlowSendingLimits) {
  Summary summary = Healthy();
  summary.send_delay.p99 = 0.0051;
  const ClientReport client =
      MakeClientReport(summary, Output(100, 0), 0, EndWithDelay(1us, "kernel"));
  EXPECT_EQ(client.verdict, "client_limited");
  EXPECT_THAT(client.reason, HasSubstr("5100 us"));
}

TEST(ClientReport, LateReadingLimitsOnlyWhereTheReadIsTheStamp) {
  const RunEnd late = EndWithDelay(600us, "user");
  EXPECT_EQ(MakeClientReport(Healthy(), Output(1, 0), 0, late).verdict, "client_limited");
  EXPECT_EQ(MakeClientReport(Healthy(), Output(1, 0), 0, EndWithDelay(600us, "kernel")).verdict,
            "ok");
}

TEST(ClientReport, CarriesWhatTheRunMeasured) {
  RunEnd end = EndWithDelay(1us, "kernel");
  end.path = "nic";
  end.threads = 3;
  end.cpu = 1500ms;
  end.max_rss_bytes = 123;
  end.client.busy = 1s;
  end.client.elapsed = 4s;
  end.client.clock_rejected = 7;
  const ClientReport client = MakeClientReport(Healthy(), Output(1, 0), 0, end);
  EXPECT_EQ(client.path, "nic");
  EXPECT_EQ(client.threads, 3);
  EXPECT_DOUBLE_EQ(client.cpu_s, 1.5);
  EXPECT_EQ(client.max_rss_bytes, 123);
  EXPECT_DOUBLE_EQ(client.loop_busy, 0.25);
  EXPECT_EQ(client.clock_rejected, 7u);
}

TEST(Untrusted, NothingIsMarkedInAHealthyRun) {
  Summary summary = Healthy();
  MarkUntrusted(summary);
  EXPECT_THAT(summary.itl.untrusted, IsEmpty());
  EXPECT_THAT(summary.ttft.untrusted, IsEmpty());
  EXPECT_THAT(summary.latency.untrusted, IsEmpty());
  EXPECT_THAT(summary.tpot.untrusted, IsEmpty());
}

TEST(Untrusted, AGapQuantileIsMarkedByItsOwnBounds) {
  Summary summary = Healthy();
  summary.itl.low["p99"] = 0.0094;
  summary.itl.high["p999"] = 0.0106;
  summary.itl.high["p50"] = 0.0104;
  summary.steady_state.emplace();
  MarkUntrusted(summary);
  EXPECT_THAT(summary.itl.untrusted, ElementsAre("p99", "p999"));
  EXPECT_THAT(summary.steady_state->itl.untrusted, ElementsAre("p99", "p999"));
  EXPECT_THAT(summary.tpot.untrusted, IsEmpty());
}

TEST(Untrusted, SendingAboveFivePerCentMarksTtftAndLatencyAtThatQuantile) {
  Summary summary = Healthy();
  summary.send_delay.p95 = 0.006;
  summary.send_delay.p99 = 0.2;
  MarkUntrusted(summary);
  EXPECT_THAT(summary.ttft.untrusted, ElementsAre("p95", "p99"));
  EXPECT_THAT(summary.latency.untrusted, ElementsAre("p99"));
  EXPECT_THAT(summary.itl.untrusted, IsEmpty());
}

TEST(Untrusted, UserStampsMarkByTheReadingDelay) {
  Summary summary = Healthy();
  summary.client = MakeClientReport(summary, Output(1, 0), 0, EndWithDelay(6ms, "user"));
  MarkUntrusted(summary);
  EXPECT_EQ(summary.itl.untrusted.size(), 5u);
  EXPECT_EQ(summary.tpot.untrusted.size(), 5u);
  EXPECT_EQ(summary.ttft.untrusted.size(), 5u);
  EXPECT_THAT(summary.latency.untrusted, IsEmpty());
}

}  // namespace
}  // namespace sseprof::client_report_test
