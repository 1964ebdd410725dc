// ForEachGapSince, a few events at a time, against ForEachGap of the whole record.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <tuple>
#include <vector>

#include "sseprof/record.h"

namespace sseprof::gaps_since_test {
namespace {

using namespace std::chrono_literals;

/// One event: its kind, and the choices that it speaks of.
struct Told {
  EventKind kind = EventKind::kVisible;
  std::vector<std::uint16_t> choices = {0};
};

using Flat = std::tuple<Nanos, Nanos, Nanos, Nanos, std::uint32_t, bool>;

Flat Flattened(const Gap& gap) {
  return {gap.at, gap.length, gap.low, gap.high, gap.event, gap.exact};
}

/// Adds the event, as a request in flight does. Arrivals are never evenly spaced, so that no two
/// gaps can be taken for each other.
void Add(RequestRecord& record, const Told& told) {
  const auto number = static_cast<std::uint32_t>(record.events.size());
  const Nanos at = number * number * 1ms + 5ms;
  for (std::size_t i = 1; i < told.choices.size(); ++i) {
    record.extra_choices.push_back({.event = number, .choice = told.choices[i]});
  }
  record.events.push_back({.at = at,
                           .width = number % 3 == 0 ? Nanos{300us} : Nanos{0},
                           .tokens = 1,
                           .choice = told.choices.front(),
                           .kind = told.kind});
}

/// @return how many gaps there are
std::size_t ExpectSameGaps(const std::vector<Told>& events) {
  std::vector<Flat> whole;
  for (std::size_t at_a_time = 1; at_a_time <= events.size(); ++at_a_time) {
    RequestRecord record;
    std::vector<Flat> newest;
    std::size_t seen = 0;
    for (const Told& told : events) {
      Add(record, told);
      const bool more_come = record.events.size() < events.size();
      if (more_come && record.events.size() % at_a_time != 0) continue;
      ForEachGapSince(record, seen, [&](const Gap& gap) { newest.push_back(Flattened(gap)); });
      seen = record.events.size();
    }
    whole.clear();
    ForEachGap(record, [&](const Gap& gap) { whole.push_back(Flattened(gap)); });
    EXPECT_EQ(newest, whole) << at_a_time << " at a time";
  }
  return whole.size();
}

constexpr EventKind kVisible = EventKind::kVisible, kOther = EventKind::kOther,
                    kEmpty = EventKind::kEmpty, kFinish = EventKind::kFinish;

TEST(GapsSinceTest, OneChoice) {
  EXPECT_EQ(ExpectSameGaps({{}}), 0u);
  EXPECT_EQ(ExpectSameGaps({{}, {}}), 1u);
  EXPECT_EQ(ExpectSameGaps({{}, {}, {kOther}, {}}), 3u);
}

TEST(GapsSinceTest, EventsWithoutOutputEndNoGap) {
  EXPECT_EQ(ExpectSameGaps({{kEmpty}, {kFinish}}), 0u);
  EXPECT_EQ(ExpectSameGaps({{kEmpty}, {}, {kEmpty}, {kEmpty}, {}, {kFinish}, {}}), 2u);
}

TEST(GapsSinceTest, SeveralChoicesInTurnOrInRuns) {
  EXPECT_EQ(ExpectSameGaps({{kVisible, {0}}, {kVisible, {1}}, {kVisible, {0}}, {kVisible, {1}}}),
            2u);
  EXPECT_EQ(
      ExpectSameGaps(
          {{kVisible, {0}}, {kVisible, {0}}, {kVisible, {2}}, {kVisible, {2}}, {kVisible, {0}}}),
      3u);
}

TEST(GapsSinceTest, SeveralChoicesInOneEvent) {
  EXPECT_EQ(ExpectSameGaps({{kVisible, {0, 1}}, {kVisible, {1, 0}}, {kVisible, {1}}}), 3u);
  EXPECT_EQ(ExpectSameGaps({{kVisible, {0, 1, 2}}, {kVisible, {2}}, {kVisible, {1, 3}}}), 2u);
}

TEST(GapsSinceTest, ExtraChoicesOfEventsWithoutOutputDoNotCount) {
  EXPECT_EQ(ExpectSameGaps({{kEmpty, {0, 1}}, {kVisible, {1}}, {kVisible, {0}}}), 0u);
  EXPECT_EQ(ExpectSameGaps({{kVisible, {1}}, {kEmpty, {0, 1}}, {kVisible, {0, 1}}}), 1u);
}

TEST(GapsSinceTest, TheSameChoiceTwiceInOneEventIsAGapOfNothing) {
  EXPECT_EQ(ExpectSameGaps({{kVisible, {0, 0}}}), 1u);
  EXPECT_EQ(ExpectSameGaps({{kVisible, {0, 1, 1}}, {kVisible, {1, 0, 1, 0}}}), 1u + 4u);
}

TEST(GapsSinceTest, AnyMixtureOfThem) {
  std::mt19937 random(7);
  const auto pick = [&random](unsigned below) { return random() % below; };
  std::size_t gaps = 0;
  for (int round = 0; round < 2'000; ++round) {
    std::vector<Told> events(1 + pick(12));
    for (Told& told : events) {
      const EventKind kinds[] = {kVisible, kVisible, kOther, kEmpty, kFinish};
      told.kind = kinds[pick(5)];
      told.choices.assign(1 + (pick(3) == 0 ? pick(4) : 0), 0);
      for (std::uint16_t& choice : told.choices) choice = static_cast<std::uint16_t>(pick(3));
    }
    gaps += ExpectSameGaps(events);
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
  EXPECT_GT(gaps, 2'000u);
}

}  // namespace
}  // namespace sseprof::gaps_since_test
