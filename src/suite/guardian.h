#pragma once

#include <string>
#include <vector>

namespace sseprof {

// A guardian stands between us and a server that we started. It is a process of its own, in a
// session of its own, that adopts whatever the server starts and leaves behind, and ends all of it
// when it is told to, when the server has ended, or when we are gone: killed, even. A death signal
// alone would reach the server and not the engines that it has started.

/// The descriptor that a guardian is started with: a socket on which it is told what to do and
/// reports. When it is closed, we are gone.
inline constexpr int kGuardFd = 3;

/// Name of the command that becomes a guardian; not for people.
inline constexpr char kGuardCommand[] = "__guard";

/// Starts `command` (found by PATH) and guards it; returns when nothing of it is left. Reports a
/// line each: "failed ERRNO" (it could not be started), "started PID", "ended STATUS" (as wait
/// gives it). Told "stop MILLISECONDS": SIGTERM to the server, then to what it leaves behind, and
/// after that time SIGKILL to all. Where it is not told, they have 10 s.
/// @return exit status
int RunGuardian(const std::vector<std::string>& command);

}  // namespace sseprof
