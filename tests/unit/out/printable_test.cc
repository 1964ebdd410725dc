#include "out/printable.h"

#include <gtest/gtest.h>

namespace sseprof::printable_test {
namespace {

TEST(Printable, LeavesTextAsItIs) {
  EXPECT_EQ(Printable("a|b <c> größer 日本 \xC2\xA0"), "a|b <c> größer 日本 \xC2\xA0");
  EXPECT_EQ(Printable(""), "");
}

TEST(Printable, IsOneLine) { EXPECT_EQ(Printable("a\r\nb\tc"), "a  b c"); }

TEST(Printable, HoldsNothingThatATerminalObeys) {
  EXPECT_EQ(Printable("\x1b[31m\x07\x7f"), "\uFFFD[31m\uFFFD\uFFFD");
  EXPECT_EQ(Printable("\xC2\x9b"
                      "31m\xC2\x80"),
            "\uFFFD31m\uFFFD");
  EXPECT_EQ(Printable(std::string_view("a\0b", 3)), "a\uFFFDb");
  EXPECT_EQ(Printable("\xC2"), "\xC2");
}

}  // namespace
}  // namespace sseprof::printable_test
