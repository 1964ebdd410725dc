#include "stats/stalls.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace sseprof::stalls_test {
namespace {

using namespace std::chrono_literals;

/// A stall as the collector is given it: offsets from the run's origin, requests start at 0.
struct Given {
  std::int64_t n;
  Nanos end;
  Nanos length;
  bool exact = true;
};

RequestRow Row(std::int64_t n, Nanos first, Nanos last) {
  RequestRow row;
  row.n = n;
  row.ttft = first.count();
  row.last_output = last.count();
  return row;
}

/// `streams` requests that decode from 0 to 10 s.
std::deque<RequestRow> Streams(int streams) {
  std::deque<RequestRow> rows;
  for (int n = 0; n < streams; ++n) rows.push_back(Row(n, 0s, 10s));
  return rows;
}

Stalls Find(const std::vector<Given>& given, const std::deque<RequestRow>& rows, Nanos median = 7ms,
            std::size_t limit = 65'536) {
  StallCollector collector(limit);
  Histogram exact;
  std::uint32_t event = 0;
  for (const Given& gap : given) {
    collector.Add({.at = gap.end, .length = gap.length, .event = event++, .exact = gap.exact},
                  gap.n, 0s);
    if (gap.exact) exact.Record(gap.length);
  }
  return collector.Finish({.median_gap_nanos = static_cast<double>(median.count()),
                           .gaps = 1000,
                           .exact_gaps = exact,
                           .rows = rows});
}

TEST(Stalls, WithoutGapsNothingIsKnown) {
  const Histogram none;
  const std::deque<RequestRow> rows;
  const Stalls stalls =
      StallCollector().Finish({.median_gap_nanos = 0, .gaps = 0, .exact_gaps = none, .rows = rows});
  EXPECT_FALSE(stalls.count);
  EXPECT_FALSE(stalls.threshold_s);
}

TEST(Stalls, AreAboveFourMediansAndAboveFiveMilliseconds) {
  const std::vector<Given> gaps = {{0, 1s, 6ms}, {0, 2s, 28ms}, {0, 3s, 29ms}, {0, 4s, 90ms}};
  const Stalls by_median = Find(gaps, Streams(1));
  EXPECT_EQ(by_median.count, 2u);
  EXPECT_DOUBLE_EQ(*by_median.threshold_s, 0.028);
  EXPECT_DOUBLE_EQ(*by_median.longest_s, 0.090);
  EXPECT_DOUBLE_EQ(*by_median.total_s, 0.119);
  EXPECT_DOUBLE_EQ(*by_median.share_of_gaps, 0.002);
  const Stalls by_floor = Find(gaps, Streams(1), 100us);
  EXPECT_EQ(by_floor.count, 4u);
  EXPECT_DOUBLE_EQ(*by_floor.threshold_s, 0.005);
}

TEST(Stalls, UncertainGapsAreNone) {
  EXPECT_EQ(Find({{0, 1s, 500ms, false}}, Streams(1)).count, 0u);
}

TEST(Stalls, NoneIsZeroWithoutALongest) {
  const Stalls stalls = Find({}, Streams(1));
  EXPECT_EQ(stalls.count, 0u);
  EXPECT_EQ(stalls.shared, 0u);
  EXPECT_FALSE(stalls.longest_s);
  EXPECT_EQ(stalls.total_s, 0.0);
}

struct SharedCase {
  const char* what;
  std::vector<Given> given;
  int streams;
  std::uint64_t shared;
};

TEST(Stalls, AreSharedIfHalfOfTheStreamsStalled) {
  const std::vector<SharedCase> cases = {
      {"the only stream has no other to share with", {{0, 1s, 100ms}}, 1, 0},
      {"one of two", {{0, 1s, 100ms}}, 2, 0},
      {"both of two, ends 2 ms apart", {{0, 1s, 100ms}, {1, 1002ms, 100ms}}, 2, 2},
      {"two of four are half", {{0, 1s, 100ms}, {1, 1s, 100ms}}, 4, 2},
      {"two of five are fewer", {{0, 1s, 100ms}, {1, 1s, 100ms}}, 5, 0},
      {"a short one ends with a long one", {{0, 1s, 400ms}, {1, 1s, 40ms}}, 2, 2},
      {"overlap by half", {{0, 1s, 100ms}, {1, 1049ms, 100ms}}, 2, 2},
      {"overlap by less than half", {{0, 1s, 100ms}, {1, 1051ms, 100ms}}, 2, 0},
      {"one after the other", {{0, 1s, 100ms}, {1, 1100ms, 100ms}}, 2, 0},
      {"a stream's own stalls are one stream", {{0, 1s, 100ms}, {0, 1s, 90ms}}, 4, 0},
      {"only the longer one's middle is covered", {{0, 1s, 400ms}, {1, 810ms, 40ms}}, 2, 2},
  };
  for (const SharedCase& c : cases) {
    const Stalls stalls = Find(c.given, Streams(c.streams));
    EXPECT_EQ(stalls.shared, c.shared) << c.what;
    EXPECT_EQ(*stalls.shared + *stalls.single, *stalls.count) << c.what;
  }
}

TEST(Stalls, StreamsThatDoNotDecodeThenDoNotCount) {
  std::deque<RequestRow> rows = {Row(0, 0s, 5s), Row(1, 0s, 5s), Row(2, 0s, 900ms),
                                 Row(3, 1100ms, 5s), Row(4, 2s, 5s)};
  EXPECT_EQ(Find({{0, 1s, 100ms}, {1, 1s, 100ms}}, rows).shared, 2u);
}

/// The rule of the header, pair by pair.
std::uint64_t SharedByPairs(const std::vector<Given>& given, const std::deque<RequestRow>& rows) {
  std::uint64_t shared = 0;
  for (const Given& a : given) {
    std::set<std::int64_t> stalled;
    for (const Given& b : given) {
      const Nanos middle = a.end - a.length / 2;
      const bool same_end = b.end >= a.end - 2ms && b.end <= a.end + 2ms;
      if (same_end || (b.end - b.length < middle && b.end >= middle)) stalled.insert(b.n);
    }
    std::uint64_t streams = 0;
    for (const RequestRow& row : rows) {
      streams += row.ttft <= a.end.count() && row.last_output >= a.end.count();
    }
    if (stalled.size() >= 2 && 2 * stalled.size() >= streams) ++shared;
  }
  return shared;
}

TEST(Stalls, AgreeWithTheRuleAppliedPairByPairInAnyOrder) {
  std::mt19937 random(11);
  for (int round = 0; round < 30; ++round) {
    const int streams = 2 + round % 7;
    std::deque<RequestRow> rows;
    std::vector<Given> given;
    for (int n = 0; n < streams; ++n) {
      Nanos at = std::chrono::milliseconds(random() % 300);
      rows.push_back(Row(n, at, at + 1500ms));
      for (int i = 0; i < 12; ++i) {
        const Nanos length = std::chrono::milliseconds(30 + random() % 90);
        at += std::chrono::milliseconds(random() % 60) + length;
        given.push_back({n, at, length});
      }
    }
    const std::uint64_t expected = SharedByPairs(given, rows);
    EXPECT_EQ(Find(given, rows).shared, expected);
    std::shuffle(given.begin(), given.end(), random);
    EXPECT_EQ(Find(given, rows).shared, expected);
  }
}

TEST(Stalls, MoreThanAreKeptAreCountedWithoutTheirKind) {
  std::vector<Given> given;
  for (int i = 1; i <= 20; ++i) given.push_back({i, i * 1s, 50ms + i * 1ms});
  const Stalls stalls = Find(given, Streams(30), 7ms, 10);
  EXPECT_EQ(stalls.count, 20u);
  EXPECT_FALSE(stalls.shared);
  EXPECT_FALSE(stalls.single);
  EXPECT_NEAR(*stalls.total_s, 1.210, 1.210 * 0.0005);
  EXPECT_DOUBLE_EQ(*stalls.longest_s, 0.070);
}

TEST(Stalls, TheLongestAreKeptInAnyOrder) {
  std::vector<Given> given;
  for (int i = 1; i <= 40; ++i) given.push_back({i % 4, i * 100ms, (i > 32 ? 60ms : 6ms)});
  std::mt19937 random(5);
  for (int round = 0; round < 10; ++round) {
    std::shuffle(given.begin(), given.end(), random);
    const Stalls stalls = Find(given, Streams(4), 7ms, 10);
    EXPECT_EQ(stalls.count, 8u);
    EXPECT_EQ(stalls.single, 8u);
  }
}

StallCollector::List FindAll(const std::vector<Given>& given, std::size_t limit = 65'536) {
  StallCollector collector(limit);
  std::uint32_t event = 0;
  for (const Given& gap : given) {
    collector.Add({.at = gap.end, .length = gap.length, .event = event++, .exact = gap.exact},
                  gap.n, 0s);
  }
  const Histogram exact;
  const std::deque<RequestRow> rows = Streams(4);
  return collector.FindAll(
      {.median_gap_nanos = 7e6, .gaps = 1000, .exact_gaps = exact, .rows = rows});
}

TEST(Stalls, EachIsListedByItsEndWithWhoSharedIt) {
  const auto list = FindAll(
      {{3, 5s, 90ms}, {0, 2s, 80ms}, {1, 2s, 70ms}, {2, 1s, 20ms}, {2, 1500ms, 60ms, false}});
  EXPECT_TRUE(list.complete);
  ASSERT_EQ(list.stalls.size(), 3u);  // 20 ms is below 4 x 7 ms, 60 ms is not exact
  EXPECT_EQ(list.stalls[0].n, 0);
  EXPECT_TRUE(list.stalls[0].shared);
  EXPECT_EQ(list.stalls[1].n, 1);
  EXPECT_TRUE(list.stalls[1].shared);
  EXPECT_EQ(list.stalls[2].n, 3);
  EXPECT_FALSE(list.stalls[2].shared);
  EXPECT_EQ(list.stalls[2].length, 90ms);
}

TEST(Stalls, AListThatIsCutSaysSo) {
  const auto list = FindAll({{0, 2s, 80ms}, {1, 2s, 70ms}, {2, 3s, 60ms}}, 2);
  EXPECT_FALSE(list.complete);
  ASSERT_EQ(list.stalls.size(), 2u);
  EXPECT_FALSE(list.stalls[0].shared);
}

}  // namespace
}  // namespace sseprof::stalls_test
