#include "live/bucket_edges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "live/run_metrics.h"

namespace sseprof::bucket_edges_test {
namespace {

using namespace std::chrono_literals;

const std::vector<Nanos> kRound = {20ms,  25ms,  30ms,  40ms,   50ms,  200ms,
                                   250ms, 300ms, 500ms, 2000ms, 5000ms};

std::vector<Nanos> All(const BucketEdges& edges) {
  std::vector<Nanos> all;
  for (std::size_t i = 0; i < edges.size(); ++i) all.push_back(edges.edge(i));
  return all;
}

std::size_t PlainIndexOf(const BucketEdges& edges, Nanos value) {
  const std::vector<Nanos> all = All(edges);
  return static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), value) - all.begin());
}

bool Has(const BucketEdges& edges, Nanos edge) {
  const std::vector<Nanos> all = All(edges);
  return std::find(all.begin(), all.end(), edge) != all.end();
}

/// In seconds, with so many significant digits.
std::string Printed(Nanos edge, int digits = 15) {
  char text[32];
  snprintf(text, sizeof text, "%.*g", digits, ToSeconds(edge));
  return text;
}

/// Digits without leading and trailing zeros, and without the exponent.
std::size_t SignificantDigits(const std::string& number) {
  std::string digits;
  for (const char c : number.substr(0, number.find('e'))) {
    if (c != '.' && !(c == '0' && digits.empty())) digits += c;
  }
  return digits.find_last_not_of('0') + 1;
}

/// All edges in use: fine and coarse ones of the server, and the client's.
std::vector<BucketEdges> InUse() {
  const LiveEdges fine = MakeLiveEdges(BucketChoice::kFine, {});
  const LiveEdges coarse = MakeLiveEdges(BucketChoice::kCoarse, {});
  return {fine.server, coarse.server, fine.client, coarse.client};
}

TEST(BucketEdgesTest, GoFromTheFirstToTheLastInEqualRatios) {
  const BucketEdges edges(1, 10us, 60ms);
  EXPECT_EQ(All(edges), (std::vector<Nanos>{10us, 100us, 1ms, 10ms, 60ms}));
}

TEST(BucketEdgesTest, TheLastIsThereOnceWhenTheGridHitsIt) {
  EXPECT_EQ(All(BucketEdges(1, 10us, 1ms)), (std::vector<Nanos>{10us, 100us, 1ms}));
}

TEST(BucketEdgesTest, MoreEdgesAreSortedInAndTwinsDropped) {
  const BucketEdges edges(1, 10us, 1ms, {300us, 5us, 100us, 2ms, 300us});
  EXPECT_EQ(All(edges), (std::vector<Nanos>{5us, 10us, 100us, 300us, 1ms, 2ms}));
}

TEST(BucketEdgesTest, FineEdgesAreAsManyAsDocumentedWithTheRoundOnes) {
  const BucketEdges fine = MakeLiveEdges(BucketChoice::kFine, {}).server;
  EXPECT_EQ(fine.size(), 338u);
  EXPECT_EQ(fine.edge(0), 100us);
  EXPECT_EQ(fine.edge(fine.size() - 1), 600s);
  for (const Nanos round : kRound) {
    EXPECT_TRUE(Has(fine, round)) << Printed(round);
  }
  for (Nanos power = 100us; power < 600s; power *= 10) EXPECT_TRUE(Has(fine, power));
  EXPECT_EQ(MakeLiveEdges(BucketChoice::kFine, {}).client.size(), 42u);
}

TEST(BucketEdgesTest, AreAscendingAndNoFartherApartThanDocumented) {
  const double growth[] = {1.0496, 1.1015, 1.469, 1.469};
  const std::vector<BucketEdges> in_use = InUse();
  for (std::size_t which = 0; which < in_use.size(); ++which) {
    for (std::size_t i = 1; i < in_use[which].size(); ++i) {
      const double ratio = ToSeconds(in_use[which].edge(i)) / ToSeconds(in_use[which].edge(i - 1));
      EXPECT_GT(ratio, 1.0) << which << " " << i;
      EXPECT_LT(ratio, growth[which]) << which << " " << i;
    }
  }
}

TEST(BucketEdgesTest, HaveFourSignificantDigitsAtMost) {
  for (const BucketEdges& edges : InUse()) {
    for (const Nanos edge : All(edges)) {
      EXPECT_LE(SignificantDigits(Printed(edge)), 4u) << Printed(edge);
    }
  }
  EXPECT_EQ(SignificantDigits(Printed(104'900ns)), 4u);
  EXPECT_EQ(SignificantDigits(Printed(104'901ns)), 6u);
}

// As the text format's writer prints them, with 16 digits.
TEST(BucketEdgesTest, AreWrittenShort) {
  for (const BucketEdges& edges : InUse()) {
    for (const Nanos edge : All(edges)) {
      EXPECT_LE(SignificantDigits(Printed(edge, 16)), 4u) << Printed(edge, 16);
    }
  }
}

TEST(BucketEdgesTest, CoarseEdgesAreEverySecondOfTheFineOnes) {
  const BucketEdges fine = MakeLiveEdges(BucketChoice::kFine, {}).server;
  for (const Nanos edge : All(MakeLiveEdges(BucketChoice::kCoarse, {}).server)) {
    EXPECT_TRUE(Has(fine, edge)) << Printed(edge);
  }
}

TEST(BucketEdgesTest, AnEdgeIsInItsOwnBucket) {
  for (const BucketEdges& edges : InUse()) {
    for (std::size_t i = 0; i < edges.size(); ++i) {
      EXPECT_EQ(edges.IndexOf(edges.edge(i) - 1ns), i);
      EXPECT_EQ(edges.IndexOf(edges.edge(i)), i);
      EXPECT_EQ(edges.IndexOf(edges.edge(i) + 1ns), i + 1);
    }
  }
}

TEST(BucketEdgesTest, WhatIsBelowOrAboveAllHasItsBucket) {
  for (const BucketEdges& edges : InUse()) {
    for (const Nanos low : {Nanos::min(), Nanos{-1s}, -1ns, 0ns, 1ns})
      EXPECT_EQ(edges.IndexOf(low), 0u);
    for (const Nanos high : {Nanos{601s}, Nanos{24h}, Nanos::max() - 1ns, Nanos::max()}) {
      EXPECT_EQ(edges.IndexOf(high), edges.size());
    }
  }
}

TEST(BucketEdgesTest, FindsTheBucketThatAPlainSearchFinds) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(0, 43);  // up to 146 min, beyond all edges
  std::vector<BucketEdges> all = InUse();
  all.emplace_back(1, 10us, 11us);  // two edges in one slot
  all.emplace_back(48, 10us, 20us, std::vector<Nanos>{1ns, 2ns, 15ns, 16ns, 17ns, 33ns});
  for (const BucketEdges& edges : all) {
    for (int i = 0; i < 20'000; ++i) {
      const Nanos value{std::llround(std::exp2(exponent(random)))};
      ASSERT_EQ(edges.IndexOf(value), PlainIndexOf(edges, value)) << value.count();
    }
    for (Nanos value = -5ns; value < 100ns; ++value) {
      ASSERT_EQ(edges.IndexOf(value), PlainIndexOf(edges, value)) << value.count();
    }
  }
}

TEST(BucketEdgesTest, AnObjectiveIsAnEdge) {
  const Slo slo = {.ttft = 333ms, .tpot = 12'345us, .latency = 7s};
  for (const BucketChoice choice : {BucketChoice::kFine, BucketChoice::kCoarse}) {
    const LiveEdges edges = MakeLiveEdges(choice, slo);
    for (const Nanos limit : {*slo.ttft, *slo.tpot, *slo.latency}) {
      EXPECT_TRUE(Has(edges.server, limit));
    }
    EXPECT_EQ(edges.server.size(), MakeLiveEdges(choice, {}).server.size() + 3);
    EXPECT_EQ(edges.client.size(), 42u);
  }
}

}  // namespace
}  // namespace sseprof::bucket_edges_test
