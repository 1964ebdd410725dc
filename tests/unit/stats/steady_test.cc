#include "stats/steady.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "../record_builder.h"

namespace sseprof::steady_test {
namespace {

using namespace std::chrono_literals;

std::optional<SteadyCollector::Window> Collect(const std::vector<RequestRecord>& records,
                                               int concurrency) {
  SteadyCollector collector(concurrency);
  for (const RequestRecord& record : records) {
    collector.Add(record, record.start.time_since_epoch());
  }
  return collector.Finish();
}

/// Output at 10, 20 .. 50 ms.
RecordBuilder Stream(std::int64_t n, Nanos start) {
  return RecordBuilder(n).Start(start).Outputs(5, 10ms, 10ms).Finish("length");
}

TEST(Steady, IsAbsentWithoutASecondWave) {
  EXPECT_FALSE(Collect({}, 1));
  EXPECT_FALSE(Collect({Stream(0, 0ms).Build(), Stream(1, 0ms).Build()}, 2));
}

TEST(Steady, RunsFromTheFirstWavesLastFirstOutputToThatOfTheLastRequest) {
  const auto window =
      Collect({Stream(0, 0ms).Build(), Stream(1, 5ms).Build(), Stream(2, 60ms).Build()}, 2);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->start, Nanos{15ms});
  EXPECT_EQ(window->end, Nanos{70ms});
  // Later ends in (15, 70]: request 0 at 20 30 40 50, request 1 at 25 35 45 55, request 2 none.
  EXPECT_EQ(window->gaps.count(), 8u);
  // Output in (15, 70]: those, and the first of request 2.
  EXPECT_EQ(window->tokens, 9);
  EXPECT_DOUBLE_EQ(window->instants, 8);
}

TEST(Steady, WithoutOutputTheNearestRequestBeforeStandsIn) {
  const RequestRecord silent = RecordBuilder(1).Start(5ms).Fail(Outcome::kTimeout).Build();
  const auto window = Collect({Stream(0, 0ms).Build(), silent, Stream(2, 60ms).Build()}, 2);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->start, Nanos{10ms});
}

TEST(Steady, TheLastRequestWithOutputEndsIt) {
  const RequestRecord silent = RecordBuilder(3).Start(80ms).Fail(Outcome::kTimeout).Build();
  const auto window =
      Collect({Stream(0, 0ms).Build(), Stream(1, 0ms).Build(), Stream(2, 60ms).Build(), silent}, 2);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->end, Nanos{70ms});
}

TEST(Steady, WarmUpMarksTheStartAndGivesTokensButNoGaps) {
  const auto window = Collect(
      {Stream(0, 0ms).Warmup().Build(), Stream(1, 50ms).Build(), Stream(2, 100ms).Build()}, 1);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->start, Nanos{10ms});
  EXPECT_EQ(window->end, Nanos{110ms});
  EXPECT_EQ(window->gaps.count(), 4u);
  EXPECT_EQ(window->tokens, 4 + 5 + 1);
}

TEST(Steady, ARunWhoseFirstWaveNeverSpokeHasNone) {
  const RequestRecord silent = RecordBuilder(0).Start(0ms).Fail(Outcome::kConnect).Build();
  EXPECT_FALSE(Collect({silent, Stream(1, 20ms).Build(), Stream(2, 60ms).Build()}, 1));
}

struct Expected {
  std::uint64_t gaps = 0;
  std::int64_t sum = 0;
  std::int64_t tokens = 0;
};

Expected ByDefinition(const std::vector<RequestRecord>& records, Nanos start, Nanos end) {
  Expected expected;
  const auto inside = [&](Nanos at) { return at > start && at <= end; };
  for (const RequestRecord& record : records) {
    const Nanos from = record.start.time_since_epoch();
    for (const StreamEvent& event : record.events) {
      if (IsOutput(event.kind) && inside(from + event.at)) expected.tokens += event.tokens;
    }
    if (!record.good() || record.warmup) continue;
    ForEachGap(record, [&](const Gap& gap) {
      if (!inside(from + gap.at)) return;
      ++expected.gaps;
      expected.sum += gap.length.count();
    });
  }
  return expected;
}

/// A closed loop of `slots` slots with answers of random length, some of them failed.
std::vector<RequestRecord> RandomRun(int slots, int requests, std::mt19937& random) {
  std::vector<Nanos> free_at(static_cast<std::size_t>(slots), 0ms);
  std::vector<RequestRecord> records;
  for (int n = 0; n < requests; ++n) {
    const auto slot = std::min_element(free_at.begin(), free_at.end());
    RecordBuilder builder(n);
    const Nanos start = *slot + std::chrono::microseconds(n);
    const int events = static_cast<int>(random() % 20);
    builder.Start(start).Outputs(events, std::chrono::microseconds(5000 + random() % 9000),
                                 std::chrono::microseconds(3000 + random() % 3000));
    if (n < slots / 2) builder.Warmup();
    if (random() % 7 == 0) builder.Fail(Outcome::kTruncated);
    records.push_back(builder.Build());
    *slot = start + records.back().end.value_or(20ms) + 1ms;
  }
  return records;
}

TEST(Steady, HoldsExactlyWhatTheDefinitionSaysInAnyOrder) {
  std::mt19937 random(3);
  for (int round = 0; round < 40; ++round) {
    const int slots = 1 + round % 5;
    std::vector<RequestRecord> records = RandomRun(slots, 40, random);
    const auto first = Collect(records, slots);
    ASSERT_TRUE(first);
    const Expected expected = ByDefinition(records, first->start, first->end);
    for (int order = 0; order < 4; ++order) {
      const auto window = Collect(records, slots);
      ASSERT_TRUE(window);
      EXPECT_EQ(window->start, first->start);
      EXPECT_EQ(window->end, first->end);
      EXPECT_EQ(window->gaps.count(), expected.gaps);
      EXPECT_EQ(window->gaps.ToSparse().sum_ns, std::to_string(expected.sum));
      EXPECT_EQ(window->tokens, expected.tokens);
      EXPECT_EQ(window->instants, first->instants);
      std::shuffle(records.begin(), records.end(), random);
    }
  }
}

TEST(Steady, ManyRequestsAreForgottenAsTheyBecomeCertain) {
  std::mt19937 random(4);
  const std::vector<RequestRecord> records = RandomRun(4, 2000, random);
  SteadyCollector collector(4);
  std::size_t most = 0;
  for (const RequestRecord& record : records) {
    collector.Add(record, record.start.time_since_epoch());
    most = std::max(most, collector.held());
  }
  EXPECT_LE(most, 40u);
}

}  // namespace
}  // namespace sseprof::steady_test
