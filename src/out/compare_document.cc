#include "out/compare_document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "compare/run_values.h"
#include "out/figures.h"

namespace sseprof {
namespace {

using Align = TextTable::Align;
using Figure = std::function<std::optional<double>(const Summary&)>;

/// Of the runs that have the value.
std::optional<double> Median(const Variant& variant, const Figure& figure) {
  std::vector<double> values;
  for (const RunData& run : variant.runs) {
    if (const auto value = figure(run.summary)) values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string ModelOf(const Variant& variant) {
  const std::string& first = variant.runs[0].summary.context.model;
  const bool several =
      std::any_of(variant.runs.begin(), variant.runs.end(),
                  [&first](const RunData& run) { return run.summary.context.model != first; });
  return several ? "several" : first;
}

std::string FailedOf(const Variant& variant) {
  std::uint64_t failed = 0, all = 0;
  for (const RunData& run : variant.runs) {
    failed += run.summary.errors;
    all += run.summary.errors + run.summary.ok;
  }
  return fmt::format("{} of {}", failed, all);
}

/// The table of the report that the replaced script's results stood in, and failures, which every
/// table shows.
CompareSection ThroughputSection(const Comparison& all) {
  CompareSection section = {.title = "Throughput and latency"};
  const bool repeated = std::any_of(all.variants.begin(), all.variants.end(),
                                    [](const Variant& variant) { return variant.runs.size() > 1; });
  if (repeated) section.paragraphs.push_back("Medians of the runs.");
  const bool named_by_model =
      std::all_of(all.variants.begin(), all.variants.end(),
                  [](const Variant& variant) { return ModelOf(variant) == variant.name; });
  TextTable table = {.columns = {{"variant", Align::kLeft},
                                 {"model", Align::kLeft},
                                 {"runs"},
                                 {"QPS"},
                                 {"prompt_tps"},
                                 {"decode_tps"},
                                 {"p50 latency (s)"},
                                 {"p95 latency (s)"},
                                 {"failed"}}};
  const Figure figures[] = {
      [](const Summary& s) { return s.qps; }, [](const Summary& s) { return s.prompt_tps; },
      [](const Summary& s) { return s.decode_tps; }, [](const Summary& s) { return s.latency.p50; },
      [](const Summary& s) { return s.latency.p95; }};
  for (const Variant& variant : all.variants) {
    std::vector<std::string> row = {variant.name, named_by_model ? "" : ModelOf(variant),
                                    std::to_string(variant.runs.size())};
    for (const Figure& figure : figures) row.push_back(Number(Median(variant, figure), 4));
    row.push_back(FailedOf(variant));
    table.rows.push_back(std::move(row));
  }
  for (const MissingVariant& missing : all.missing) {
    table.rows.push_back({missing.name, "", "0", "N/A", "N/A", "N/A", "N/A", "N/A", ""});
    const std::string reason = missing.reason.empty() ? "no run of it" : missing.reason;
    section.paragraphs.push_back(
        fmt::format("{}: N/A: {}{}", missing.name, reason, reason.ends_with('.') ? "" : "."));
  }
  section.table = WithoutEmptyColumns(table);
  return section;
}

std::string CellName(const Cell& cell) {
  if (cell.metric == Metric::kDecodeTps) return "decode_tps (tokens/s)";
  return fmt::format("{} {} (ms)", Name(cell.metric), Name(cell.statistic));
}

std::string ValueText(const Cell& cell, const std::optional<double>& value) {
  return cell.metric == Metric::kDecodeTps ? Number(value, 1) : Millis(value);
}

std::string IntervalText(const Difference& difference) {
  const bool has_lower = std::isfinite(difference.lower);
  const bool has_upper = std::isfinite(difference.upper);
  if (!has_lower && !has_upper) return "without bounds";
  if (!has_lower) return "up to " + SignedPercent(difference.upper);
  if (!has_upper) return SignedPercent(difference.lower) + " or more";
  return fmt::format("{} to {}", SignedPercent(difference.lower), SignedPercent(difference.upper));
}

/// The difference that the values show; without an interval it is only that.
std::string DifferenceText(const Cell& cell) {
  if (cell.difference) return SignedPercent(cell.difference->log_ratio);
  if (!cell.a || !cell.b || *cell.a <= 0 || *cell.b <= 0) return "-";
  return SignedPercent(std::log(*cell.b / *cell.a));
}

/// The cells that some run has a value for.
TextTable CellTable(const Comparison& all, const Pair& pair, bool headline) {
  TextTable table = {.columns = {{"", Align::kLeft},
                                 {all.variants[pair.a].name},
                                 {all.variants[pair.b].name},
                                 {"difference"},
                                 {"95 % interval"},
                                 {"verdict", Align::kLeft},
                                 {"rests on", Align::kLeft},
                                 {"advice", Align::kLeft}}};
  for (const Cell& cell : pair.cells) {
    if (cell.headline != headline || (!cell.a && !cell.b)) continue;
    table.rows.push_back({CellName(cell), ValueText(cell, cell.a), ValueText(cell, cell.b),
                          DifferenceText(cell),
                          cell.difference ? IntervalText(*cell.difference) : "-",
                          Words(cell.verdict, all.options.margin), cell.basis, cell.advice});
  }
  return WithoutEmptyColumns(table);
}

std::size_t CountOf(const Pair& pair, bool headline) {
  return static_cast<std::size_t>(
      std::count_if(pair.cells.begin(), pair.cells.end(), [headline](const Cell& cell) {
        return cell.headline == headline && cell.p_adjusted.has_value();
      }));
}

void AddCells(const Comparison& all, const Pair& pair, bool headline,
              std::vector<CompareSection>& sections) {
  CompareSection section = {
      .title = fmt::format("{} against {}", all.variants[pair.b].name, all.variants[pair.a].name)};
  const std::size_t tested = CountOf(pair, headline);
  if (!headline) section.title += ", exploratory";
  if (headline && tested > 0) {
    section.paragraphs.push_back(fmt::format(
        "The overall verdict rests on these; p is adjusted by Holm's method over {}.", tested));
  }
  if (!headline && tested > 0) {
    section.paragraphs.push_back(
        fmt::format("Hints to look closer, not findings; p is adjusted by Benjamini's and "
                    "Hochberg's method over {}.",
                    tested));
  }
  section.table = CellTable(all, pair, headline);
  if (!section.table->rows.empty()) sections.push_back(std::move(section));
}

std::string RunNumber(const Variant& variant, std::size_t run) {
  if (variant.runs.size() == 1) return variant.name;
  return fmt::format("{} run {}", variant.name, run + 1);
}

std::string PercentText(const std::optional<double>& share) {
  return share ? fmt::format("{:.2f}", *share * 100) : "-";
}

std::string CountText(const std::optional<std::uint64_t>& count) {
  return count ? std::to_string(*count) : "-";
}

std::string BurstText(const RunData& run) {
  if (!run.samples || run.samples->burst_ttft.empty()) return "-";
  const std::vector<double>& burst = run.samples->burst_ttft;
  return fmt::format("{} ({})", Millis(burst.back() / 1e9), burst.size());
}

/// What is not tested, run by run.
CompareSection BesideSection(const Comparison& all) {
  TextTable table = {.columns = {{"run", Align::kLeft},
                                 {"stalls"},
                                 {"shared"},
                                 {"longest (ms)"},
                                 {"% of gaps"},
                                 {"usage exact"},
                                 {"counted / usage"},
                                 {"tokens/s of a request"},
                                 {"read late p99 (us)"},
                                 {"coalesced %"},
                                 {"burst TTFT max (ms)"},
                                 {"client", Align::kLeft}}};
  for (const Variant& variant : all.variants) {
    for (std::size_t i = 0; i < variant.runs.size(); ++i) {
      const Summary& s = variant.runs[i].summary;
      std::optional<double> late, coalesced;
      if (s.client) late = s.client->client_delay.p99;
      if (s.client) coalesced = s.client->coalesced_share;
      if (late) *late *= 1e6;
      table.rows.push_back(
          {RunNumber(variant, i), CountText(s.stalls.count), CountText(s.stalls.shared),
           Millis(s.stalls.longest_s), PercentText(s.stalls.share_of_gaps),
           s.usage_check ? fmt::format("{} of {}", s.usage_check->exact, s.ok) : "-",
           s.usage_check ? Number(s.usage_check->ratio, 4) : "-",
           Number(s.decode_tps_per_request.p50, 1), Number(late, 0), PercentText(coalesced),
           BurstText(variant.runs[i]), s.client ? s.client->verdict : "-"});
    }
  }
  return {
      .title = "Beside the verdicts",
      .paragraphs = {"Stalls, the usage check, the median rate of a request (1 / TPOT), and the "
                     "client's own error. The burst is the first requests, sent at once (how "
                     "many in brackets); TTFT above leaves it out where every run of a pair has "
                     "records."},
      .table = WithoutEmptyColumns(table)};
}

/// What is said of several runs with the same advice stands together.
CompareSection TrustSection(const std::vector<Reason>& reasons) {
  CompareSection section = {.title = "Before you trust it"};
  for (std::size_t i = 0; i < reasons.size();) {
    const Reason& first = reasons[i];
    std::string said;
    for (; i < reasons.size() && reasons[i].advice == first.advice; ++i) {
      if (!said.empty()) said += "; ";
      if (!reasons[i].where.empty()) said += reasons[i].where + ": ";
      said += reasons[i].message;
    }
    section.paragraphs.push_back(fmt::format("{}. {} ({})", said, first.advice, first.code));
  }
  return section;
}

}  // namespace

std::vector<CompareSection> CompareDocument(const Comparison& comparison) {
  std::vector<CompareSection> sections(1);
  if (comparison.pairs.empty()) {
    sections[0].paragraphs.push_back(
        fmt::format("{} alone: there is nothing to hold it against.", comparison.variants[0].name));
  }
  for (const Pair& pair : comparison.pairs) {
    sections[0].paragraphs.push_back(pair.headline);
    const bool said = &pair != &comparison.pairs[0] && pair.limits == comparison.pairs[0].limits;
    if (!said) sections[0].paragraphs.push_back(pair.limits);
  }
  if (!comparison.reasons.empty()) sections.push_back(TrustSection(comparison.reasons));
  sections.push_back(ThroughputSection(comparison));
  for (const Pair& pair : comparison.pairs) {
    AddCells(comparison, pair, true, sections);
    AddCells(comparison, pair, false, sections);
  }
  CompareSection beside = BesideSection(comparison);
  if (beside.table->columns.size() > 1) sections.push_back(std::move(beside));
  return sections;
}

}  // namespace sseprof
