#include "suite/guarded_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include "net/clock.h"
#include "sseprof/error.h"
#include "suite/guardian.h"

extern char** environ;

namespace sseprof {
namespace {

/// The number behind `word` in a report; nothing if it is another report.
std::optional<int> Told(const std::string& report, std::string_view word) {
  if (!report.starts_with(word)) return std::nullopt;
  int number = 0;
  std::from_chars(report.data() + word.size(), report.data() + report.size(), number);
  return number;
}

std::vector<std::string> EnvironmentOf(const ServerCommand& command) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    const bool is_set = std::any_of(command.environment.begin(), command.environment.end(),
                                    [name](const auto& pair) { return pair.first == name; });
    if (!is_set) environment.emplace_back(text);
  }
  for (const auto& [name, value] : command.environment)
    environment.push_back(fmt::format("{}={}", name, value));
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// What posix_spawn does between fork and exec.
class SpawnActions {
 public:
  SpawnActions() { posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  void Open(int fd, const char* path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, fd, path, flags, 0666);
  }
  void Dup(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void Enter(const std::string& folder) {
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

/// A pair of connected sockets: ours, and the guardian's. (A pipe whose reader is gone would raise
/// a signal.)
class Channel {
 public:
  Channel() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      throw UsageError(fmt::format("cannot start a guardian: {}", std::strerror(errno)));
    }
    // Out of the way of the descriptor that the guardian is started with.
    for (int i = 0; i < 2; ++i) {
      ends_[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, kGuardFd + 1);
      close(ends[i]);
    }
  }
  ~Channel() {
    for (const int end : ends_) {
      if (end >= 0) close(end);
    }
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  int theirs() const { return ends_[1]; }
  int TakeOurs() { return std::exchange(ends_[0], -1); }

 private:
  int ends_[2] = {-1, -1};
};

}  // namespace

GuardedProcess::GuardedProcess(const ServerCommand& command, const std::string& guardian) {
  const int log = open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (log < 0) {
    throw UsageError(fmt::format("cannot write '{}': {}", command.log, std::strerror(errno)));
  }
  close(log);
  Spawn(command, guardian);
  const std::string report = NextReport(std::nullopt).value_or("");
  if (const auto pid = Told(report, "started ")) {
    server_ = *pid;
    return;
  }
  Stop(Nanos{0});
  const auto problem = Told(report, "failed ");
  throw UsageError(fmt::format("cannot start '{}': {}", command.argv.at(0),
                               problem ? std::strerror(*problem) : "its guardian ended"));
}

void GuardedProcess::Spawn(const ServerCommand& command, const std::string& guardian) {
  Channel channel;
  SpawnActions actions;
  actions.Open(STDIN_FILENO, "/dev/null", O_RDONLY);
  actions.Open(STDOUT_FILENO, command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND);
  actions.Dup(STDOUT_FILENO, STDERR_FILENO);
  actions.Dup(channel.theirs(), kGuardFd);
  if (!command.folder.empty()) actions.Enter(command.folder);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A server starts with signals as a shell would give them, whatever we ignore or block.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> words = {"sseprof", kGuardCommand};
  words.insert(words.end(), command.argv.begin(), command.argv.end());
  std::vector<std::string> environment = EnvironmentOf(command);
  const int problem = posix_spawn(&guardian_, guardian.c_str(), actions.get(), &attributes,
                                  Pointers(words).data(), Pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  if (problem != 0) {
    guardian_ = -1;
    throw UsageError(fmt::format("cannot start '{}' in '{}': {}", command.argv.at(0),
                                 command.folder, std::strerror(problem)));
  }
  channel_ = channel.TakeOurs();
}

GuardedProcess::~GuardedProcess() { Stop(Nanos{0}); }

std::optional<std::string> GuardedProcess::NextReport(std::optional<Nanos> time) {
  const Instant deadline = MonotonicNow() + time.value_or(Nanos{0});
  while (channel_ >= 0) {
    if (const auto line_end = heard_.find('\n'); line_end != std::string::npos) {
      std::string line = heard_.substr(0, line_end);
      heard_.erase(0, line_end + 1);
      return line;
    }
    int timeout_ms = -1;
    if (time) {
      const Nanos left = std::max(Nanos{0}, deadline - MonotonicNow());
      timeout_ms = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
    }
    pollfd readable{.fd = channel_, .events = POLLIN, .revents = 0};
    const int ready = poll(&readable, 1, timeout_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    char part[64];
    const ssize_t size = read(channel_, part, sizeof part);
    if (size <= 0) return std::nullopt;
    heard_.append(part, static_cast<std::size_t>(size));
  }
  return std::nullopt;
}

std::optional<int> GuardedProcess::WaitForEnd(Nanos time) {
  if (!end_) {
    if (const auto report = NextReport(time)) end_ = Told(*report, "ended ");
  }
  return end_;
}

void GuardedProcess::Stop(Nanos grace) {
  if (guardian_ < 0) return;
  const std::string order = fmt::format(
      "stop {}\n", std::chrono::duration_cast<std::chrono::milliseconds>(grace).count());
  send(channel_, order.data(), order.size(), MSG_NOSIGNAL);  // it may have ended already
  while (const auto report = NextReport(std::nullopt)) {
    if (const auto status = Told(*report, "ended ")) end_ = status;
  }
  while (waitpid(guardian_, nullptr, 0) < 0 && errno == EINTR) {
  }
  close(channel_);
  guardian_ = channel_ = -1;
}

std::string EndText(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = sigabbrev_np(WTERMSIG(status));
    return fmt::format("killed by SIG{}", name == nullptr ? "?" : name);
  }
  return fmt::format("exit status {}", WEXITSTATUS(status));
}

}  // namespace sseprof
