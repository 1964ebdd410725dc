#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/connection_options.h"
#include "cli/metrics_options.h"
#include "cli/option_set.h"
#include "cli/server_watch.h"
#include "neighbours/neighbour_files.h"
#include "sseprof/chat_request.h"
#include "sseprof/prompt_set.h"
#include "sseprof/runner.h"
#include "sseprof/slo.h"
#include "sseprof/time.h"

namespace sseprof {

/// The options of `sseprof run`, with their defaults.
struct RunOptions {
  ConnectionOptions connection;

  std::string model;
  int concurrency = 16;
  std::optional<std::int64_t> requests;
  std::int64_t max_tokens = 256;
  std::string out;

  std::optional<Nanos> duration;
  std::int64_t warmup_requests = 0;
  int repeat = 1;  ///< runs, one after another
  std::optional<Nanos> repeat_pause;
  std::optional<int> threads;
  std::optional<std::int64_t> max_failures;
  double max_error_rate = 0;

  std::string prompt_file;
  std::string prompt;
  double temperature = 0;
  std::string extra_body;
  std::uint64_t seed = 0;
  bool shuffle = false;
  bool ignore_eos = false;
  bool no_stream = false;
  bool exact_tokens = false;

  Nanos timeout = std::chrono::seconds{1200};
  std::optional<Nanos> first_token_timeout;
  std::optional<Nanos> idle_timeout;

  std::vector<std::string> slo;
  MetricsOptions metrics;
  ServerMetricsOption server_metrics;

  std::string records;
  std::vector<std::string> labels;
  bool save_text = false;
  NeighbourFiles neighbours;
  bool quiet = false;

  void Define(OptionSet& options);

  /// Refuses what contradicts itself. @throws UsageError
  void Check() const;

  /// Sets what follows from the rest and was not given (requests, threads, max_failures), here and
  /// among the options that hold.
  void Imply(OptionSet& options);

  LoadOptions Load(const std::string& run_id) const;
  ChatOptions Chat() const;
  AddedFields Added() const;
  PromptSet Prompts() const;
  std::map<std::string, std::string> Labels() const;
  /// @throws UsageError
  Slo Objectives() const;
  /// A name for what is asked: the prompt file's, or "prompt", or "default".
  std::string Dataset() const;
};

/// Event loops for so many streams on so many cores: one up to 512 streams, then one for every 512
/// while a core is left for the rest of the machine.
int DefaultThreads(int streams, int cores);

/// What is asked when nothing else is given: a question whose answer is long.
extern const char kDefaultPrompt[];

}  // namespace sseprof
