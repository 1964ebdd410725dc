#include "cli/child_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "cli/exit_status.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

constexpr std::chrono::milliseconds kLook{20};

[[noreturn]] void Exec(const std::vector<char*>& argv, int text, pid_t parent) {
  // Only what is async-signal-safe from here on.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kExitUnusable);
  setpgid(0, 0);
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  dup2(text, STDOUT_FILENO);
  execv("/proc/self/exe", argv.data());
  _exit(kExitUnusable);
}

}  // namespace

int RunChild(const ChildRun& run) {
  std::vector<std::string> words = {"sseprof", "run"};
  words.insert(words.end(), run.args.begin(), run.args.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const int text = open(run.text.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (text < 0) {
    throw UsageError(fmt::format("cannot write '{}': {}", run.text, std::strerror(errno)));
  }
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) Exec(argv, text, parent);
  const int problem = errno;
  close(text);
  if (child < 0) throw UsageError(fmt::format("cannot start a run: {}", std::strerror(problem)));

  int status = 0;
  bool told = false;
  while (waitpid(child, &status, WNOHANG) != child) {
    if (!told && run.stopped()) {
      kill(child, SIGINT);
      told = true;
    }
    std::this_thread::sleep_for(kLook);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kExitInterrupted + WTERMSIG(status);
}

}  // namespace sseprof
