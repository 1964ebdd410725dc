#include "cli/selfcheck_options.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>

#include "cli/run_options.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

constexpr std::int64_t kTokens = 100;
constexpr int kMostStreams = 20'000;

/// A probe of the search is to take about so long.
constexpr double kProbeMs = 2000;

/// Streams for which both we and the simulated server have room.
int StreamsByOpenFiles() {
  constexpr rlim_t kOthers = 256;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t room = limit.rlim_max > kOthers ? limit.rlim_max - kOthers : 1;
  return static_cast<int>(std::min<rlim_t>(room, kMostStreams));
}

std::int64_t ProbeTokens(double itl_ms) {
  return std::clamp<std::int64_t>(std::llround(kProbeMs / itl_ms), 10, kTokens);
}

}  // namespace

void SelfcheckOptions::Define(OptionSet& options) {
  options.Group("Load");
  options.Number("--concurrency N", settings.concurrency, {1, kMostStreams},
                 "Requests in flight at any time");
  options.Number("--itl-ms X", settings.itl_ms, {0.1, 1e4}, "Gap between two tokens of a stream");
  options.Choice<Phase>(
      "--phase KIND", phase,
      {{"uniform", Phase::kUniform}, {"step", Phase::kStep}, {"both", Phase::kBoth}},
      "step: all streams on one beat; uniform: spread evenly; both: one after the other");
  options.Number("--tokens N", tokens, {2, 1e6},
                 "Tokens of an answer; without it 100, or 2 s of them for --find-limit");
  options.Number("--requests N", requests, {1, 1e7},
                 "Requests of a run; without it one a stream, or up to four for 3000 tokens");
  options.Number("--threads N", threads, {1, 1024},
                 "Event loops; without it one for every 512 streams");
  options.Group("Verdict");
  options.Number("--max-error-us X", settings.max_error_us, {0, 1e9},
                 "Largest error of kernel-stamped arrivals at p99");
  options.Flag("--find-limit", find_limit, "Search the largest load at which all is ok");
  options.Number("--max-concurrency N", max_concurrency, {1, kMostStreams},
                 "Where that search ends; without it 20000, or what open files allow");
  options.Group("Output");
  options.Flag("--json", json, "Print JSON");
}

void SelfcheckOptions::Check() const {
  if (find_limit && requests) {
    throw UsageError("--find-limit sends one request a stream: leave --requests out");
  }
  if (max_concurrency && !find_limit) {
    throw UsageError("--max-concurrency is where --find-limit ends: give that too");
  }
  if (max_concurrency && *max_concurrency < settings.concurrency) {
    throw UsageError("--max-concurrency is less than --concurrency, where the search begins");
  }
  if (threads && *threads > settings.concurrency) {
    throw UsageError(
        fmt::format("--threads: {} is more than --concurrency {}: a thread needs a stream",
                    *threads, settings.concurrency));
  }
}

void SelfcheckOptions::Complete(OptionSet& options, int cores) {
  Check();
  settings.tokens = tokens.value_or(find_limit ? ProbeTokens(settings.itl_ms) : kTokens);
  options.Imply("--tokens", std::to_string(settings.tokens));
  if (find_limit) {
    if (!max_concurrency) max_concurrency = std::max(StreamsByOpenFiles(), settings.concurrency);
    options.Imply("--max-concurrency", std::to_string(*max_concurrency));
    return;
  }
  settings.requests = requests.value_or(DefaultRequests(settings.concurrency, settings.tokens));
  options.Imply("--requests", std::to_string(settings.requests));
  settings.threads = threads.value_or(DefaultThreads(settings.concurrency, cores));
  options.Imply("--threads", std::to_string(settings.threads));
}

std::vector<std::string> SelfcheckOptions::Phases() const {
  switch (phase) {
    case Phase::kUniform:
      return {"uniform"};
    case Phase::kStep:
      return {"step"};
    case Phase::kBoth:
      break;
  }
  return {"uniform", "step"};
}

SelfcheckSettings SelfcheckOptions::SettingsFor(int streams, int cores) const {
  SelfcheckSettings changed = settings;
  changed.concurrency = streams;
  changed.requests = streams;
  changed.threads = std::min(threads.value_or(DefaultThreads(streams, cores)), streams);
  return changed;
}

std::int64_t DefaultRequests(std::int64_t streams, std::int64_t tokens) {
  constexpr std::int64_t kWantedTokens = 3000;
  constexpr std::int64_t kMostRounds = 4;
  const std::int64_t wanted = (kWantedTokens + tokens - 1) / tokens;
  return std::clamp(wanted, streams, kMostRounds * streams);
}

}  // namespace sseprof
