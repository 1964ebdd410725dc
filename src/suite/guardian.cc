#include "suite/guardian.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>

#include "net/clock.h"
#include "sseprof/time.h"

namespace sseprof {
namespace {

constexpr Nanos kGrace = std::chrono::seconds{10};
constexpr Nanos kKillAgain = std::chrono::milliseconds{50};

void Report(const std::string& line) {
  const std::string text = line + "\n";
  send(kGuardFd, text.data(), text.size(), MSG_NOSIGNAL);  // nobody may listen any more
}

/// Of a process that may end at any moment: reading it then fails, and must not throw.
std::optional<pid_t> ParentOf(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/stat");
  std::string text(4096, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 4 > text.size()) return std::nullopt;
  pid_t parent = 0;
  const char* begin = text.data() + name_end + 4;  // ") S "
  if (std::from_chars(begin, text.data() + text.size(), parent).ec != std::errc{}) {
    return std::nullopt;
  }
  return parent;
}

/// All that descend from this process, at this moment.
std::vector<pid_t> Descendants() {
  std::multimap<pid_t, pid_t> children;
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return {};
  while (const dirent* entry = readdir(proc)) {
    const std::string name = entry->d_name;
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (const auto parent = ParentOf(name)) children.emplace(*parent, std::stoi(name));
  }
  closedir(proc);
  std::vector<pid_t> found = {getpid()};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto [begin, end] = children.equal_range(found[i]);
    for (auto child = begin; child != end; ++child) found.push_back(child->second);
  }
  found.erase(found.begin());
  return found;
}

void SignalAll(int signal) {
  for (const pid_t pid : Descendants()) kill(pid, signal);
}

class Guardian {
 public:
  explicit Guardian(const std::vector<std::string>& command) : command_(command) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t blocked;
    sigfillset(&blocked);
    sigprocmask(SIG_SETMASK, &blocked, &before_);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    signals_ = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    fcntl(kGuardFd, F_SETFD, FD_CLOEXEC);
  }

  int Run() {
    if (!Start()) return EXIT_FAILURE;
    while (Reap()) {
      WaitForNews();
      if (deadline_ && MonotonicNow() >= *deadline_) {
        SignalAll(SIGKILL);
        deadline_ = MonotonicNow() + kKillAgain;
      }
    }
    return EXIT_SUCCESS;
  }

 private:
  bool Start() {
    std::vector<char*> argv;
    for (const std::string& word : command_) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    int failure[2] = {-1, -1};
    if (pipe2(failure, O_CLOEXEC) == 0) server_ = fork();
    if (server_ == 0) {
      setpgid(0, 0);
      sigprocmask(SIG_SETMASK, &before_, nullptr);
      execvp(argv[0], argv.data());
      const int problem = errno;
      [[maybe_unused]] const ssize_t written = write(failure[1], &problem, sizeof problem);
      _exit(EXIT_FAILURE);
    }
    int problem = errno;
    close(failure[1]);
    const bool failed = server_ < 0 || read(failure[0], &problem, sizeof problem) == sizeof problem;
    close(failure[0]);
    Report(failed ? fmt::format("failed {}", problem) : fmt::format("started {}", server_));
    if (failed && server_ > 0) waitpid(server_, nullptr, 0);
    return !failed;
  }

  /// False: nothing is left.
  bool Reap() {
    int status = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      if (pid != server_) continue;
      Report(fmt::format("ended {}", status));
      server_ = -1;
      Stop(kGrace);
    }
    return pid == 0;
  }

  void Stop(Nanos grace) {
    server_ > 0 ? void(kill(server_, SIGTERM)) : SignalAll(SIGTERM);
    const Instant by = MonotonicNow() + grace;
    deadline_ = deadline_ ? std::min(*deadline_, by) : by;
  }

  void WaitForNews() {
    pollfd watched[] = {{.fd = signals_, .events = POLLIN, .revents = 0},
                        {.fd = told_all_ ? -1 : kGuardFd, .events = POLLIN, .revents = 0}};
    int timeout_ms = -1;
    if (deadline_) {
      const auto left = *deadline_ - MonotonicNow();
      timeout_ms = static_cast<int>(
          std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(left).count()));
    }
    if (poll(watched, std::size(watched), timeout_ms) < 0) return;
    signalfd_siginfo info;
    while (read(signals_, &info, sizeof info) > 0) {
    }
    if (watched[1].revents != 0) Hear();
  }

  void Hear() {
    char part[64];
    const ssize_t size = read(kGuardFd, part, sizeof part);
    if (size < 0 && errno == EINTR) return;
    if (size <= 0) {
      told_all_ = true;
      Stop(kGrace);
      return;
    }
    heard_.append(part, static_cast<std::size_t>(size));
    constexpr std::string_view kStop = "stop ";
    const auto line_end = heard_.find('\n');
    if (line_end == std::string::npos || !heard_.starts_with(kStop)) return;
    std::int64_t milliseconds = 0;
    std::from_chars(heard_.data() + kStop.size(), heard_.data() + line_end, milliseconds);
    heard_.erase(0, line_end + 1);
    Stop(std::chrono::milliseconds{milliseconds});
  }

  const std::vector<std::string>& command_;
  sigset_t before_{};
  int signals_ = -1;
  pid_t server_ = -1;
  std::string heard_;
  bool told_all_ = false;            ///< we that started it are gone
  std::optional<Instant> deadline_;  ///< when what is left is killed
};

}  // namespace

int RunGuardian(const std::vector<std::string>& command) { return Guardian(command).Run(); }

}  // namespace sseprof
