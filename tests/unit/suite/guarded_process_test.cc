#include "suite/guarded_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "processes.h"
#include "sseprof/error.h"
#include "unit/temp_dir.h"

namespace sseprof::guarded_process_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class GuardedProcessTest : public testing::Test {
 protected:
  /// `sh -c script`, in which $1 is the test's folder.
  ServerCommand Shell(const std::string& script) const {
    return {.argv = {"sh", "-c", script, "sh", dir_.path()}, .log = dir_.File("log")};
  }
  std::string Refusal(const ServerCommand& command) const {
    try {
      GuardedProcess(command, SSEPROF_BINARY);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }
  const TempDir dir_;
};

TEST_F(GuardedProcessTest, KeepsWhatItSaysAndHowItEnded) {
  GuardedProcess process(Shell("echo out; echo err >&2; exit 3"), SSEPROF_BINARY);
  const auto end = process.WaitForEnd(20s);
  ASSERT_TRUE(end);
  EXPECT_EQ(EndText(*end), "exit status 3");
  EXPECT_EQ(ReadFile(dir_.File("log")), "out\nerr\n");
}

TEST_F(GuardedProcessTest, HasItsEnvironmentAndFolder) {
  ServerCommand command = Shell("pwd; echo $SUITE_TEST");
  command.folder = dir_.path();
  command.environment = {{"SUITE_TEST", "a b"}};
  GuardedProcess process(command, SSEPROF_BINARY);
  process.WaitForEnd(20s);
  EXPECT_EQ(ReadFile(dir_.File("log")), dir_.path() + "\na b\n");
}

TEST_F(GuardedProcessTest, RunsOnUntilItIsStopped) {
  GuardedProcess process(Shell("exec sleep 1000"), SSEPROF_BINARY);
  EXPECT_EQ(process.WaitForEnd(20ms), std::nullopt);
  EXPECT_TRUE(Lives(process.pid()));
  process.Stop(20s);
  EXPECT_FALSE(Lives(process.pid()));
  EXPECT_EQ(EndText(process.WaitForEnd(0s).value()), "killed by SIGTERM");
}

TEST_F(GuardedProcessTest, EndsGentlyWhereItMay) {
  GuardedProcess process(Shell("trap 'echo bye; exit 0' TERM; echo 1 > $1/up; "
                               "while :; do sleep 0.01; done"),
                         SSEPROF_BINARY);
  ASSERT_EQ(PidIn(dir_.File("up")), 1);
  process.Stop(20s);
  EXPECT_EQ(ReadFile(dir_.File("log")), "bye\n");
  EXPECT_EQ(EndText(process.WaitForEnd(0s).value()), "exit status 0");
}

TEST_F(GuardedProcessTest, KillsWhatIgnoresSigterm) {
  GuardedProcess process(Shell("trap '' TERM; echo 1 > $1/up; while :; do sleep 0.01; done"),
                         SSEPROF_BINARY);
  ASSERT_EQ(PidIn(dir_.File("up")), 1);
  process.Stop(50ms);
  EXPECT_FALSE(Lives(process.pid()));
  EXPECT_EQ(EndText(process.WaitForEnd(0s).value()), "killed by SIGKILL");
}

TEST_F(GuardedProcessTest, LeavesNothingOfWhatTheServerStarted) {
  // A grandchild in a session of its own, whose parent is gone.
  GuardedProcess process(
      Shell("(setsid sh -c 'trap \"\" TERM; echo $$ > $0/engine; while :; do sleep 0.01; done' $1 "
            "&) ; exec sleep 1000"),
      SSEPROF_BINARY);
  const pid_t engine = PidIn(dir_.File("engine"));
  ASSERT_TRUE(Lives(engine));
  process.Stop(50ms);
  EXPECT_FALSE(Lives(engine));
  EXPECT_FALSE(Lives(process.pid()));
}

TEST_F(GuardedProcessTest, EndsWithTheObject) {
  pid_t pid = 0;
  {
    const GuardedProcess process(Shell("exec sleep 1000"), SSEPROF_BINARY);
    pid = process.pid();
  }
  EXPECT_FALSE(Lives(pid));
}

TEST_F(GuardedProcessTest, SaysWhatCannotBeStarted) {
  EXPECT_EQ(Refusal({.argv = {"no-such-program"}, .log = dir_.File("log")}),
            "cannot start 'no-such-program': No such file or directory");
  ServerCommand nowhere = Shell("true");
  nowhere.folder = dir_.File("none");
  EXPECT_THAT(Refusal(nowhere), HasSubstr("none': No such file or directory"));
  ServerCommand unlogged = Shell("true");
  unlogged.log = dir_.File("none/log");
  EXPECT_THAT(Refusal(unlogged), HasSubstr("cannot write '"));
}

}  // namespace
}  // namespace sseprof::guarded_process_test
