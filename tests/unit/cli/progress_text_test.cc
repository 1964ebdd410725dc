#include "cli/progress_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sseprof::progress_text_test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

ProgressFigures Middle() {
  return {.phase = RunPhase::kMeasure,
          .elapsed = seconds(65),
          .left = seconds(3725),
          .over = 0.5,
          .done = 8,
          .in_flight = 16,
          .total = 64,
          .concurrency = 16,
          .tokens_per_s = 1474.4,
          .ttft = {milliseconds(278), microseconds(2779400)},
          .itl = {microseconds(10740), microseconds(9994)},
          .latency = {seconds(12), seconds(123)},
          .client_delay = {microseconds(97), microseconds(999)},
          .coalesced = 0.0123};
}

std::vector<std::string> Texts(const std::vector<ProgressRow>& rows) {
  std::vector<std::string> texts;
  for (const ProgressRow& row : rows) {
    std::string& text = texts.emplace_back();
    for (const ProgressPiece& piece : row) text += piece.text;
  }
  return texts;
}

ProgressStyle StyleOf(const std::vector<ProgressRow>& rows, const std::string& text) {
  for (const ProgressRow& row : rows) {
    for (const ProgressPiece& piece : row) {
      if (piece.text.find(text) != std::string::npos) return piece.style;
    }
  }
  ADD_FAILURE() << "nowhere: " << text;
  return ProgressStyle::kPlain;
}

TEST(ProgressRowsTest, AreAligned) {
  EXPECT_THAT(
      Texts(ProgressRows(Middle())),
      ElementsAre("measuring       1:05 elapsed   1:02:05 left   [============>           ]  50 %",
                  "requests     8 of 64 done   16 of 16 in flight     1474 tok/s",
                  "                 p50       p99", "TTFT          278 ms    2.78 s",
                  "ITL          10.7 ms   9.99 ms", "latency       12.0 s     123 s",
                  "read late      97 us    999 us   1.2 % of events coalesced"));
}

TEST(ProgressRowsTest, WhatIsAbsentIsADash) {
  EXPECT_THAT(Texts(ProgressRows({.concurrency = 4})),
              ElementsAre("starting        0:00 elapsed         - left",
                          "requests         0 done   0 of 4 in flight        - tok/s",
                          "                 p50       p99", "TTFT               -         -",
                          "ITL                -         -", "latency            -         -",
                          "read late          -         -   - of events coalesced"));
}

TEST(ProgressRowsTest, BeginWithTheRunIfThereAreSeveral) {
  ProgressFigures figures = Middle();
  figures.run = "run 2 of 3";
  const std::vector<std::string> rows = Texts(ProgressRows(figures));
  EXPECT_EQ(rows[0], "run 2 of 3");
  EXPECT_THAT(rows[1], HasSubstr("measuring "));
  EXPECT_EQ(rows.size(), Texts(ProgressRows(Middle())).size() + 1);
}

TEST(ProgressRowsTest, NameThePhase) {
  ProgressFigures figures = Middle();
  figures.phase = RunPhase::kWarmup;
  EXPECT_THAT(Texts(ProgressRows(figures))[0], HasSubstr("warm-up "));
  figures.phase = RunPhase::kDrain;
  EXPECT_THAT(Texts(ProgressRows(figures))[0], HasSubstr("draining "));
}

TEST(ProgressRowsTest, TheBarIsEmptyAtFirstAndFullAtTheEnd) {
  ProgressFigures figures = Middle();
  figures.over = 0;
  EXPECT_THAT(Texts(ProgressRows(figures))[0], HasSubstr("[>                       ]   0 %"));
  figures.over = 1;
  EXPECT_THAT(Texts(ProgressRows(figures))[0], HasSubstr("[========================] 100 %"));
}

TEST(ProgressRowsTest, FailuresStandOutWithTheirReasons) {
  ProgressFigures figures = Middle();
  figures.failed = 3;
  figures.failures = {{"timeout", 2}, {"http_5xx", 1}};
  const std::vector<ProgressRow> rows = ProgressRows(figures);
  EXPECT_EQ(Texts(rows).back(), "failed      3: 2 timeout, 1 http_5xx");
  EXPECT_EQ(StyleOf(rows, "2 timeout"), ProgressStyle::kBad);
}

TEST(ProgressRowsTest, SayWhyTheClientMayBeTheBottleneck) {
  ProgressFigures figures = Middle();
  figures.limit = "it reads too late";
  const std::vector<ProgressRow> rows = ProgressRows(figures);
  EXPECT_EQ(Texts(rows).back(), "the client may be the bottleneck: it reads too late");
  EXPECT_EQ(StyleOf(rows, "bottleneck"), ProgressStyle::kWarning);
}

TEST(ProgressRowsTest, ManyMissingInFlightStandOut) {
  ProgressFigures figures = Middle();
  figures.concurrency = 100;
  figures.in_flight = 95;
  EXPECT_EQ(StyleOf(ProgressRows(figures), ", 5 in flight below target"), ProgressStyle::kPlain);
  figures.in_flight = 94;
  EXPECT_EQ(StyleOf(ProgressRows(figures), ", 6 in flight below target"), ProgressStyle::kWarning);
}

TEST(ProgressLineTest, HasTheSameInShort) {
  EXPECT_EQ(ProgressLine(Middle()),
            "1:05, 1:02:05 left, measuring: 8/64 requests done, 16 in flight, 0 failed, "
            "1474 tok/s, TTFT 278 ms p50 2.78 s p99, ITL 10.7 ms p50 9.99 ms p99, "
            "read late 97 us p50 999 us p99, 1.2 % of events coalesced");
}

TEST(ProgressLineTest, BeginsWithTheRunIfThereAreSeveral) {
  ProgressFigures figures = Middle();
  figures.run = "run 2 of 3";
  EXPECT_EQ(ProgressLine(figures), "run 2 of 3, " + ProgressLine(Middle()));
}

TEST(ProgressLineTest, SaysWhatIsWrongOnlyIfItIs) {
  ProgressFigures figures = Middle();
  figures.coalesced = 0;
  EXPECT_THAT(ProgressLine(figures), Not(HasSubstr("coalesced")));
  figures.total.reset();
  figures.in_flight = 15;
  figures.failed = 1;
  figures.failures = {{"timeout", 1}};
  figures.limit = "it reads too late";
  const std::string line = ProgressLine(figures);
  EXPECT_THAT(line, HasSubstr(" 8 requests done, 15 in flight, 1 failed (1 timeout), 1474 tok/s"));
  EXPECT_THAT(line, HasSubstr(", 1 below target; the client may be the bottleneck: it reads"));
}

}  // namespace
}  // namespace sseprof::progress_text_test
