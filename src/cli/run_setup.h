#pragma once

#include <string>
#include <vector>

#include "cli/connection_options.h"
#include "cli/option_set.h"
#include "cli/run_options.h"
#include "cli/server_info.h"
#include "sseprof/prompt_set.h"
#include "sseprof/run_context.h"

namespace sseprof {

/// All that is decided before the load starts.
struct RunSetup {
  RunOptions run;  ///< with the model's name
  ServerAccess access;
  PromptSet prompts;
  ServerInfo server;
  RunContext context;  ///< of no run yet: see BeginContext
};

/// Checks all that can be checked, makes room for the load, and asks the server for its model, if
/// none is given, and its version. @param args  the command line behind `sseprof run`
/// @throws UsageError; CommandFailure (3) if the server does not answer
RunSetup PrepareRun(const RunOptions& run, const OptionSet& options,
                    const std::vector<std::string>& args);

/// The context of a run that begins now, with an id of its own.
RunContext BeginContext(const RunSetup& setup);

}  // namespace sseprof
