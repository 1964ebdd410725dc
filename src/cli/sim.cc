#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/connection_options.h"
#include "cli/exit_status.h"
#include "cli/option_set.h"
#include "cli/output.h"
#include "cli/stop_signal.h"
#include "sim/sim_preset.h"
#include "sim/sim_server.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

struct SimCommandOptions {
  SimOptions sim;
  std::string preset, model, api_key_env, api_key_file;
  std::optional<std::int32_t> max_num_seqs;
  std::optional<Nanos> itl, ttft;
  PaceOptions::Phase phase = PaceOptions::Phase::kStep;
  bool prefix_cache = false;

  void Define(OptionSet& options);
  SimOptions Resolve() const;
};

std::string PresetNames() {
  std::string names;
  for (const SimPreset& preset : SimPresets()) {
    names += (names.empty() ? "" : ", ") + std::string(preset.name);
  }
  return names;
}

void DefineServer(SimCommandOptions& command, OptionSet& options) {
  options.Group("Server");
  options.Number("--port N", command.sim.port, {0, 65535}, "On 127.0.0.1; 0 takes any free one");
  options.Text("--model NAME", command.model, "The one model that it serves");
  options.Text("--api-key-env NAME", command.api_key_env,
               "Environment variable with the API key to ask for; without it none");
  options.Text("--api-key-file FILE", command.api_key_file, "File with the API key to ask for");
  options.Text("--log FILE", command.sim.log_path,
               "Write the true send time of every event, one JSON line a stream");
}

void DefineEngine(SimCommandOptions& command, OptionSet& options) {
  options.Group("Engine: continuous batching");
  options.Text("--preset NAME", command.preset,
               "Engine fitted to a measured one, and its model: " + PresetNames());
  options.Number("--max-num-seqs N", command.max_num_seqs, {1, 1e6},
                 "Sequences that run at a time; the others queue");
  options.Flag("--prefix-cache", command.prefix_cache,
               "Prompts seen before cost nothing and are reported as cached");
  options.Group("Pace: fixed gaps instead of an engine");
  options.Duration("--itl TIME", command.itl, "Gap between two tokens of a stream");
  options.Duration("--ttft TIME", command.ttft, "Time to the first token; without it 200ms");
  options.Choice<PaceOptions::Phase>(
      "--phase KIND", command.phase,
      {{"step", PaceOptions::Phase::kStep}, {"uniform", PaceOptions::Phase::kUniform}},
      "step: all streams on one beat; uniform: spread evenly");
}

void DefineAnswers(SimCommandOptions& command, OptionSet& options) {
  options.Group("Answers");
  options.Number("--seed N", command.sim.seed, {0, 9e18}, "Of texts, lengths and jitter");
  options.Number("--tokens-per-event N", command.sim.tokens_per_event, {1, 1024},
                 "Tokens of a step after the first one");
  options.Number("--stream-interval N", command.sim.stream_interval, {1, 1024},
                 "Steps that are held back and sent as one event");
  options.Number("--reasoning-tokens N", command.sim.reasoning_tokens, {0, 1e6},
                 "Tokens at the start that are reasoning");
  options.Number("--eos-after N", command.sim.eos_after, {0, 1e9},
                 "Mean length of answers; 0: they fill max_tokens");
  options.Choice<SimOptions::Usage>("--usage KIND", command.sim.usage,
                                    {{"as-asked", SimOptions::Usage::kAsAsked},
                                     {"continuous", SimOptions::Usage::kContinuous},
                                     {"forced", SimOptions::Usage::kForced}},
                                    "When token usage is reported");
}

void SimCommandOptions::Define(OptionSet& options) {
  DefineServer(*this, options);
  DefineEngine(*this, options);
  DefineAnswers(*this, options);
}

SimOptions SimCommandOptions::Resolve() const {
  SimOptions resolved = sim;
  if (!preset.empty()) {
    if (itl || ttft) throw UsageError("--preset and --itl contradict each other: give one of them");
    const SimPreset* found = FindSimPreset(preset);
    if (found == nullptr) {
      throw UsageError(fmt::format("--preset: '{}' is none of {}", preset, PresetNames()));
    }
    resolved.engine = found->engine;
    resolved.model = found->model;
  }
  if (!model.empty()) resolved.model = model;
  if (max_num_seqs) resolved.engine.max_num_seqs = *max_num_seqs;
  if (itl || ttft) {
    resolved.pace.emplace();
    if (itl) resolved.pace->itl = *itl;
    if (ttft) resolved.pace->ttft = *ttft;
    resolved.pace->phase = phase;
  }
  if (!api_key_env.empty() || !api_key_file.empty()) {
    resolved.api_key = ReadApiKey(api_key_env, api_key_file);
  }
  resolved.prefix_cache =
      prefix_cache ? SimOptions::PrefixCache::kOn : SimOptions::PrefixCache::kOff;
  return resolved;
}

class ServerTarget final : public StopTarget {
 public:
  explicit ServerTarget(SimServer& server) : server_(server) {}
  void OnStop() noexcept override { server_.Stop(); }

 private:
  SimServer& server_;
};

}  // namespace

int SimCommand(const std::vector<std::string>& args) {
  SimCommandOptions command;
  OptionSet options("sim", "Serve a simulated OpenAI-compatible server until ^C.");
  command.Define(options);
  if (options.Parse(args) == OptionSet::Parsed::kDone) return kExitGood;

  SimServer server(command.Resolve());
  ServerTarget target(server);
  const StopSignal stop(target);
  WriteStdout(fmt::format("http://127.0.0.1:{}\n", server.port()));
  server.Run();
  // To be stopped is how a server ends well.
  return kExitGood;
}

}  // namespace sseprof
