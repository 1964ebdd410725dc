#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// How to start a server.
struct ServerCommand {
  std::vector<std::string> argv;  ///< the first is found by PATH
  /// Variables that are set, over those of this process.
  std::vector<std::pair<std::string, std::string>> environment;
  std::string folder;  ///< to start it in; empty: where we are
  std::string log;     ///< file for its stdout and stderr, appended to
};

/// A server as a child process, with a guardian that lets nothing of it outlive this process,
/// however that ends. Not thread-safe.
class GuardedProcess {
 public:
  /// Starts it. @param guardian  the sseprof program
  /// @throws UsageError if it cannot be started: what, and why
  explicit GuardedProcess(const ServerCommand& command,
                          const std::string& guardian = "/proc/self/exe");
  /// Ends what is left, without grace.
  ~GuardedProcess();
  GuardedProcess(const GuardedProcess&) = delete;
  GuardedProcess& operator=(const GuardedProcess&) = delete;

  /// Of the server itself; its children may have others.
  pid_t pid() const { return server_; }

  /// Waits so long for its end. @return how it ended, as wait() tells it; nothing: it still runs
  std::optional<int> WaitForEnd(Nanos time);

  /// SIGTERM to the server, then to what it leaves behind; after `grace` SIGKILL to all. Returns
  /// when nothing is left.
  void Stop(Nanos grace);

 private:
  void Spawn(const ServerCommand& command, const std::string& guardian);
  /// The next line that the guardian reports; nothing: none came in time, or it has ended.
  std::optional<std::string> NextReport(std::optional<Nanos> time);

  pid_t guardian_ = -1;
  pid_t server_ = -1;
  int channel_ = -1;
  std::string heard_;
  std::optional<int> end_;
};

/// "exit status 1", "killed by SIGKILL": a status of wait().
std::string EndText(int status);

}  // namespace sseprof
