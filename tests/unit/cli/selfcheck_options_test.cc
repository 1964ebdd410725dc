#include "cli/selfcheck_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sseprof/error.h"

namespace sseprof::selfcheck_options_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

SelfcheckOptions Parsed(const std::vector<std::string>& args, int cores = 8) {
  SelfcheckOptions command;
  OptionSet options("selfcheck", "");
  command.Define(options);
  options.Parse(args, [&] { command.Complete(options, cores); });
  return command;
}

TEST(SelfcheckOptions, HasAUsersDefaults) {
  const SelfcheckOptions command = Parsed({});
  EXPECT_EQ(command.settings.concurrency, 16);
  EXPECT_EQ(command.settings.tokens, 100);
  EXPECT_EQ(command.settings.requests, 30);
  EXPECT_EQ(command.settings.threads, 1);
  EXPECT_EQ(command.settings.itl_ms, 20);
  EXPECT_EQ(command.settings.max_error_us, 100);
  EXPECT_THAT(command.Phases(), ElementsAre("uniform", "step"));
}

TEST(SelfcheckOptions, TakesThreadsFromLoadAndCores) {
  EXPECT_EQ(Parsed({"--concurrency", "2000"}, 2).settings.threads, 1);
  EXPECT_EQ(Parsed({"--concurrency", "2000"}, 8).settings.threads, 4);
  EXPECT_EQ(Parsed({"--concurrency", "2000", "--threads", "2"}, 8).settings.threads, 2);
}

TEST(SelfcheckOptions, TakesThePhasesThatAreAskedFor) {
  EXPECT_THAT(Parsed({"--phase", "step"}).Phases(), ElementsAre("step"));
  EXPECT_THAT(Parsed({"--phase", "uniform"}).Phases(), ElementsAre("uniform"));
}

TEST(SelfcheckOptions, KeepsAProbeShort) {
  EXPECT_EQ(Parsed({"--find-limit"}).settings.tokens, 100);
  EXPECT_EQ(Parsed({"--find-limit", "--itl-ms", "50"}).settings.tokens, 40);
  EXPECT_EQ(Parsed({"--find-limit", "--itl-ms", "1000"}).settings.tokens, 10);
  EXPECT_EQ(Parsed({"--find-limit", "--itl-ms", "50", "--tokens", "70"}).settings.tokens, 70);
}

TEST(SelfcheckOptions, SetsAProbe) {
  const SelfcheckSettings probe = Parsed({"--find-limit", "--itl-ms", "50"}).SettingsFor(2000, 8);
  EXPECT_EQ(probe.concurrency, 2000);
  EXPECT_EQ(probe.requests, 2000);
  EXPECT_EQ(probe.tokens, 40);
  EXPECT_EQ(probe.threads, 4);
  EXPECT_EQ(Parsed({"--find-limit", "--threads", "4"}).SettingsFor(2, 8).threads, 2);
}

TEST(SelfcheckOptions, BoundsTheSearch) {
  EXPECT_EQ(Parsed({"--find-limit", "--max-concurrency", "500"}).max_concurrency, 500);
  const int bound = Parsed({"--find-limit"}).max_concurrency.value();
  EXPECT_GE(bound, 16);
  EXPECT_LE(bound, 20'000);
}

TEST(SelfcheckOptions, RefusesWhatContradictsItself) {
  EXPECT_THAT(
      [] {
        Parsed({"--find-limit", "--requests", "5"});
      },
      ThrowsMessage<UsageError>(HasSubstr("--requests")));
  EXPECT_THAT(
      [] {
        Parsed({"--max-concurrency", "50"});
      },
      ThrowsMessage<UsageError>(HasSubstr("--find-limit")));
  EXPECT_THAT(
      [] {
        Parsed({"--find-limit", "--max-concurrency", "15"});
      },
      ThrowsMessage<UsageError>(HasSubstr("--concurrency")));
  EXPECT_THAT(
      [] {
        Parsed({"--threads", "17"});
      },
      ThrowsMessage<UsageError>(HasSubstr("--threads")));
}

TEST(DefaultRequests, GiveAPercentileSomethingBeyondIt) {
  EXPECT_EQ(DefaultRequests(16, 100), 30);
  EXPECT_EQ(DefaultRequests(1000, 100), 1000);
  EXPECT_EQ(DefaultRequests(1, 100), 4);
  EXPECT_EQ(DefaultRequests(16, 20), 64);
  EXPECT_EQ(DefaultRequests(16, 1'000'000), 16);
}

}  // namespace
}  // namespace sseprof::selfcheck_options_test
