#pragma once

#include <string>
#include <vector>

namespace sseprof {

// The commands: each takes what stands behind its name on the command line and returns the exit
// status. Results go to stdout, progress to stderr.
// @throws UsageError, CommandFailure

int RunCommand(const std::vector<std::string>& args);
int CompareCommand(const std::vector<std::string>& args);
int ProbeCommand(const std::vector<std::string>& args);
int ReportCommand(const std::vector<std::string>& args);
int SelfcheckCommand(const std::vector<std::string>& args);
int SimCommand(const std::vector<std::string>& args);
int SuiteCommand(const std::vector<std::string>& args);

}  // namespace sseprof
