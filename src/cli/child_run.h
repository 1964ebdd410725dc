#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sseprof {

/// How `sseprof run` as a child process is done. It has a process group of its own, so that the
/// terminal's ^C reaches it once, through us, and is killed by the kernel if we end first.
struct ChildRun {
  std::vector<std::string> args;  ///< behind `sseprof run`
  std::string text;               ///< file for its stdout; its stderr is ours
  std::function<bool()> stopped;  ///< asked all the time: true interrupts it, once
};

/// Runs it to its end. @return its exit status; 128 and the signal's number if one killed it
/// @throws UsageError if it cannot be started
int RunChild(const ChildRun& run);

}  // namespace sseprof
