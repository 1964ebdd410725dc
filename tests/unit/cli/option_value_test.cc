#include "cli/option_value.h"

#include <gtest/gtest.h>

#include <functional>

#include "sseprof/error.h"

namespace sseprof::option_value_test {
namespace {

using namespace std::chrono_literals;

std::string Refusal(const std::function<void()>& read) {
  try {
    read();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(OptionValue, IntegersAreWholeAndWithinLimits) {
  EXPECT_EQ(ReadInteger("12", {}), 12);
  EXPECT_EQ(ReadInteger("-3", {-5, 5}), -3);
  for (const char* text : {"", "1.5", "1e3", "12x", " 12", "99999999999999999999", "6"}) {
    EXPECT_EQ(Refusal([text] {
                ReadInteger(text, {0, 5});
              }),
              std::string("'") + text + "' is not a whole number from 0 to 5");
  }
}

TEST(OptionValue, RealsAreFiniteAndWithinLimits) {
  EXPECT_EQ(ReadReal("1.5", {}), 1.5);
  EXPECT_EQ(ReadReal("1e2", {}), 100);
  for (const char* text : {"", "nan", "inf", "-1", "1,5"}) {
    EXPECT_EQ(Refusal([text] { ReadReal(text, {}); }),
              std::string("'") + text + "' is not a number of at least 0");
  }
}

TEST(OptionValue, DurationsMayBeZeroWhereAllowed) {
  EXPECT_EQ(ReadDuration("500ms", ZeroDuration::kRefused), 500ms);
  EXPECT_EQ(ReadDuration("0", ZeroDuration::kAllowed), 0ms);
  EXPECT_EQ(Refusal([] { ReadDuration("0", ZeroDuration::kRefused); }),
            "'0' is not a duration above zero, like 10 (seconds), 500ms, 10s or 2m");
}

}  // namespace
}  // namespace sseprof::option_value_test
