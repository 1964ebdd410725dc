#include "selfcheck/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample_selfcheck.h"

namespace sseprof::verdict_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Good runs, of which a test spoils the last but one (step, kernel) or the last (step, user).
class Verdict : public testing::Test {
 protected:
  SelfcheckVerdict Judge() const {
    return JudgeSelfcheck(report_.settings, report_.cores, report_.runs);
  }
  static std::vector<std::string> Codes(const std::vector<Warning>& warnings) {
    std::vector<std::string> codes;
    for (const Warning& warning : warnings) {
      codes.push_back(warning.code);
      EXPECT_FALSE(warning.message.empty());
      EXPECT_FALSE(warning.advice.empty());
    }
    return codes;
  }
  std::vector<std::string> Problems() const { return Codes(Judge().problems); }
  std::vector<std::string> Notes() const { return Codes(Judge().notes); }
  std::string Message() const { return Judge().problems.at(0).message; }

  SelfcheckReport report_ = GoodReport();
  SelfcheckRun& run_ = report_.runs[2];
  SelfcheckRun& user_run_ = report_.runs[3];
};

TEST_F(Verdict, IsOk) {
  EXPECT_TRUE(Judge().ok());
  EXPECT_THAT(Notes(), IsEmpty());
}

TEST_F(Verdict, SeesFailures) {
  user_run_.failed = 3;
  user_run_.last_failure = "connect: refused";
  EXPECT_THAT(Problems(), ElementsAre("failed"));
  EXPECT_THAT(Message(), AllOf(HasSubstr("3 of 30"), HasSubstr("connect: refused"),
                               HasSubstr("step, user stamps")));
}

TEST_F(Verdict, SeesThatNothingCame) {
  for (SelfcheckRun& run : report_.runs) {
    run = SelfcheckRun{.phase = "step", .timestamps = "kernel", .timestamps_used = "kernel"};
    run.requests = run.failed = 5;
  }
  EXPECT_THAT(Problems(), ElementsAre("failed"));
}

TEST_F(Verdict, SeesMissingKernelStamps) {
  run_.timestamps_used = "user";
  EXPECT_THAT(Problems(), ElementsAre("no_kernel_stamps"));
}

TEST_F(Verdict, SeesOtherPrograms) {
  run_.load->server = 0.24;
  run_.load->client = 0.25;
  EXPECT_TRUE(Judge().ok());
  run_.load->client = 0.93;
  EXPECT_THAT(Problems(), ElementsAre("machine_busy"));
  EXPECT_THAT(Message(), AllOf(HasSubstr("the machine is busy"), HasSubstr("93 %")));
}

TEST_F(Verdict, SeesOtherProgramsBesideUserStampsToo) {
  user_run_.load->server = 0.5;
  EXPECT_THAT(Problems(), ElementsAre("machine_busy"));
}

TEST_F(Verdict, SeesTheHost) {
  run_.load->stolen = 0.06;
  EXPECT_THAT(Problems(), ElementsAre("machine_busy"));
  EXPECT_THAT(Message(), HasSubstr("host"));
}

TEST_F(Verdict, DoesWithoutFiguresOfOthers) {
  for (SelfcheckRun& run : report_.runs) run.load.reset();
  EXPECT_TRUE(Judge().ok());
}

TEST_F(Verdict, SeesThatFewSendsCanBeJudged) {
  run_.judged_events = 2700;
  EXPECT_TRUE(Judge().ok());
  run_.judged_events = 2600;
  EXPECT_THAT(Problems(), ElementsAre("server_preempted"));
  EXPECT_THAT(Message(), HasSubstr("86.7 %"));
}

TEST_F(Verdict, SeesALateServer) {
  run_.itl.truth.p99 = 29.9e-3;
  EXPECT_TRUE(Judge().ok());
  run_.itl.truth.p99 = 30.1e-3;
  EXPECT_THAT(Problems(), ElementsAre("server_late"));
  EXPECT_THAT(Message(), AllOf(HasSubstr("30.10 ms"), HasSubstr("20 ms")));
}

TEST_F(Verdict, SeesRejectedStamps) {
  run_.client.clock_rejected = 4;
  EXPECT_THAT(Problems(), ElementsAre("clock_rejected"));
  run_.client.clock_rejected = 3;
  EXPECT_TRUE(Judge().ok());
  EXPECT_THAT(Notes(), ElementsAre("clock_rejected"));
}

TEST_F(Verdict, SeesALateClient) {
  run_.client.verdict = "client_limited";
  run_.client.reason = "sending took 99 us";
  EXPECT_THAT(Problems(), ElementsAre("client_limited"));
  EXPECT_THAT(Message(), HasSubstr("sending took 99 us"));
}

TEST_F(Verdict, SeesErrors) {
  run_.error.p99 = 100e-6;
  EXPECT_TRUE(Judge().ok());
  run_.error.p99 = 101e-6;
  EXPECT_THAT(Problems(), ElementsAre("inaccurate"));
  EXPECT_THAT(Message(), AllOf(HasSubstr("101.0 us"), HasSubstr("--max-error-us 100")));
  report_.settings.max_error_us = 200;
  EXPECT_TRUE(Judge().ok());
}

TEST_F(Verdict, SeesThatTheTruthIsOutside) {
  run_.contained = 2997;
  EXPECT_TRUE(Judge().ok());
  run_.contained = 2990;
  EXPECT_THAT(Problems(), ElementsAre("inaccurate"));
  EXPECT_THAT(Message(), HasSubstr("0.33 %"));
}

TEST_F(Verdict, NeedsAHundredEvents) {
  run_.events = run_.contained = run_.judged_events = 99;
  EXPECT_THAT(Problems(), ElementsAre("too_few"));
}

TEST_F(Verdict, NamesCausesFirst) {
  run_.error.p99 = 101e-6;
  run_.client.verdict = "client_limited";
  run_.load->client = 0.9;
  EXPECT_THAT(Problems(), ElementsAre("machine_busy", "client_limited", "inaccurate"));
}

TEST_F(Verdict, NamesTheWorstRun) {
  run_.error.p99 = 150e-6;
  report_.runs[0].error.p99 = 160e-6;
  EXPECT_THAT(Message(), HasSubstr("uniform, kernel stamps"));
}

TEST_F(Verdict, OnlyNotesWhatUserStampsGetWrong) {
  user_run_.error.p99 = 1.1e-3;
  user_run_.client.verdict = "client_limited";
  user_run_.itl.truth.p99 = 50e-3;
  EXPECT_TRUE(Judge().ok());
  EXPECT_THAT(Notes(), ElementsAre("user_late"));
}

TEST_F(Verdict, NotesASharedCore) {
  report_.cores = {.server = {0}, .client = {0}, .shared = true};
  EXPECT_TRUE(Judge().ok());
  EXPECT_THAT(Notes(), ElementsAre("one_core"));
}

TEST_F(Verdict, MakesAProbe) {
  run_.error.p99 = 150e-6;
  report_.verdict = Judge();
  const LimitProbe probe = MakeProbe(report_);
  EXPECT_EQ(probe.concurrency, 16);
  EXPECT_EQ(probe.verdict, "inaccurate");
  EXPECT_FALSE(probe.ok());
  EXPECT_DOUBLE_EQ(probe.error_p99_us.value(), 150);
  EXPECT_TRUE(MakeProbe(GoodReport()).ok());
}

TEST_F(Verdict, OfALimitIsThatOfItsLoad) {
  SelfcheckLimit limit{.concurrency = 16, .first_bad = 17};
  limit.probes = {{.concurrency = 17, .verdict = "inaccurate", .reason = "off"}};
  EXPECT_TRUE(JudgeLimit(limit, {}).ok());
  limit.first_bad.reset();
  EXPECT_TRUE(JudgeLimit(limit, {}).ok());
  EXPECT_FALSE(JudgeLimit(limit, {.problems = {{"failed", "m", "a"}}}).ok());
}

TEST_F(Verdict, OfALimitThatABusyMachineSetIsNotOk) {
  SelfcheckLimit limit{.concurrency = 16, .first_bad = 17};
  limit.probes = {{.concurrency = 17, .verdict = "inaccurate", .reason = "off"},
                  {.concurrency = 17, .verdict = "machine_busy", .reason = "the machine is busy"}};
  const SelfcheckVerdict verdict = JudgeLimit(limit, {});
  EXPECT_THAT(Codes(verdict.problems), ElementsAre("machine_busy"));
  EXPECT_THAT(verdict.problems[0].message, HasSubstr("at 17 streams"));
}

}  // namespace
}  // namespace sseprof::verdict_test
