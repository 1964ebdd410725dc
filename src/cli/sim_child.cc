#include "cli/sim_child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "cli/core_plan.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

constexpr int kStartWithinMs = 10'000;

std::string FdPath(int fd) { return fmt::format("/proc/self/fd/{}", fd); }

/// A new file in the folder for temporary files, already without a name.
int OpenNamelessFile() {
  std::error_code problem;
  const auto folder = std::filesystem::temp_directory_path(problem);
  std::string path = (folder / "sseprof-XXXXXX").string();
  const int fd = problem ? -1 : mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) {
    throw UsageError(
        fmt::format("can't write a temporary file in '{}': {}: set TMPDIR to a folder "
                    "that can be written to",
                    folder.string(), std::strerror(errno)));
  }
  unlink(path.c_str());
  return fd;
}

Nanos ToNanos(const timeval& time) {
  return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
}

}  // namespace

SimChild::SimChild(const std::vector<std::string>& args, const std::vector<int>& cores) {
  log_ = OpenNamelessFile();
  std::vector<std::string> all = {"sseprof", "sim", "--port", "0", "--log", FdPath(log_)};
  all.insert(all.end(), args.begin(), args.end());
  std::vector<char*> pointers;
  pointers.reserve(all.size() + 1);
  for (std::string& arg : all) pointers.push_back(arg.data());
  pointers.push_back(nullptr);

  int pipe[2] = {-1, -1};
  const pid_t parent = getpid();
  if (pipe2(pipe, O_CLOEXEC) == 0) pid_ = fork();
  if (pid_ == 0) Exec(pointers, cores, pipe[1], parent);
  const int problem = errno;
  close(pipe[1]);
  if (pid_ > 0) url_ = ReadUrl(pipe[0]);
  close(pipe[0]);
  if (!url_.empty()) return;
  if (pid_ > 0) Stop();
  close(log_);
  throw UsageError(fmt::format("can't start the simulated server{}: see whether `sseprof sim` runs",
                               pid_ < 0 ? fmt::format(": {}", std::strerror(problem)) : ""));
}

SimChild::~SimChild() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  close(log_);
}

void SimChild::Exec(const std::vector<char*>& args, const std::vector<int>& cores, int stdout_pipe,
                    pid_t parent) const {
  // Only what is async-signal-safe from here on.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  setpgid(0, 0);
  PinTo(cores);
  fcntl(log_, F_SETFD, 0);
  dup2(stdout_pipe, STDOUT_FILENO);
  execv("/proc/self/exe", args.data());
  _exit(1);
}

std::string SimChild::ReadUrl(int pipe) const {
  std::string line;
  while (!line.ends_with('\n')) {
    pollfd readable{.fd = pipe, .events = POLLIN, .revents = 0};
    const int ready = poll(&readable, 1, kStartWithinMs);
    if (ready < 0 && errno == EINTR) continue;
    char part[256];
    const ssize_t size = ready > 0 ? read(pipe, part, sizeof part) : 0;
    if (size <= 0) return {};
    line.append(part, static_cast<std::size_t>(size));
  }
  line.pop_back();
  return line;
}

SimChild::End SimChild::Stop() {
  kill(pid_, SIGTERM);
  int status = 0;
  rusage usage{};
  while (wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return {.good = WIFEXITED(status) && WEXITSTATUS(status) == 0,
          .cpu = ToNanos(usage.ru_utime) + ToNanos(usage.ru_stime),
          .switches = usage.ru_nivcsw};
}

std::ifstream SimChild::Log() const { return std::ifstream(FdPath(log_), std::ios::binary); }

}  // namespace sseprof
