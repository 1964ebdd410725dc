#include "cli/progress_block.h"

#include <gtest/gtest.h>

namespace sseprof::progress_block_test {
namespace {

const std::vector<ProgressRow> kTwo = {{{"one"}}, {{"t", ProgressStyle::kBad}, {"wo"}}};
constexpr TerminalSize kSize = {.columns = 80, .rows = 24};

TEST(ProgressBlockTest, DrawsBelowTheCursorAndThenInPlace) {
  ProgressBlock block(false);
  EXPECT_EQ(block.Draw(kTwo, kSize), "one\x1b[K\ntwo\x1b[K\n\x1b[J");
  EXPECT_EQ(block.Draw({{{"three"}}}, kSize), "\r\x1b[2Athree\x1b[K\n\x1b[J");
  EXPECT_EQ(block.Draw(kTwo, kSize), "\r\x1b[1Aone\x1b[K\ntwo\x1b[K\n\x1b[J");
}

TEST(ProgressBlockTest, LeavesNothing) {
  ProgressBlock block(false);
  EXPECT_EQ(block.Erase(kSize), "") << "nothing was drawn";
  block.Draw(kTwo, kSize);
  EXPECT_EQ(block.Erase(kSize), "\r\x1b[2A\x1b[J");
  EXPECT_EQ(block.Erase(kSize), "");
}

TEST(ProgressBlockTest, ColoursPiecesIfItMay) {
  ProgressBlock block(true);
  EXPECT_EQ(block.Draw(kTwo, kSize), "one\x1b[K\n\x1b[31mt\x1b[0mwo\x1b[K\n\x1b[J");
}

TEST(ProgressBlockTest, CutsRowsBeforeTheLastColumn) {
  ProgressBlock block(true);
  EXPECT_EQ(block.Draw({{{"ab", ProgressStyle::kBad}, {"cd", ProgressStyle::kBad}, {"ef"}}},
                       {.columns = 4, .rows = 24}),
            "\x1b[31mab\x1b[0m\x1b[31mc\x1b[0m\x1b[K\n\x1b[J");
}

TEST(ProgressBlockTest, ANarrowerTerminalHasBrokenTheRows) {
  ProgressBlock block(false);
  block.Draw({{{"123456789"}}, {}, {{"1234"}}}, kSize);
  const std::string up = "\r\x1b[5A\x1b[J";  // 3 lines, 1, and 1
  EXPECT_EQ(block.Draw({{{"12345"}}}, {.columns = 4, .rows = 24}), up + "123\x1b[K\n\x1b[J");
}

TEST(ProgressBlockTest, AWiderTerminalShowsMore) {
  ProgressBlock block(false);
  block.Draw({{{"12345"}}}, {.columns = 4, .rows = 24});
  EXPECT_EQ(block.Draw({{{"12345"}}}, kSize), "\r\x1b[1A\x1b[J12345\x1b[K\n\x1b[J");
}

TEST(ProgressBlockTest, IsNoHigherThanTheTerminal) {
  ProgressBlock block(false);
  const TerminalSize low = {.columns = 80, .rows = 2};
  EXPECT_EQ(block.Draw(kTwo, low), "one\x1b[K\n\x1b[J");
  EXPECT_EQ(block.Erase(low), "\r\x1b[1A\x1b[J");
}

TEST(ProgressBlockTest, IsDrawnAnewWhereTheCursorIsElsewhere) {
  ProgressBlock block(false);
  block.Draw(kTwo, kSize);
  block.Forget();
  EXPECT_EQ(block.Draw({{{"a"}}}, kSize), "a\x1b[K\n\x1b[J");
}

}  // namespace
}  // namespace sseprof::progress_block_test
