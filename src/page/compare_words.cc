#include "page/compare_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "compare/run_values.h"
#include "page/span_text.h"

namespace sseprof {
namespace {

/// "a", "a and b", "a, b and c"
std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

/// The one value that a fact has in all runs; nothing if they differ.
template <class Fact>
auto OfAllRuns(const Comparison& comparison, Fact fact)
    -> std::optional<decltype(fact(RunData{}))> {
  std::set<decltype(fact(RunData{}))> values;
  for (const Variant& variant : comparison.variants) {
    for (const RunData& run : variant.runs) values.insert(fact(run));
  }
  return values.size() == 1 ? std::optional(*values.begin()) : std::nullopt;
}

std::string RunsOf(const Comparison& comparison) {
  std::set<std::size_t> counts;
  std::size_t all = 0;
  for (const Variant& variant : comparison.variants) {
    counts.insert(variant.runs.size());
    all += variant.runs.size();
  }
  if (counts.size() > 1) return fmt::format("{} runs in all", all);
  return *counts.begin() == 1 ? "one run of each" : fmt::format("{} runs of each", *counts.begin());
}

}  // namespace

std::string CompareTitle(const Comparison& comparison) {
  std::vector<std::string> others;
  for (const Pair& pair : comparison.pairs) others.push_back(comparison.variants[pair.b].name);
  return fmt::format("{} against {}", Joined(others),
                     comparison.variants[comparison.options.baseline].name);
}

std::string CompareWorkload(const Comparison& comparison) {
  std::vector<std::string> facts;
  const auto model =
      OfAllRuns(comparison, [](const RunData& run) { return run.summary.context.model; });
  if (model && !model->empty()) facts.push_back(*model);
  const auto slots =
      OfAllRuns(comparison, [](const RunData& run) { return run.summary.context.concurrency; });
  if (slots) facts.push_back(fmt::format("{} at a time", *slots));
  const auto requests =
      OfAllRuns(comparison, [](const RunData& run) { return run.summary.ok + run.summary.errors; });
  if (requests) {
    facts.push_back(fmt::format("{} requests a run", Grouped(static_cast<double>(*requests))));
  }
  const auto tokens =
      OfAllRuns(comparison, [](const RunData& run) { return run.summary.context.max_tokens; });
  if (tokens && *tokens > 0) facts.push_back(fmt::format("{} tokens at most", *tokens));
  facts.push_back(RunsOf(comparison));
  return fmt::format("{}", fmt::join(facts, " \u00b7 "));
}

std::optional<SmallestClaim> FindSmallestClaim(const Comparison& comparison) {
  std::optional<SmallestClaim> smallest;
  for (const Pair& pair : comparison.pairs) {
    for (const Cell& cell : pair.cells) {
      const bool claimed = cell.verdict == Verdict::kBetter || cell.verdict == Verdict::kWorse;
      if (!claimed || cell.metric == Metric::kDecodeTps || !cell.a || !cell.b) continue;
      const double seconds = std::abs(*cell.b - *cell.a);
      if (smallest && smallest->seconds <= seconds) continue;
      smallest = {.name = fmt::format("{} {}", Name(cell.metric), Name(cell.statistic)),
                  .seconds = seconds};
    }
  }
  return smallest;
}

std::optional<double> WorstClientDelay(const Comparison& comparison) {
  std::optional<double> worst;
  for (const Variant& variant : comparison.variants) {
    for (const RunData& run : variant.runs) {
      if (!run.summary.client) continue;
      const std::optional<double>& delay = run.summary.client->client_delay.p99;
      if (delay) worst = std::max(worst.value_or(0), *delay);
    }
  }
  return worst;
}

std::string ClientSentence(const Comparison& comparison) {
  const std::optional<double> delay = WorstClientDelay(comparison);
  if (!delay) return "No run states what the client measured of itself.";
  std::string text = fmt::format(
      "Could the measuring program have made the difference? It read {} late at p99 in "
      "its worst run",
      SpanText(*delay));
  const std::optional<SmallestClaim> claim = FindSmallestClaim(comparison);
  if (!claim || claim->seconds <= 0 || *delay <= 0) return text + ".";
  const double times = claim->seconds / *delay;
  text += fmt::format("; the smallest difference claimed, {} by {}, is {} times as much.",
                      claim->name, SpanText(claim->seconds),
                      times >= 10 ? fmt::format("{:.0f}", times) : fmt::format("{:.1f}", times));
  const auto stamps = OfAllRuns(comparison, [](const RunData& run) {
    return run.summary.client ? run.summary.client->timestamps : std::string();
  });
  if (stamps == "kernel") text += " Times are the kernel's, so reading late moves none of them.";
  return text;
}

}  // namespace sseprof
