#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <tuple>
#include <utility>

#include "compare/comparison.h"
#include "compare/thousands.h"

namespace sseprof {
namespace {

using Reasons = std::vector<Reason>;

constexpr double kMostLengthDifference = 0.02;
constexpr double kMostRequestsRatio = 1.1;
constexpr double kMostEventRatio = 1.1;
constexpr double kMostErrors = 0.01;
constexpr double kMostCacheDifference = 0.05;

std::string RunName(const Variant& variant, std::size_t run) {
  if (variant.runs.size() == 1) return variant.name;
  return fmt::format("{} run {}", variant.name, run + 1);
}

template <class Visitor>
void ForEachRun(const std::vector<Variant>& variants, Visitor&& visit) {
  for (const Variant& variant : variants) {
    for (std::size_t i = 0; i < variant.runs.size(); ++i) {
      visit(variant.runs[i], RunName(variant, i));
    }
  }
}

/// "16 in BF16, 32 in NVFP4": what the runs say, if they do not all say the same. What is unknown
/// is left out.
std::string Differing(const std::vector<Variant>& variants,
                      const std::function<std::string(const RunData&)>& value) {
  std::vector<std::pair<std::string, std::string>> said;  // value, who
  ForEachRun(variants, [&](const RunData& run, const std::string& name) {
    const std::string text = value(run);
    if (text.empty()) return;
    const auto known = std::find_if(said.begin(), said.end(),
                                    [&](const auto& pair) { return pair.first == text; });
    if (known == said.end()) said.emplace_back(text, name);
  });
  if (said.size() < 2) return "";
  std::string list;
  for (const auto& [text, name] : said) {
    list += fmt::format("{}{} in {}", list.empty() ? "" : ", ", text, name);
  }
  return list;
}

/// What is to be equal in all runs.
struct MustAgree {
  const char* code;
  const char* what;
  const char* advice;
  std::string (*value)(const RunData&);
};

std::string Shortened(const std::string& hash) { return hash.substr(0, 12); }

const MustAgree kMustAgree[] = {
    {"prompts", "the prompts differ (SHA-256)", "Send the same prompts in the same order.",
     [](const RunData& run) { return Shortened(run.summary.context.prompt_sha256); }},
    {"load", "the number of streams differs", "Use the same --concurrency.",
     [](const RunData& run) { return fmt::format("{}", run.summary.context.concurrency); }},
    {"load", "the limit of tokens differs", "Use the same --max-tokens.",
     [](const RunData& run) { return fmt::format("{}", run.summary.context.max_tokens); }},
    {"load", "the temperature differs", "Use the same --temperature.",
     [](const RunData& run) { return fmt::format("{:g}", run.summary.context.temperature); }},
    {"load", "one streams and the other does not", "Leave --no-stream out of both, or in both.",
     [](const RunData& run) {
       return std::string(run.summary.context.stream ? "streamed" : "whole answers");
     }},
    {"warmup", "the warm-up differs", "Use the same --warmup-requests.",
     [](const RunData& run) {
       return run.replaced_script
                  ? std::string()
                  : Counted(static_cast<std::uint64_t>(run.summary.context.warmup_requests),
                            "request");
     }},
    {"server", "the server differs", "Compare variants on the same server version.",
     [](const RunData& run) {
       const Summary& s = run.summary;
       return s.server_version.empty() ? s.server_kind
                                       : fmt::format("{} {}", s.server_kind, s.server_version);
     }},
    {"clock", "arrivals were stamped by different clocks",
     "Use kernel timestamps in both: those of a program contain its own queue.",
     [](const RunData& run) {
       return run.summary.client ? run.summary.client->timestamps : std::string();
     }},
};

void CheckAgreement(const std::vector<Variant>& variants, Reasons& reasons) {
  for (const MustAgree& rule : kMustAgree) {
    const std::string differing = Differing(variants, rule.value);
    if (differing.empty()) continue;
    reasons.push_back({rule.code, "", fmt::format("{}: {}", rule.what, differing), rule.advice});
  }
}

struct Extremes {
  double least = HUGE_VAL, most = -HUGE_VAL;
  std::string least_name, most_name;

  void Add(double value, const std::string& name) {
    if (value < least) std::tie(least, least_name) = std::pair(value, name);
    if (value > most) std::tie(most, most_name) = std::pair(value, name);
  }
};

Extremes ExtremesOf(const std::vector<Variant>& variants,
                    const std::function<std::optional<double>(const RunData&)>& value) {
  Extremes extremes;
  ForEachRun(variants, [&](const RunData& run, const std::string& name) {
    if (const auto found = value(run)) extremes.Add(*found, name);
  });
  return extremes;
}

void CheckAmounts(const std::vector<Variant>& variants, Reasons& reasons) {
  const Extremes tokens =
      ExtremesOf(variants, [](const RunData& run) { return run.summary.completion_tokens_mean; });
  if (tokens.most > (1 + kMostLengthDifference) * tokens.least) {
    reasons.push_back(
        {"output_lengths", "",
         fmt::format("the answers differ in length: {:.1f} tokens in {}, {:.1f} in {}",
                     tokens.least, tokens.least_name, tokens.most, tokens.most_name),
         "Latency and throughput compare lengths then: send prompts that always fill "
         "--max-tokens."});
  }
  const Extremes requests = ExtremesOf(variants, [](const RunData& run) {
    return std::optional(static_cast<double>(run.summary.ok + run.summary.errors));
  });
  if (requests.most > kMostRequestsRatio * requests.least) {
    reasons.push_back({"load", "",
                       fmt::format("the runs differ in size: {} in {}, {:.0f} in {}",
                                   Counted(static_cast<std::uint64_t>(requests.least), "request"),
                                   requests.least_name, requests.most, requests.most_name),
                       "Use the same --requests."});
  }
}

/// Of all choices. Nothing where there are no gaps.
std::optional<double> TokensPerEvent(const RunData& run) {
  const Summary& s = run.summary;
  if (!s.completion_tokens_mean || s.itl.count == 0) return std::nullopt;
  const auto requests = static_cast<double>(s.ok);
  return *s.completion_tokens_mean * requests / (static_cast<double>(s.itl.count) + requests);
}

void CheckEvents(const std::vector<Variant>& variants, Reasons& reasons) {
  const Extremes tokens = ExtremesOf(variants, &TokensPerEvent);
  if (tokens.most <= kMostEventRatio * tokens.least) return;
  reasons.push_back(
      {"events", "",
       fmt::format("events hold different numbers of tokens: {:.2f} in {}, {:.2f} in {}",
                   tokens.least, tokens.least_name, tokens.most, tokens.most_name),
       "A gap lies between events, and ITL compares these: go by TPOT and latency."});
}

/// The mean over a variant's runs, by the server's own metrics; absent if one run does not know.
std::optional<double> HitRate(const Variant& variant) {
  double sum = 0;
  for (const RunData& run : variant.runs) {
    if (!run.summary.server || !run.summary.server->prefix_hit_rate) return std::nullopt;
    sum += *run.summary.server->prefix_hit_rate;
  }
  return sum / static_cast<double>(variant.runs.size());
}

/// What answers do not say, the server's metrics may. Runs of one variant differ there, since the
/// first one fills the cache: that is the same for all.
void CheckHitRate(const std::vector<Variant>& variants, Reasons& reasons) {
  Extremes found;
  for (const Variant& variant : variants) {
    if (const auto rate = HitRate(variant)) found.Add(*rate, variant.name);
  }
  if (found.most - found.least <= kMostCacheDifference) return;
  reasons.push_back(
      {"cache", "",
       fmt::format("the servers found other shares of their prompt tokens in their prefix caches: "
                   "{:.0f} % in {}, {:.0f} % in {}",
                   100 * found.least, found.least_name, 100 * found.most, found.most_name),
       "Restart the server before each run, or turn its prefix cache off."});
}

void CheckCache(const std::vector<Variant>& variants, Reasons& reasons) {
  const Extremes cached = ExtremesOf(variants, [](const RunData& run) {
    return run.samples ? std::optional(run.samples->cached_share.value_or(0)) : std::nullopt;
  });
  if (cached.most - cached.least <= kMostCacheDifference) return CheckHitRate(variants, reasons);
  reasons.push_back(
      {"cache", "",
       fmt::format(
           "prompt tokens reported as from the server's cache: {:.0f} % in {}, {:.0f} % in {}",
           100 * cached.least, cached.least_name, 100 * cached.most, cached.most_name),
       "Restart the server before each run, or turn its prefix cache off."});
}

void CheckErrors(const RunData& run, const std::string& name, Reasons& reasons) {
  const Summary& s = run.summary;
  const std::uint64_t all = s.ok + s.errors;
  if (static_cast<double>(s.errors) <= kMostErrors * static_cast<double>(all)) return;
  reasons.push_back({"errors", name, fmt::format("{} of {} requests failed", s.errors, all),
                     "Failed requests take load off the server: mend them first."});
}

void CheckClient(const RunData& run, const std::string& name, Reasons& reasons) {
  const auto& client = run.summary.client;
  if (!client || client->verdict != "client_limited") return;
  reasons.push_back({"client_limited", name, "the client was the limit: " + client->reason,
                     "Give it more cores (--threads), or fewer streams."});
}

void CheckInterrupted(const RunData& run, const std::string& name, Reasons& reasons) {
  if (!run.summary.interrupted) return;
  reasons.push_back({"interrupted", name, "the run was interrupted", "Run it again."});
}

void CheckDrift(const RunData& run, const std::string& name, Reasons& reasons) {
  if (!run.samples || run.samples->itl.empty()) return;
  const RunSamples& samples = *run.samples;
  const auto drift = FindDrift(samples.itl, samples.steady_from, samples.steady_until);
  if (!drift || !drift->found()) return;
  const double percent = 100 * std::expm1(drift->change);
  reasons.push_back({"drift", name,
                     fmt::format("the typical gap {} by {:.1f} % from its first third to its last",
                                 percent > 0 ? "grows" : "shrinks", std::abs(percent)),
                     "Warm up for longer (--warmup-requests), lock the clocks, and run again."});
}

void CheckEachRun(const std::vector<Variant>& variants, Reasons& reasons) {
  for (const auto check : {&CheckErrors, &CheckClient, &CheckInterrupted, &CheckDrift}) {
    ForEachRun(variants,
               [&](const RunData& run, const std::string& name) { check(run, name, reasons); });
  }
}

/// Runs of both variants in order of time: all of one, then all of the other.
void CheckOrder(const std::vector<Variant>& variants, Reasons& reasons) {
  std::set<std::pair<std::string, std::size_t>> order;
  std::size_t runs = 0;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    for (const RunData& run : variants[v].runs) {
      ++runs;
      const std::string& at = run.summary.context.started_at;
      if (!at.empty()) order.emplace(at, v);
    }
  }
  if (order.size() < runs || runs < 2 * variants.size()) return;
  std::size_t blocks = 0;
  std::size_t last = variants.size();
  for (const auto& [at, variant] : order) {
    if (variant != last) ++blocks;
    last = variant;
  }
  if (blocks > variants.size()) return;
  reasons.push_back({"order", "", "the variants ran one after the other, not in turns",
                     "A drift of the machine is then in the difference: interleave the repeats."});
}

}  // namespace

std::vector<Reason> ReasonsNotToCompare(const std::vector<Variant>& variants) {
  Reasons reasons;
  CheckAgreement(variants, reasons);
  CheckAmounts(variants, reasons);
  CheckEvents(variants, reasons);
  CheckCache(variants, reasons);
  CheckEachRun(variants, reasons);
  CheckOrder(variants, reasons);
  return reasons;
}

}  // namespace sseprof
