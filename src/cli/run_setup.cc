#include "cli/run_setup.h"

#include <utility>

#include "cli/resources.h"
#include "cli/run_facts.h"
#include "cli/run_outputs.h"
#include "cli/secrets.h"
#include "net/clock.h"
#include "sseprof/wall_time.h"

namespace sseprof {
namespace {

/// Every option that holds, fit to be stored; several values of one in one text.
std::vector<std::pair<std::string, std::string>> StorableOptions(const OptionSet& options) {
  std::vector<std::pair<std::string, std::string>> storable;
  for (const auto& [key, value] : options.Effective()) {
    const std::string shown = HideOptionValue("--" + key, value);
    if (!storable.empty() && storable.back().first == key) {
      storable.back().second += ", " + shown;
    } else {
      storable.emplace_back(key, shown);
    }
  }
  return storable;
}

RunContext MakeContext(const RunSetup& setup, const OptionSet& options,
                       const std::vector<std::string>& args) {
  const RunOptions& run = setup.run;
  RunContext context;
  context.labels = run.Labels();
  context.sseprof_version = SSEPROF_VERSION;
  context.command = HideInCommand(args, setup.access.secrets);
  context.command.insert(context.command.begin(), {"sseprof", "run"});
  context.host = HostFacts();
  context.options = StorableOptions(options);
  context.endpoint = HideUrlSecrets(setup.access.endpoint.completions);
  context.model = run.model;
  context.concurrency = run.concurrency;
  context.requests = run.requests;
  context.warmup_requests = run.warmup_requests;
  context.duration = run.duration;
  context.max_tokens = run.max_tokens;
  context.temperature = run.temperature;
  context.stream = !run.no_stream;
  context.slo = run.Objectives();
  context.prompt_sha256 = setup.prompts.Sha256();
  context.prompts = setup.prompts.size();
  context.timestamps = setup.access.curl.timestamps == TimestampKind::kKernel ? "kernel" : "user";
  context.threads = run.threads.value();
  return context;
}

}  // namespace

RunSetup PrepareRun(const RunOptions& run, const OptionSet& options,
                    const std::vector<std::string>& args) {
  RunSetup setup{.run = run, .access = ResolveAccess(run.connection), .prompts = run.Prompts()};
  setup.access.curl.stream = !run.no_stream;
  setup.access.secrets.AddUrl(run.server_metrics.given);
  CheckOutputs(run);
  MakeRoomFor(run.concurrency, run.threads.value());
  if (run.model.empty()) setup.run.model = FindModel(setup.access);
  setup.server = AskServerInfo(setup.access);
  setup.context = MakeContext(setup, options, args);
  return setup;
}

RunContext BeginContext(const RunSetup& setup) {
  RunContext context = setup.context;
  context.run_id = NewRunId();
  context.started_at = Rfc3339(RealNow());
  return context;
}

}  // namespace sseprof
