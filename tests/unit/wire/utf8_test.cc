#include "wire/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sseprof::utf8_test {
namespace {

#define REPLACEMENT "\xEF\xBF\xBD"

struct Row {
  std::string_view says;
  std::string_view text;
  std::string_view decoded;
};

const std::vector<Row> kRows = {
    {"nothing", "", ""},
    {"plain text longer than a machine word", "plain text, 19 bytes", "plain text, 19 bytes"},
    {"two, three and four bytes", "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x9A\x80",
     "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x9A\x80"},
    {"the last code point", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
    {"a byte that never occurs",
     "a\xFF"
     "b",
     "a" REPLACEMENT "b"},
    {"a continuation without its lead", "\x80", REPLACEMENT},
    {"an overlong slash: each byte by itself", "\xC0\xAF", REPLACEMENT REPLACEMENT},
    {"an overlong form of three bytes", "\xE0\x80\x80", REPLACEMENT REPLACEMENT REPLACEMENT},
    {"a surrogate", "\xED\xA0\x80", REPLACEMENT REPLACEMENT REPLACEMENT},
    {"beyond the last code point", "\xF4\x90\x80\x80",
     REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT},
    {"a cut sequence is one mark", "\xF0\x9F\x9A", REPLACEMENT},
    {"a cut sequence, then text",
     "\xE2\x82"
     "c",
     REPLACEMENT "c"},
    {"a cut sequence, then a whole one", "\xE2\x82\xC3\xA9", REPLACEMENT "\xC3\xA9"},
    {"bad bytes behind a word of text", "12345678\xFF", "12345678" REPLACEMENT},
};

TEST(Utf8, BadSequencesBecomeReplacementCharacters) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.says);
    EXPECT_EQ(ToUtf8(row.text), row.decoded);
    EXPECT_EQ(IsUtf8(row.text), row.text == row.decoded);
    EXPECT_TRUE(IsUtf8(row.decoded));
  }
}

TEST(Utf8, AppendsToWhatIsThere) {
  std::string out = "x";
  AppendUtf8("\xFFy", out);
  EXPECT_EQ(out, "x" REPLACEMENT "y");
}

}  // namespace
}  // namespace sseprof::utf8_test
