#include "suite/guardian.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "processes.h"
#include "suite/guarded_process.h"
#include "unit/temp_dir.h"

namespace sseprof::guardian_test {
namespace {

using namespace std::chrono_literals;

/// Starts `script` guarded from a process that is then killed at once.
void StartFromAProcessThatIsKilled(const std::string& script, const TempDir& dir) {
  const pid_t child = fork();
  if (child == 0) {
    const GuardedProcess process(
        {.argv = {"sh", "-c", script, "sh", dir.path()}, .log = dir.File("log")}, SSEPROF_BINARY);
    PidIn(dir.File("engine"));
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
}

TEST(Guardian, EndsAllOfItWhenThatWhichStartedItIsKilled) {
  const TempDir dir;
  StartFromAProcessThatIsKilled(
      "echo $$ > $1/server; (setsid sh -c 'echo $$ > $0/engine; exec sleep 1000' $1 &); "
      "exec sleep 1000",
      dir);
  const pid_t server = PidIn(dir.File("server")), engine = PidIn(dir.File("engine"));
  EXPECT_TRUE(Eventually([&] { return !Lives(server) && !Lives(engine); }));
}

TEST(Guardian, EndsWhatAServerThatEndedLeftBehind) {
  const TempDir dir;
  GuardedProcess process({.argv = {"sh", "-c",
                                   "(setsid sh -c 'echo $$ > $0/engine; exec sleep "
                                   "1000' $1 &); sleep 0.1",
                                   "sh", dir.path()},
                          .log = dir.File("log")},
                         SSEPROF_BINARY);
  const pid_t engine = PidIn(dir.File("engine"));
  ASSERT_TRUE(process.WaitForEnd(20s));
  EXPECT_TRUE(Eventually([&] { return !Lives(engine); }));
}

}  // namespace
}  // namespace sseprof::guardian_test
