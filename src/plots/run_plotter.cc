#include "plots/run_plotter.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>

#include "plots/pauses.h"
#include "plots/position_map.h"
#include "plots/request_bars.h"
#include "plots/span_counts.h"
#include "plots/widening_bins.h"
#include "sseprof/quantile.h"
#include "stats/gap_histograms.h"
#include "stats/instants.h"
#include "stats/request_row.h"
#include "stats/stalls.h"

namespace sseprof {
namespace {

constexpr double kLeastEvents = 100;          // of a bin, on average; and
constexpr double kLeastEventsPerStream = 20;  // as all streams' events come at once
constexpr double kLeastRequests = 16;

struct TokenCount {
  std::int64_t tokens = 0;
  void Merge(const TokenCount& other) { tokens += other.tokens; }
};

/// Middle of a bin, seconds since `zero`.
double MiddleOf(std::size_t bin, Nanos width, Nanos zero) {
  return ToSeconds(width) * (static_cast<double>(bin) + 0.5) - ToSeconds(zero);
}

QuantileBins Quantiles(const WideningBins<SpanCounts>& gathered, BinDemand demand, Nanos zero) {
  QuantileBins out;
  if (demand.count == 0) return out;
  const Nanos width = DrawnWidth(gathered.width(), demand);
  out.width_s = ToSeconds(width);
  const std::vector<SpanCounts> bins = gathered.InBinsOf(width);
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (bins[i].count() == 0) continue;
    out.bins.push_back({.at_s = MiddleOf(i, width, zero),
                        .count = bins[i].count(),
                        .p50_s = bins[i].QuantileNanos(0.50) / 1e9,
                        .p99_s = bins[i].QuantileNanos(0.99) / 1e9,
                        .max_s = bins[i].MaxNanos() / 1e9});
  }
  return out;
}

}  // namespace

struct RunPlotter::State {
  explicit State(const RunContext& context)
      : origin(context.origin),
        stream(context.stream),
        concurrency(std::max(1, context.concurrency)),
        requests(context) {}

  Instant origin;
  bool stream;
  int concurrency;
  RequestCollector requests;
  std::int64_t first_start = std::numeric_limits<std::int64_t>::max();
  std::int64_t first_measured = std::numeric_limits<std::int64_t>::max();
  std::int64_t latest = 0;

  // Of good measured requests.
  std::deque<RequestRow> rows;
  GapHistograms gaps;
  InstantCounter gap_instants;
  StallCollector stalls;
  PositionCollector positions;

  std::uint64_t gap_count = 0, ttft_count = 0;
  std::int64_t token_count = 0;
  WideningBins<SpanCounts> gaps_over_time, ttft_over_time;
  WideningBins<TokenCount> tokens_over_time;

  void AddTimes(const RequestRecord& record, Nanos start);
  void AddGaps(const RequestRecord& record, Nanos start);
  void AddMeasured(const RequestRecord& record, Nanos start);
  Nanos Zero() const;
  double EventsPerBin() const {
    return std::max(kLeastEvents, kLeastEventsPerStream * concurrency);
  }
  BinDemand Demand(std::uint64_t count, double least) const;
  RateBins TokenRate(Nanos zero) const;
  void SetSpans(RunPlots& plots) const;
};

RunPlotter::RunPlotter(const RunContext& context) : state_(std::make_unique<State>(context)) {}
RunPlotter::~RunPlotter() = default;
RunPlotter::RunPlotter(RunPlotter&&) noexcept = default;

void RunPlotter::Add(const RequestRecord& record) {
  State& state = *state_;
  const Nanos start = record.start - state.origin;
  state.requests.Add(record);
  state.AddTimes(record, start);
  if (!record.good()) return;
  if (state.stream) state.AddGaps(record, start);
  if (!record.warmup) state.AddMeasured(record, start);
}

void RunPlotter::State::AddTimes(const RequestRecord& record, Nanos start) {
  first_start = std::min(first_start, start.count());
  if (!record.warmup) first_measured = std::min(first_measured, start.count());
  Nanos last = record.end.value_or(record.closed.value_or(Nanos{0}));
  for (const StreamEvent& event : record.events) {
    last = std::max(last, event.at);
    if (!stream || event.tokens <= 0) continue;
    tokens_over_time.At(start + event.at).tokens += event.tokens;
    token_count += event.tokens;
  }
  latest = std::max(latest, (start + last).count());
}

void RunPlotter::State::AddGaps(const RequestRecord& record, Nanos start) {
  const auto ttft = Ttft(record);
  if (ttft && !record.warmup) {
    ttft_over_time.At(start).Add(*ttft);
    ++ttft_count;
  }
  std::map<std::uint16_t, std::uint32_t> position;
  ForEachGap(record, [&](const Gap& gap) {
    gaps_over_time.At(start + gap.at).Add(gap.length);
    ++gap_count;
    if (record.warmup) return;
    gaps.Add(gap, record.events[gap.event].width);
    gap_instants.Add(start + gap.at);
    stalls.Add(gap, record.n, start);
    positions.Add(PositionMap::kFirst + position[record.events[gap.event].choice]++, gap.length);
  });
}

void RunPlotter::State::AddMeasured(const RequestRecord& record, Nanos start) {
  const auto count_of = [](std::optional<Nanos> span) {
    return span ? std::max<std::int64_t>(0, span->count()) : RequestRow::kAbsent;
  };
  RequestRow row;
  row.n = record.n;
  row.start = start.count();
  row.latency = count_of(Latency(record));
  if (stream) {
    row.ttft = count_of(Ttft(record));
    row.last_output = count_of(LastOutput(record));
    if (const auto tpot = Tpot(record)) row.tpot = std::max(0.0, tpot->nanos);
  }
  rows.push_back(row);
}

Nanos RunPlotter::State::Zero() const {
  const std::int64_t none = std::numeric_limits<std::int64_t>::max();
  return Nanos{first_measured != none ? first_measured : first_start != none ? first_start : 0};
}

BinDemand RunPlotter::State::Demand(std::uint64_t count, double least) const {
  return {.extent = Nanos{std::max<std::int64_t>(1, latest - std::min(first_start, latest))},
          .count = count,
          .least = least};
}

RateBins RunPlotter::State::TokenRate(Nanos zero) const {
  RateBins out;
  if (token_count == 0) return out;
  const BinDemand demand = Demand(static_cast<std::uint64_t>(token_count), EventsPerBin());
  const Nanos width = DrawnWidth(tokens_over_time.width(), demand);
  const std::vector<TokenCount> bins = tokens_over_time.InBinsOf(width);
  out.width_s = ToSeconds(width);
  out.first_at_s = MiddleOf(0, width, zero);
  const auto whole = static_cast<std::size_t>(latest / width.count());
  for (std::size_t i = 0; i < std::min(bins.size(), std::max<std::size_t>(1, whole)); ++i) {
    out.per_s.push_back(static_cast<double>(bins[i].tokens) / out.width_s);
  }
  return out;
}

void RunPlotter::State::SetSpans(RunPlots& plots) const {
  InstantCounter first_outputs;
  std::int64_t last_end = 0;
  for (const RequestRow& row : rows) {
    if (row.ttft != RequestRow::kAbsent) {
      plots.ttft_s.push_back(ToSeconds(Nanos{row.ttft}));
      first_outputs.Add(Nanos{row.start + row.ttft});
    }
    if (row.latency != RequestRow::kAbsent) {
      plots.latency_s.push_back(ToSeconds(Nanos{row.latency}));
      last_end = std::max(last_end, row.start + row.latency);
    }
    if (row.tpot != static_cast<double>(RequestRow::kAbsent)) {
      plots.tpot_s.push_back(row.tpot / 1e9);
    }
  }
  for (auto* values : {&plots.ttft_s, &plots.tpot_s, &plots.latency_s}) {
    std::sort(values->begin(), values->end());
  }
  plots.gap_instants = gap_instants.Instants();
  plots.ttft_instants = first_outputs.Instants();
  if (!plots.latency_s.empty()) {
    plots.latency_looks = Looks(Nanos{last_end}, QuantileOfSorted(plots.latency_s, 0.5));
  }
}

RunPlots RunPlotter::Finish(const Summary& summary) const {
  const State& state = *state_;
  const Nanos zero = state.Zero();
  RunPlots plots;
  plots.from_s = ToSeconds(Nanos{std::min(state.first_start, zero.count())} - zero);
  plots.to_s = ToSeconds(Nanos{std::max(state.latest, zero.count())} - zero);
  plots.stall_threshold_s = summary.stalls.threshold_s;
  plots.gaps = state.gaps.Nominal();
  state.SetSpans(plots);
  plots.positions = state.positions.Finish();
  plots.gaps_over_time =
      Quantiles(state.gaps_over_time, state.Demand(state.gap_count, state.EventsPerBin()), zero);
  plots.ttft_over_time =
      Quantiles(state.ttft_over_time, state.Demand(state.ttft_count, kLeastRequests), zero);
  plots.tokens_over_time = state.TokenRate(zero);

  const Histogram exact_gaps = state.gaps.exact();
  const StallCollector::List stalls = state.stalls.FindAll(
      {.median_gap_nanos = plots.gaps.count() > 0 ? plots.gaps.QuantileNanos(0.5) : 0,
       .gaps = plots.gaps.count(),
       .exact_gaps = exact_gaps,
       .rows = state.rows});
  if (stalls.complete && plots.gaps.count() > 0) plots.pauses = JoinPauses(stalls.stalls, zero);
  plots.requests = state.requests.Bars(stalls.stalls, zero);
  plots.failed = state.requests.Failed(zero);
  plots.failed_all = state.requests.failed();
  return plots;
}

}  // namespace sseprof
