#include "cli/run_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "cli/run_facts.h"
#include "sseprof/duration.h"
#include "sseprof/error.h"
#include "wire/json.h"

namespace sseprof {
namespace {

constexpr std::int64_t kDefaultRequests = 64;
constexpr double kMostStreams = 100'000;
constexpr double kMostRequests = 1e12;
constexpr double kMostRuns = 1000;
constexpr Nanos kLongestObjective = std::chrono::hours{100};

void DefineMain(RunOptions& run, OptionSet& options) {
  options.Group("Main");
  options.Text("--base-url URL", run.connection.base_url,
               "The server: http://HOST:PORT, its /v1, or the whole URL of its chat completions");
  options.Text("--model NAME", run.model, "Model; without it the only one that the server has");
  options.Number("--concurrency N", run.concurrency, {1, kMostStreams},
                 "Requests in flight at any time");
  options.Number("--requests N", run.requests, {1, kMostRequests},
                 "Requests to measure; without it and without --duration 64");
  options.Number("--max-tokens N", run.max_tokens, {1, 1e9}, "Tokens that an answer may have");
  options.Text("--out FILE", run.out, "Write the summary as JSON; - is stdout");
}

void DefineLoad(RunOptions& run, OptionSet& options) {
  options.Group("Load");
  options.Duration(
      "--duration TIME", run.duration,
      "Start nothing later than this after the first measured start; what is in flight counts");
  options.Number("--warmup-requests N", run.warmup_requests, {0, kMostRequests},
                 "Requests to send first, not counted");
  options.Number(
      "--repeat N", run.repeat, {1, kMostRuns},
      "Runs to do, one after another; the names of files get the run's number: X.1.json");
  options.Duration("--repeat-pause TIME", run.repeat_pause,
                   "Let so much time pass between two of these runs");
  options.Number("--threads N", run.threads, {1, 1024},
                 "Event loops; without it one for every 512 streams");
  options.Number("--max-failures N", run.max_failures, {1, kMostRequests},
                 "Failures in a row that end the run; without it 3 x concurrency");
  options.Number("--max-error-rate SHARE", run.max_error_rate, {0, 1},
                 "Share of failed requests that is still exit status 0");
}

void DefinePrompts(RunOptions& run, OptionSet& options) {
  options.Group("Prompts");
  options.Text("--prompt-file FILE", run.prompt_file,
               "A text; or .jsonl: lines with prompt or messages, and max_tokens, used in turn");
  options.Text("--prompt TEXT", run.prompt,
               "The prompt itself; without any, one that asks for a long answer");
  options.Flag("--shuffle", run.shuffle, "Use the prompts in a random order");
  options.Number("--seed N", run.seed, {0, 9e18}, "Decides that order; never sent to the server");
  options.Number("--temperature T", run.temperature, {0, 100}, "Sampling temperature");
  options.Flag("--ignore-eos", run.ignore_eos, "Have every answer filled up to --max-tokens");
  options.Flag("--exact-tokens", run.exact_tokens,
               "Ask for token ids and running usage, to count every event's tokens");
  options.Flag("--no-stream", run.no_stream, "Ask for whole answers: latencies only");
  options.Text("--extra-body JSON", run.extra_body,
               "Object whose keys are set in every request, last");
}

void DefineTimeouts(RunOptions& run, OptionSet& options) {
  options.Group("Timeouts");
  options.Duration("--timeout TIME", run.timeout, "For a whole request");
  options.Duration("--connect-timeout TIME", run.connection.connect_timeout, "For connecting");
  options.Duration("--first-token-timeout TIME", run.first_token_timeout,
                   "Until the first output; without it none");
  options.Duration("--idle-timeout TIME", run.idle_timeout,
                   "Without a byte from the server, from the start on; without it none");
}

void DefineOutput(RunOptions& run, OptionSet& options) {
  options.Group("Output");
  options.Text("--records FILE", run.records, "Write one JSON line per request, as it ends");
  options.List("--label NAME=VALUE", run.labels, "Keep this with the results (repeatable)");
  options.Text("--save-vllm FILE", run.neighbours.vllm,
               "Write the result as `vllm bench serve --save-result --save-detailed` does");
  options.Text("--save-aiperf FILE", run.neighbours.aiperf,
               "Write the result as AIPerf's profile_export_aiperf.json");
  options.Flag("--save-text", run.save_text, "Keep the answers' texts in the records");
  options.Flag("--quiet", run.quiet, "No progress");
}

}  // namespace

const char kDefaultPrompt[] =
    "Write a detailed article of at least 400 words for engineers about how a large language "
    "model produces text. Explain the prefill of the prompt, the key-value cache, the decoding of "
    "one token after another, and the batching of requests from many users. Say for each of them "
    "what limits its speed on a modern GPU. Write full paragraphs, no lists.";

void RunOptions::Define(OptionSet& options) {
  DefineMain(*this, options);
  DefineLoad(*this, options);
  DefinePrompts(*this, options);
  DefineTimeouts(*this, options);
  connection.Define(options);
  DefineOutput(*this, options);
  metrics.Define(options);
  options.Group("Measurement");
  options.Choice<TimestampKind>(
      "--timestamps KIND", connection.timestamps,
      {{"kernel", TimestampKind::kKernel}, {"user", TimestampKind::kUser}},
      "kernel: when the network stack got the bytes; user: when they were read");
  options.List("--slo NAME=DURATION", slo,
               "Objective for a request's ttft, tpot or latency: goodput is what keeps them all "
               "(repeatable)");
  server_metrics.Define(options);
}

void RunOptions::Imply(OptionSet& options) {
  if (!extra_body.empty()) {
    // What it sets is what is sent, so results must state it.
    const JsonDocument body = JsonDocument::Parse(extra_body);
    max_tokens = body.root()["max_tokens"].AsInt().value_or(max_tokens);
    temperature = body.root()["temperature"].AsDouble().value_or(temperature);
    model = std::string(body.root()["model"].AsString().value_or(model));
  }
  if (!requests && !duration) {
    requests = kDefaultRequests;
    options.Imply("--requests", std::to_string(*requests));
  }
  if (!threads) {
    threads = DefaultThreads(concurrency, UsableCores());
    options.Imply("--threads", std::to_string(*threads));
  }
  if (!max_failures) {
    max_failures = 3 * std::int64_t{concurrency};
    options.Imply("--max-failures", std::to_string(*max_failures));
  }
}

LoadOptions RunOptions::Load(const std::string& run_id) const {
  LoadOptions load;
  load.run_id = run_id;
  load.concurrency = concurrency;
  load.requests = requests;
  load.duration = duration;
  load.warmup_requests = warmup_requests;
  load.timeout = timeout;
  load.first_token_timeout = first_token_timeout;
  load.idle_timeout = idle_timeout;
  load.max_failures = max_failures.value();
  load.save_text = save_text;
  return load;
}

ChatOptions RunOptions::Chat() const {
  ChatOptions chat;
  chat.model = model;
  chat.max_tokens = max_tokens;
  chat.temperature = temperature;
  chat.stream = !no_stream;
  chat.ignore_eos = ignore_eos;
  chat.extra_body = extra_body;
  return chat;
}

AddedFields RunOptions::Added() const {
  AddedFields added;
  added.include_usage = !no_stream;
  added.continuous_usage = exact_tokens;
  added.token_ids = exact_tokens;
  return added;
}

PromptSet RunOptions::Prompts() const {
  PromptSet prompts = prompt_file.empty()
                          ? PromptSet::FromText(prompt.empty() ? kDefaultPrompt : prompt)
                          : PromptSet::FromFile(prompt_file);
  if (shuffle) prompts.Shuffle(seed);
  return prompts;
}

std::map<std::string, std::string> RunOptions::Labels() const {
  std::map<std::string, std::string> parsed;
  for (const std::string& label : labels) {
    const auto equals = label.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError(fmt::format("--label: '{}' is not of the form NAME=VALUE", label));
    }
    if (!parsed.emplace(label.substr(0, equals), label.substr(equals + 1)).second) {
      throw UsageError(fmt::format("--label: '{}' is given twice", label.substr(0, equals)));
    }
  }
  return parsed;
}

Slo RunOptions::Objectives() const {
  Slo objectives;
  for (const std::string& text : slo) {
    const auto equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const auto limit = equals == std::string::npos
                           ? std::nullopt
                           : ParseDuration(std::string_view(text).substr(equals + 1));
    std::optional<Nanos>* field = name == "ttft"      ? &objectives.ttft
                                  : name == "tpot"    ? &objectives.tpot
                                  : name == "latency" ? &objectives.latency
                                                      : nullptr;
    if (field == nullptr || !limit || *limit <= Nanos{0} || *limit > kLongestObjective) {
      throw UsageError(
          fmt::format("--slo: '{}' is no objective: give ttft, tpot or latency and a "
                      "duration up to 100 h, as in ttft=300ms",
                      text));
    }
    if (std::exchange(*field, limit)) {
      throw UsageError(fmt::format("--slo: '{}' is given twice", name));
    }
  }
  return objectives;
}

std::string RunOptions::Dataset() const {
  if (!prompt_file.empty()) return std::filesystem::path(prompt_file).filename().string();
  return prompt.empty() ? "default" : "prompt";
}

int DefaultThreads(int streams, int cores) {
  constexpr int kStreamsPerLoop = 512;
  const int wanted = (streams + kStreamsPerLoop - 1) / kStreamsPerLoop;
  return std::clamp(wanted, 1, std::max(1, cores - 1));
}

}  // namespace sseprof
