#include "plots/position_map.h"

#include <gtest/gtest.h>

namespace sseprof::position_map_test {
namespace {

using namespace std::chrono_literals;
using Rows = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

TEST(PositionMap, IsEmptyWithoutGaps) {
  const PositionMap map = PositionCollector().Finish();
  EXPECT_TRUE(map.columns.empty());
}

TEST(PositionMap, RowsAreLogarithmicFromAMicrosecond) {
  PositionCollector collector;
  for (const int nanos : {0, 1'000, 1'074, 1'075, 10'000'000, 11'000'000}) {
    collector.Add(2, Nanos{nanos});
  }
  const PositionMap map = collector.Finish();
  ASSERT_EQ(map.columns.size(), 1u);
  // a 32nd of a decade is a factor of 1.0746; 10 ms is four decades above 1 us
  EXPECT_EQ(map.columns[0].rows, (Rows{{0, 3}, {1, 1}, {128, 1}, {129, 1}}));
  EXPECT_EQ(map.columns[0].count, 6u);
}

TEST(PositionMap, QuantilesAreOfTheColumn) {
  PositionCollector collector;
  for (int i = 1; i <= 101; ++i) collector.Add(5, i * 1ms);
  const PositionMap map = collector.Finish();
  ASSERT_EQ(map.columns.size(), 4u);  // positions 2 to 5
  EXPECT_EQ(map.columns[0].count, 0u);
  EXPECT_NEAR(map.columns[3].p50_s, 0.051, 0.0002);
  EXPECT_NEAR(map.columns[3].p95_s, 0.096, 0.0004);
}

TEST(PositionMap, LongAnswersShareColumns) {
  PositionCollector collector;
  for (std::uint32_t position = 2; position < 2 + 1'000; ++position) collector.Add(position, 10ms);
  const PositionMap map = collector.Finish();
  EXPECT_EQ(map.per_column, 4u);
  ASSERT_EQ(map.columns.size(), 250u);
  for (const auto& column : map.columns) EXPECT_EQ(column.rows, (Rows{{128, 4}}));
}

}  // namespace
}  // namespace sseprof::position_map_test
