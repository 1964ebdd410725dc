#include <fmt/format.h>

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "sseprof/error.h"
#include "suite/guardian.h"

namespace sseprof {
namespace {

struct Command {
  std::string_view name;
  int (*run)(const std::vector<std::string>& args);
  std::string_view does;
};

constexpr Command kCommands[] = {
    {"run", RunCommand, "send a load and measure every token of it"},
    {"report", ReportCommand, "rebuild the summary of a run from its record file"},
    {"compare", CompareCommand, "say which differences between runs are real"},
    {"probe", ProbeCommand, "send one request and show its events as they are understood"},
    {"suite", SuiteCommand,
     "start the server of each variant in turn, run a load on it, and compare"},
    {"selfcheck", SelfcheckCommand, "tell this machine's own measuring error"},
    {"sim", SimCommand, "serve a simulated OpenAI-compatible server"},
};

int PrintHelp() {
  std::string text =
      "sseprof: a streaming-aware latency profiler for LLM servers\n\nUsage: sseprof COMMAND "
      "[OPTIONS]\n\nCommands (sseprof COMMAND --help tells more):\n";
  for (const Command& command : kCommands) {
    text += fmt::format("  {:<10} {}\n", command.name, command.does);
  }
  WriteStdout(text);
  return kExitGood;
}

int Dispatch(const std::vector<std::string>& args) {
  if (args.empty()) throw UsageError("no command given (see: sseprof --help)");
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") return PrintHelp();
  if (args[0] == kGuardCommand) return RunGuardian({args.begin() + 1, args.end()});
  if (args[0] == "--version") {
    WriteStdout("sseprof " SSEPROF_VERSION "\n");
    return kExitGood;
  }
  for (const Command& command : kCommands) {
    if (command.name == args[0]) return command.run({args.begin() + 1, args.end()});
  }
  throw UsageError(fmt::format("'{}' is no command (see: sseprof --help)", args[0]));
}

int Fail(int status, const std::string& message) {
  WriteProblem(message);
  return status;
}

}  // namespace
}  // namespace sseprof

int main(int argc, char** argv) {
  // A reader that went away shows as a failed write.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return sseprof::Dispatch({argv + 1, argv + argc});
  } catch (const sseprof::CommandFailure& failure) {
    return sseprof::Fail(failure.status(), failure.what());
  } catch (const std::exception& error) {
    return sseprof::Fail(sseprof::kExitUnusable, error.what());
  }
}
