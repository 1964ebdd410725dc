#pragma once

#include <sys/types.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// `sseprof sim --port 0 --log ..` as a child process: this same program, on cores of its own, in a
/// process group of its own (the terminal's ^C does not reach it), killed by the kernel if we end
/// first. Its log is a file without a name, so that none is ever left behind.
class SimChild {
 public:
  /// Starts it and waits until it listens. @throws UsageError if it does not start
  SimChild(const std::vector<std::string>& args, const std::vector<int>& cores);
  /// Kills it if it still runs.
  ~SimChild();
  SimChild(const SimChild&) = delete;
  SimChild& operator=(const SimChild&) = delete;

  const std::string& url() const { return url_; }

  struct End {
    bool good = false;          ///< it ended well, its log is whole
    Nanos cpu{};                ///< user and system, of its whole life
    std::int64_t switches = 0;  ///< times that it was preempted
  };
  /// Ends it, waits for it, and says how it went. Once only.
  End Stop();

  /// The log, from its begin. After Stop.
  std::ifstream Log() const;

 private:
  [[noreturn]] void Exec(const std::vector<char*>& args, const std::vector<int>& cores,
                         int stdout_pipe, pid_t parent) const;
  std::string ReadUrl(int pipe) const;

  int log_ = -1;
  pid_t pid_ = -1;
  std::string url_;
};

}  // namespace sseprof
