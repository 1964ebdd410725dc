#include "cli/progress_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace sseprof {
namespace {

constexpr std::string_view kUnknown = "-";
constexpr int kBarCells = 24;

std::string_view PhaseName(RunPhase phase) {
  switch (phase) {
    case RunPhase::kBefore:
      return "starting";
    case RunPhase::kWarmup:
      return "warm-up";
    case RunPhase::kMeasure:
      return "measuring";
    case RunPhase::kDrain:
      return "draining";
    case RunPhase::kDone:
      return "done";
  }
  return kUnknown;
}

/// "0:05", "12:34", "1:02:03".
std::string ClockText(std::optional<Nanos> span) {
  if (!span) return std::string(kUnknown);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*span).count();
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/// Three digits and a unit: "97 us", "9.87 ms", "278 ms", "2.78 s".
std::string SpanText(std::optional<Nanos> span) {
  if (!span) return std::string(kUnknown);
  const double micros = ToSeconds(*span) * 1e6;
  if (micros < 999.5) return fmt::format("{:.0f} us", micros);
  const bool millis = micros < 999.5e3;
  const double value = micros / (millis ? 1e3 : 1e6);
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, millis ? "ms" : "s");
}

std::string RateText(std::optional<double> rate) {
  return rate ? fmt::format("{:.0f}", *rate) : std::string(kUnknown);
}

std::string PercentText(std::optional<double> share) {
  return share ? fmt::format("{:.1f} %", *share * 100) : std::string(kUnknown);
}

std::string FailuresText(const ProgressFigures& figures) {
  std::vector<std::string> reasons;
  for (const auto& [reason, count] : figures.failures) {
    reasons.push_back(fmt::format("{} {}", count, reason));
  }
  return fmt::format("{}", fmt::join(reasons, ", "));
}

std::string Bar(double over) {
  const int cells = static_cast<int>(over * kBarCells);
  std::string bar(static_cast<std::size_t>(cells), '=');
  if (cells < kBarCells) bar += '>';
  bar.resize(kBarCells, ' ');
  return bar;
}

ProgressPiece Label(std::string_view name) {
  return {fmt::format("{:<12}", name), ProgressStyle::kLabel};
}

ProgressRow TimeRow(const ProgressFigures& figures) {
  ProgressRow row = {{fmt::format("{:<12}", PhaseName(figures.phase)), ProgressStyle::kGood},
                     {fmt::format("{:>8} elapsed  {:>8} left", ClockText(figures.elapsed),
                                  ClockText(figures.left))}};
  if (!figures.over) return row;
  row.push_back({"   ["});
  row.push_back({Bar(*figures.over), ProgressStyle::kGood});
  row.push_back({fmt::format("] {:3.0f} %", *figures.over * 100)});
  return row;
}

/// As wide for every count up to `most`.
std::string CountText(std::int64_t count, std::int64_t most) {
  return fmt::format("{:>{}}", count, fmt::formatted_size("{}", most));
}

ProgressRow RequestRow(const ProgressFigures& figures) {
  const std::string done =
      figures.total
          ? fmt::format("{} of {} done", CountText(figures.done, *figures.total), *figures.total)
          : fmt::format("{:>6} done", figures.done);
  return {Label("requests"),
          {fmt::format("{}   {} of {} in flight  {:>7} tok/s", done,
                       CountText(figures.in_flight, figures.concurrency), figures.concurrency,
                       RateText(figures.tokens_per_s))}};
}

ProgressRow SpanRow(std::string_view name, const RecentSpan& span) {
  return {Label(name), {fmt::format("{:>8}  {:>8}", SpanText(span.p50), SpanText(span.p99))}};
}

ProgressRow ClientRow(const ProgressFigures& figures) {
  ProgressRow row = SpanRow("read late", figures.client_delay);
  row.push_back({fmt::format("   {} of events coalesced", PercentText(figures.coalesced))});
  const std::int64_t below = figures.BelowTarget();
  if (below == 0) return row;
  const bool many = below * 20 > figures.concurrency;
  row.push_back({fmt::format(", {} in flight below target", below),
                 many ? ProgressStyle::kWarning : ProgressStyle::kPlain});
  return row;
}

/// "TTFT 39.6 ms p50, 41.8 ms p99".
std::string SpanWords(std::string_view name, const RecentSpan& span) {
  return fmt::format("{} {} p50 {} p99", name, SpanText(span.p50), SpanText(span.p99));
}

}  // namespace

std::vector<ProgressRow> ProgressRows(const ProgressFigures& figures) {
  std::vector<ProgressRow> rows;
  if (!figures.run.empty()) rows.push_back({{figures.run, ProgressStyle::kLabel}});
  rows.insert(rows.end(),
              {TimeRow(figures),
               RequestRow(figures),
               {{fmt::format("{:12}{:>8}  {:>8}", "", "p50", "p99"), ProgressStyle::kLabel}},
               SpanRow("TTFT", figures.ttft),
               SpanRow("ITL", figures.itl),
               SpanRow("latency", figures.latency),
               ClientRow(figures)});
  if (figures.failed > 0) {
    rows.push_back(
        {Label("failed"),
         {fmt::format("{}: {}", figures.failed, FailuresText(figures)), ProgressStyle::kBad}});
  }
  if (!figures.limit.empty()) {
    rows.push_back({{fmt::format("the client may be the bottleneck: {}", figures.limit),
                     ProgressStyle::kWarning}});
  }
  return rows;
}

std::string ProgressLine(const ProgressFigures& figures) {
  const std::string of = figures.total ? fmt::format("/{}", *figures.total) : "";
  std::string line = figures.run.empty() ? "" : figures.run + ", ";
  line += fmt::format("{}, {} left, {}: {}{} requests done, {} in flight, {} failed",
                      ClockText(figures.elapsed), ClockText(figures.left), PhaseName(figures.phase),
                      figures.done, of, figures.in_flight, figures.failed);
  if (figures.failed > 0) line += fmt::format(" ({})", FailuresText(figures));
  line += fmt::format(", {} tok/s, {}, {}, {}", RateText(figures.tokens_per_s),
                      SpanWords("TTFT", figures.ttft), SpanWords("ITL", figures.itl),
                      SpanWords("read late", figures.client_delay));
  if (figures.coalesced.value_or(0) > 0) {
    line += fmt::format(", {} of events coalesced", PercentText(figures.coalesced));
  }
  if (figures.BelowTarget() > 0) line += fmt::format(", {} below target", figures.BelowTarget());
  if (!figures.limit.empty()) {
    line += fmt::format("; the client may be the bottleneck: {}", figures.limit);
  }
  return line;
}

}  // namespace sseprof
