#include <fmt/format.h>

#include "cli/commands.h"
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
  std::string preset, model;
  std::optional<std::int32_t> max_num_seqs;
  std::optional<double> jitter, itl_ms, ttft_ms;
  PaceOptions::Phase phase = PaceOptions::Phase::kStep;
  bool prefix_cache = false, force_usage = false, continuous_usage = false;

  void Define(OptionSet& options);
  SimOptions Resolve() const;
};

Nanos Milliseconds(double value) {
  return std::chrono::round<Nanos>(std::chrono::duration<double, std::milli>(value));
}

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
  options.Text("--api-key KEY", command.sim.api_key, "Refuse requests without this key (401)");
  options.Text("--log FILE", command.sim.log_path,
               "Write the true send time of every event, one JSON line a stream");
}

void DefineEngine(SimCommandOptions& command, OptionSet& options) {
  options.Group("Engine: continuous batching");
  options.Text("--preset NAME", command.preset,
               "Engine fitted to a measured one, and its model: " + PresetNames());
  options.Number("--max-num-seqs N", command.max_num_seqs, {1, 1e6},
                 "Sequences that run at a time; the others queue");
  options.Number("--jitter X", command.jitter, {0, 0.2},
                 "Standard deviation of a step's time, as a share of it");
  options.Flag("--prefix-cache", command.prefix_cache,
               "Prompts seen before cost nothing and are reported as cached");
  options.Group("Pace: fixed gaps instead of an engine");
  options.Number("--itl-ms X", command.itl_ms, {0.01, 1e6}, "Gap between two tokens of a stream");
  options.Number("--ttft-ms X", command.ttft_ms, {0.01, 1e6}, "Time to the first token");
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
  options.Flag("--force-include-usage", command.force_usage,
               "Report usage in every chunk and at the end, asked for or not");
  options.Flag("--continuous-usage", command.continuous_usage,
               "Report usage in every chunk where a request asks for usage");
}

void SimCommandOptions::Define(OptionSet& options) {
  DefineServer(*this, options);
  DefineEngine(*this, options);
  DefineAnswers(*this, options);
}

SimOptions SimCommandOptions::Resolve() const {
  SimOptions resolved = sim;
  const bool paced = itl_ms || ttft_ms;
  if (paced && (max_num_seqs || jitter || prefix_cache)) {
    throw UsageError(
        "--itl-ms sets a fixed pace: --max-num-seqs, --jitter and --prefix-cache need the engine");
  }
  if (!preset.empty()) {
    if (paced) throw UsageError("--preset and --itl-ms contradict each other: give one of them");
    const SimPreset* found = FindSimPreset(preset);
    if (found == nullptr) {
      throw UsageError(fmt::format("--preset: '{}' is none of {}", preset, PresetNames()));
    }
    resolved.engine = found->engine;
    resolved.model = found->model;
  }
  if (!model.empty()) resolved.model = model;
  if (max_num_seqs) resolved.engine.max_num_seqs = *max_num_seqs;
  if (jitter) resolved.engine.jitter = *jitter;
  if (paced) {
    resolved.pace.emplace();
    if (itl_ms) resolved.pace->itl = Milliseconds(*itl_ms);
    if (ttft_ms) resolved.pace->ttft = Milliseconds(*ttft_ms);
    resolved.pace->phase = phase;
  }
  if (continuous_usage) resolved.usage = SimOptions::Usage::kContinuous;
  if (force_usage) resolved.usage = SimOptions::Usage::kForced;
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
