#include <fmt/format.h>

#include "cli/run_options.h"
#include "out/output_file.h"
#include "sseprof/error.h"
#include "wire/json.h"

namespace sseprof {
namespace {

void CheckPrompts(const RunOptions& run) {
  if (!run.prompt.empty() && !run.prompt_file.empty()) {
    throw UsageError("--prompt and --prompt-file are both given: give one of them");
  }
}

void CheckExtraBody(const RunOptions& run) {
  if (run.extra_body.empty()) return;
  try {
    const JsonDocument body = JsonDocument::Parse(run.extra_body);
    if (!body.root().IsObject()) {
      throw UsageError("--extra-body: this is no JSON object: give it like '{\"top_p\": 0.9}'");
    }
    if (body.root().Has("stream")) {
      throw UsageError("--extra-body: 'stream' is decided by --no-stream: leave it out");
    }
  } catch (const JsonError& error) {
    throw UsageError(fmt::format("--extra-body: {}", error.what()));
  }
}

void CheckStream(const RunOptions& run) {
  if (!run.no_stream) return;
  const Slo slo = run.Objectives();
  const char* needs_stream = run.exact_tokens               ? "--exact-tokens"
                             : run.first_token_timeout      ? "--first-token-timeout"
                             : run.idle_timeout             ? "--idle-timeout"
                             : slo.ttft                     ? "--slo ttft"
                             : slo.tpot                     ? "--slo tpot"
                             : !run.neighbours.vllm.empty() ? "--save-vllm"
                                                            : nullptr;
  if (needs_stream != nullptr) {
    throw UsageError(fmt::format("{} needs a stream: leave it or --no-stream out", needs_stream));
  }
}

void CheckFiles(const RunOptions& run) {
  if (run.records == "-") {
    throw UsageError("--records: must be a file: it is written while the run goes on");
  }
  if (NameSameFile(run.records, run.out)) {
    throw UsageError("--out and --records name the same file: give two");
  }
  const std::string& openmetrics = run.metrics.openmetrics;
  if (NameSameFile(openmetrics, run.out) || NameSameFile(openmetrics, run.records)) {
    throw UsageError("--metrics-openmetrics names the file of another option: give one of its own");
  }
  if (run.save_text && run.records.empty() && run.neighbours.vllm.empty()) {
    throw UsageError("--save-text needs --records or --save-vllm: that is where the texts go");
  }
}

void CheckNeighbours(const RunOptions& run) {
  const std::string& vllm = run.neighbours.vllm;
  const std::string& aiperf = run.neighbours.aiperf;
  const auto check = [&run](const std::string& name, const std::string& path,
                            const std::string& other) {
    if (path == "-") throw UsageError(name + ": must be a file: stdout has the summary");
    for (const std::string& taken : {run.out, run.records, run.metrics.openmetrics, other}) {
      if (!NameSameFile(path, taken)) continue;
      throw UsageError(name + " names the file of another option: give one of its own");
    }
  };
  check("--save-vllm", vllm, aiperf);
  check("--save-aiperf", aiperf, vllm);
}

void CheckRepeat(const RunOptions& run) {
  if (run.repeat == 1) {
    if (run.repeat_pause) throw UsageError("--repeat-pause needs --repeat 2 or more");
  } else if (run.out == "-") {
    throw UsageError("--out: stdout can't hold several summaries: with --repeat name a file");
  }
}

}  // namespace

void RunOptions::Check() const {
  CheckPrompts(*this);
  CheckExtraBody(*this);
  CheckStream(*this);
  CheckFiles(*this);
  CheckNeighbours(*this);
  CheckRepeat(*this);
  metrics.Check();
  server_metrics.Check();
  static_cast<void>(Labels());
  static_cast<void>(Objectives());
  if (threads && *threads > concurrency) {
    throw UsageError(
        fmt::format("--threads: {} is more than --concurrency {}: a thread needs a stream",
                    *threads, concurrency));
  }
}

}  // namespace sseprof
