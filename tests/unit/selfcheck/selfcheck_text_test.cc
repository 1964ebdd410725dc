#include "selfcheck/selfcheck_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "sample_selfcheck.h"

namespace sseprof::selfcheck_text_test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(SelfcheckText, ShowsEveryRun) {
  SelfcheckReport report = GoodReport();
  report.cores.client = {1, 2, 3, 7};
  const std::string text = SelfcheckText(report);
  EXPECT_THAT(text, HasSubstr("simulated server on core 0, client (1 thread) on core 1-3, 7\n"));
  EXPECT_THAT(text, HasSubstr("\nuniform user          0.00    4.00    8.00    12.0"));
  EXPECT_THAT(text, HasSubstr("20.500 -> 20.600       +0.100"));
  EXPECT_THAT(text, EndsWith("\nverdict  ok\n"));
}

TEST(SelfcheckText, KeepsToAHundredColumns) {
  SelfcheckReport report = GoodReport();
  report.settings.concurrency = 10'000;
  for (SelfcheckRun& run : report.runs) {
    run.events = 2'400'000;
    run.error = Quantiles(2e-3, 257e-3);
    run.load = CoreLoad{.server = 1, .client = 1};
  }
  report.verdict.problems = {{"machine_busy", std::string(90, 'm') + " " + std::string(60, 'n'),
                              std::string(80, 'a') + " " + std::string(40, 'b')}};
  std::istringstream lines(SelfcheckText(report));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
}

TEST(SelfcheckText, PutsTheVerdictLast) {
  SelfcheckReport report = GoodReport();
  report.verdict = {
      .problems = {{"machine_busy", "it is busy", "wait"}, {"inaccurate", "off", "x"}},
      .notes = {{"one_core", "one", "two"}}};
  const std::string text = SelfcheckText(report);
  EXPECT_THAT(text, EndsWith("note     one (one_core)\n         two\n"
                             "also     off (inaccurate)\n         x\n"
                             "verdict  it is busy (machine_busy)\n         wait\n"));
}

TEST(SelfcheckText, SaysThatACoreIsShared) {
  SelfcheckReport report = GoodReport();
  report.cores = {.server = {3}, .client = {3}, .shared = true};
  EXPECT_THAT(SelfcheckText(report),
              HasSubstr("simulated server and client (1 thread) both on core 3\n"));
}

TEST(SelfcheckText, HasADashForWhatDoesNotExist) {
  SelfcheckReport report = GoodReport();
  report.runs = {SelfcheckRun{.phase = "step", .timestamps = "kernel"}};
  EXPECT_THAT(SelfcheckText(report),
              AllOf(HasSubstr("\nstep    kernel           -       -"), HasSubstr("unknown\n")));
}

TEST(SelfcheckText, ShowsTheLimit) {
  SelfcheckReport report = GoodReport();
  report.limit = SelfcheckLimit{.concurrency = 64, .first_bad = 70, .bound = 100};
  report.limit->probes = {{.concurrency = 70, .verdict = "inaccurate", .reason = "a first one"},
                          {.concurrency = 70, .verdict = "inaccurate", .reason = "too far off"}};
  EXPECT_THAT(SelfcheckText(report), AllOf(HasSubstr("limit    64 streams; not 70: too far off"),
                                           Not(HasSubstr("first one"))));
  report.limit->first_bad.reset();
  EXPECT_THAT(SelfcheckText(report), HasSubstr("limit    64 streams, the most that were tried"));
  report.limit->concurrency = 0;
  report.limit->first_bad = 70;
  EXPECT_THAT(SelfcheckText(report), HasSubstr("limit    none; not 70"));
}

TEST(ProbeText, SaysWhyNot) {
  EXPECT_EQ(ProbeText({.concurrency = 64, .verdict = "ok", .error_p99_us = 12.34}),
            "    64 streams: off by 12.3 us at p99, ok");
  EXPECT_EQ(ProbeText({.concurrency = 64, .verdict = "failed", .reason = "it broke"}),
            "    64 streams: off by - us at p99, not ok: it broke");
}

}  // namespace
}  // namespace sseprof::selfcheck_text_test
