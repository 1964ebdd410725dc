#include "sseprof/duration.h"

#include <gtest/gtest.h>

namespace sseprof::duration_test {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Duration, ReadsWhatPeopleWrite) {
  const struct {
    const char* text;
    Nanos span;
  } kRows[] = {
      {"1200", seconds{1200}},  // a bare number is seconds, as the replaced script had it
      {"1200.0", seconds{1200}},    {"0.5", milliseconds{500}},
      {".5", milliseconds{500}},    {"10s", seconds{10}},
      {"500ms", milliseconds{500}}, {"250us", microseconds{250}},
      {"2m", minutes{2}},  // minutes, not milliseconds
      {"1.5h", minutes{90}},        {"0", seconds{0}},
      {"0.0000000014", Nanos{1}},  // rounded to whole nanoseconds
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(ParseDuration(row.text), row.span) << row.text;
  }
}

TEST(Duration, RefusesTheRest) {
  for (const char* text : {"", "s", "ms", "-1", "-0", "+1", "10 s", " 10", "10s ", "1e3", "10sec",
                           "10S", "nan", "inf", "0x10", "1,5", "99999999999999999999h", "10s5"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(Duration, WritesWhatItReads) {
  EXPECT_EQ(DurationText(seconds{1200}), "1200s");
  EXPECT_EQ(DurationText(milliseconds{1500}), "1500ms");
  for (const Nanos span : {Nanos{1}, Nanos{1500}, Nanos{999'999}, Nanos{seconds{7}}}) {
    EXPECT_EQ(ParseDuration(DurationText(span)), span);
  }
}

TEST(Duration, SecondsToReadHaveNoExponent) {
  EXPECT_EQ(SecondsText(Nanos{0}), "0 s");
  EXPECT_EQ(SecondsText(microseconds{341'600}), "0.342 s");
  EXPECT_EQ(SecondsText(milliseconds{999'499}), "999 s");
  EXPECT_EQ(SecondsText(milliseconds{999'500}), "1000 s");
  EXPECT_EQ(SecondsText(milliseconds{12'345'600}), "12346 s");
}

}  // namespace
}  // namespace sseprof::duration_test
