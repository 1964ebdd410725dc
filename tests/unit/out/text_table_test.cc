#include "out/text_table.h"

#include <gtest/gtest.h>

namespace sseprof::text_table_test {
namespace {

const TextTable kTable = {.columns = {{"variant", TextTable::Align::kLeft}, {"QPS"}, {"why"}},
                          .rows = {{"B", "5.75", ""}, {"größer", "-", "a|b"}}};

TEST(TextTable, AlignsForATerminal) {
  EXPECT_EQ(AlignedTable(kTable),
            "variant   QPS  why\n"
            "B        5.75\n"
            "größer      -  a|b\n");
}

TEST(TextTable, ShowsNoControlCharacters) {
  EXPECT_EQ(AlignedTable({.columns = {{"a\nb"}}, .rows = {{"\x1b[2J"}}}), " a b\n\uFFFD[2J\n");
  EXPECT_EQ(MarkdownText("\x1b[2J\n"), "\uFFFD\\[2J ");
}

TEST(TextTable, IsMarkdownToo) {
  EXPECT_EQ(MarkdownTable(kTable),
            "| variant | QPS | why |\n"
            "|---|---:|---:|\n"
            "| B | 5.75 |  |\n"
            "| größer | - | a\\|b |\n");
}

TEST(TextTable, LeavesEmptyColumnsOutButTheFirst) {
  const TextTable kept = WithoutEmptyColumns(
      {.columns = {{"a"}, {"b"}, {"c"}, {"d"}}, .rows = {{"", "-", "", "1"}, {"", "", "-", "-"}}});
  ASSERT_EQ(kept.columns.size(), 2u);
  EXPECT_EQ(kept.columns[1].name, "d");
  EXPECT_EQ(kept.rows[1], (std::vector<std::string>{"", "-"}));
}

TEST(TextTable, EscapesWhatIsMarkup) {
  EXPECT_EQ(MarkdownText("<img> [x](y) *z*\n# `q`"), "\\<img\\> \\[x\\](y) \\*z\\* \\# \\`q\\`");
}

}  // namespace
}  // namespace sseprof::text_table_test
