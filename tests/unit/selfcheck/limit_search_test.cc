#include "selfcheck/limit_search.h"

#include <gtest/gtest.h>

#include <vector>

namespace sseprof::limit_search_test {
namespace {

/// The search on a machine that can do so many, and the loads that it tried.
struct Search {
  Search(int start, int bound, int can) {
    found = FindLimit(start, bound, [&](int load) {
      tried.push_back(load);
      return load <= can ? Probed::kGood : Probed::kBad;
    });
  }
  FoundLimit found;
  std::vector<int> tried;
};

TEST(FindLimit, DoublesThenBisects) {
  const Search search(16, 20'000, 100);
  EXPECT_EQ(search.tried, (std::vector<int>{16, 32, 64, 128, 96, 112, 104}));
  EXPECT_EQ(search.found.limit, 96);
  EXPECT_EQ(search.found.first_bad, 104);
}

TEST(FindLimit, HalvesWhereTheStartIsBad) {
  const Search search(16, 20'000, 3);
  EXPECT_EQ(search.tried, (std::vector<int>{16, 8, 4, 2, 3}));
  EXPECT_EQ(search.found.limit, 3);
  EXPECT_EQ(search.found.first_bad, 4);
}

TEST(FindLimit, EndsAtTheBound) {
  const Search search(16, 100, 1000);
  EXPECT_EQ(search.tried, (std::vector<int>{16, 32, 64, 100}));
  EXPECT_EQ(search.found.limit, 100);
  EXPECT_FALSE(search.found.first_bad.has_value());
}

TEST(FindLimit, BeginsAtTheBoundAtMost) {
  const Search search(16, 10, 1000);
  EXPECT_EQ(search.tried, std::vector<int>{10});
  EXPECT_EQ(search.found.limit, 10);
}

TEST(FindLimit, FindsNothingWhereEvenOneIsBad) {
  const Search search(4, 100, 0);
  EXPECT_EQ(search.tried, (std::vector<int>{4, 2, 1}));
  EXPECT_EQ(search.found.limit, 0);
  EXPECT_EQ(search.found.first_bad, 1);
}

TEST(FindLimit, EndsWhereNothingCanBeKnown) {
  std::vector<int> tried;
  const FoundLimit found = FindLimit(16, 1000, [&](int load) {
    tried.push_back(load);
    return load < 64 ? Probed::kGood : Probed::kUnknown;
  });
  EXPECT_EQ(tried, (std::vector<int>{16, 32, 64}));
  EXPECT_EQ(found.limit, 32);
  EXPECT_EQ(found.first_bad, 64);
}

TEST(FindLimit, IsWithinATenthWhateverTheLimit) {
  for (int can = 1; can <= 3000; can += 7) {
    const FoundLimit found = Search(16, 20'000, can).found;
    EXPECT_LE(found.limit, can);
    EXPECT_GT(found.first_bad.value(), can);
    EXPECT_LE(*found.first_bad - found.limit, std::max(1, found.limit / 10)) << can;
  }
}

}  // namespace
}  // namespace sseprof::limit_search_test
