#include "compare/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compare/cells.h"
#include "compare/run_values.h"
#include "compare/thousands.h"
#include "compare/verdict.h"

namespace sseprof {
namespace {

std::string NameOf(const Cell& cell) {
  const std::string_view statistic = Name(cell.statistic);
  return statistic.empty() ? std::string(Name(cell.metric))
                           : fmt::format("{} {}", Name(cell.metric), statistic);
}

/// "ITL p50 7.2 % lower, ITL p99 4.5 % lower"
std::string Listed(const std::vector<Cell>& cells, Verdict verdict) {
  std::string list;
  for (const Cell& cell : cells) {
    if (!cell.headline || cell.verdict != verdict) continue;
    if (!list.empty()) list += ", ";
    list += NameOf(cell);
    if (verdict != Verdict::kBetter && verdict != Verdict::kWorse) continue;
    const double percent = 100 * std::expm1(cell.difference->log_ratio);
    list += fmt::format(" {:.1f} % {}", std::abs(percent), percent < 0 ? "lower" : "higher");
  }
  return list;
}

std::string Sentence(const Pair& pair, const Comparison& all) {
  const std::string& a = all.variants[pair.a].name;
  const std::string& b = all.variants[pair.b].name;
  const std::string better = Listed(pair.cells, Verdict::kBetter);
  const std::string worse = Listed(pair.cells, Verdict::kWorse);
  const std::string open = Listed(pair.cells, Verdict::kUndecided);
  std::string text;
  switch (pair.overall) {
    case Verdict::kWorse:
      text = fmt::format("{} is worse than {}: {}", b, a, worse);
      if (!better.empty()) text += fmt::format("; better: {}", better);
      break;
    case Verdict::kBetter:
      text = fmt::format("{} is better than {}: {}", b, a, better);
      break;
    case Verdict::kSame:
      text = fmt::format("{} is the {} as {}", b, Words(Verdict::kSame, all.options.margin), a);
      break;
    default:
      text = fmt::format("Undecided whether {} {} {}", b,
                         better.empty() ? "differs from" : "is better than", a);
      if (!better.empty()) text += fmt::format("; better: {}", better);
      if (!open.empty()) text += fmt::format("; undecided: {}", open);
  }
  const std::string refused = Listed(pair.cells, Verdict::kNotEnoughData);
  if (!refused.empty()) text += fmt::format("; not enough data: {}", refused);
  const std::string uncomparable = Listed(pair.cells, Verdict::kNotComparable);
  if (!uncomparable.empty()) text += fmt::format("; not comparable: {}", uncomparable);
  return text + ".";
}

bool HasRecords(const Variant& variant) {
  return std::all_of(variant.runs.begin(), variant.runs.end(),
                     [](const RunData& run) { return run.samples.has_value(); });
}

/// Some file holds what that script measured without a stream.
bool OfReplacedScript(const Variant& variant) {
  return std::any_of(variant.runs.begin(), variant.runs.end(), [](const RunData& run) {
    return run.replaced_script && !run.summary.context.stream;
  });
}

std::string Limits(const Variant& a, const Variant& b, double run_noise) {
  if (!SizeOf(a, b).single()) {
    const std::size_t runs = a.runs.size();
    const std::string count =
        runs == b.runs.size() ? fmt::format("{} runs per variant", runs)
                              : fmt::format("{} against {}", Counted(b.runs.size(), "run"), runs);
    return fmt::format(
        "{}; unit: the run. The interval covers all that differed from run to run, and nothing "
        "that was the same in all runs of one variant (start order, build, warm-up).",
        count);
  }
  if (OfReplacedScript(a) || OfReplacedScript(b)) {
    return "Files of the replaced script: it did not stream, so there is neither TTFT nor a gap in "
           "them, and no tail of either. One run per variant says nothing of how far its values "
           "scatter, so there is no interval and no verdict. Run again with `sseprof run "
           "--records`, and repeat each variant 3 to 5 times, interleaved.";
  }
  if (!HasRecords(a) || !HasRecords(b)) {
    return "One run per variant, and no records of one or both: nothing says how far such values "
           "scatter, "
           "so there is no interval and no verdict. Run again with --records, and repeat each "
           "variant 3 to 5 times, interleaved.";
  }
  return fmt::format(
      "One run per variant. The interval covers the fluctuation inside these runs and an assumed "
      "run-to-run spread of {:g} % (--run-noise). It cannot see a machine that was in another "
      "state for the whole run: clocks, temperature, placement, neighbours, cache. For a verdict "
      "that does, repeat each variant 3 to 5 times, interleaved.",
      100 * run_noise);
}

}  // namespace

Verdict Overall(const Comparison& comparison) {
  for (const Verdict verdict : {Verdict::kWorse, Verdict::kUndecided, Verdict::kBetter}) {
    const auto has = [verdict](const Pair& pair) { return pair.overall == verdict; };
    if (std::any_of(comparison.pairs.begin(), comparison.pairs.end(), has)) return verdict;
  }
  return Verdict::kSame;
}

Comparison Compare(std::vector<Variant> variants, const CompareOptions& options) {
  Comparison all = {.options = options, .variants = std::move(variants)};
  all.reasons = ReasonsNotToCompare(all.variants);
  for (std::size_t i = 0; i < all.variants.size(); ++i) {
    if (i == options.baseline) continue;
    const Variant& a = all.variants[options.baseline];
    const Variant& b = all.variants[i];
    Pair pair = {.a = options.baseline, .b = i, .cells = MakeCells(a, b, options.run_noise)};
    Judge(pair.cells, SizeOf(a, b), options.margin);
    pair.overall = Overall(pair.cells);
    pair.headline = Sentence(pair, all);
    pair.limits = Limits(a, b, options.run_noise);
    all.pairs.push_back(std::move(pair));
  }
  return all;
}

}  // namespace sseprof
