#include "page/span_text.h"

#include <gtest/gtest.h>

namespace sseprof::span_text_test {
namespace {

TEST(SpanText, HasThreeDigitsAndTheUnitThatSuits) {
  EXPECT_EQ(SpanText(207e-6), "207 \u00b5s");
  EXPECT_EQ(SpanText(1.234e-6), "1.23 \u00b5s");
  EXPECT_EQ(SpanText(0.0386), "38.6 ms");
  EXPECT_EQ(SpanText(0.00999999), "10.0 ms");
  EXPECT_EQ(SpanText(0.99999), "1.00 s");
  EXPECT_EQ(SpanText(2.778), "2.78 s");
  EXPECT_EQ(SpanText(0), "0.00 \u00b5s");
}

TEST(SpanText, ThousandsAreGrouped) {
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1'474.44, 1), "1,474.4");
  EXPECT_EQ(Grouped(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace sseprof::span_text_test
