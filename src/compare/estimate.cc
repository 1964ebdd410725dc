#include "compare/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "compare/inverses.h"
#include "sseprof/quantile.h"

namespace sseprof {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLeastTail = 20;
constexpr double kLeastEffectiveBlocks = 3;
constexpr int kBlocks = 20;
constexpr double kMostAutocorrelation = 0.5;
constexpr const char* kTooFewWaves = "the run holds too few waves";

/// What lies in each block of wall time: how many observations, and the sum of what is asked of
/// them.
struct Blocks {
  std::vector<double> counts, sums;
  explicit Blocks(int number)
      : counts(static_cast<std::size_t>(number)), sums(static_cast<std::size_t>(number)) {}
  std::size_t size() const { return counts.size(); }
};

double Sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// The block of an instant among so many of (from, until].
std::size_t BlockOf(Nanos at, Nanos from, Nanos until, std::size_t number) {
  const auto share =
      static_cast<double>((at - from).count()) / static_cast<double>((until - from).count());
  const auto block = static_cast<std::size_t>(std::max(0.0, share * static_cast<double>(number)));
  return std::min(number - 1, block);
}

int NumberOfBlocks(const Sample& sample) {
  if (sample.unit() == Sample::Unit::kInstants) return kBlocks;
  if (sample.span() <= Nanos{0}) return 0;
  return static_cast<int>(std::min<Nanos::rep>(kBlocks, sample.duration() / sample.span()));
}

/// Residuals of the blocks' sums from what their counts let one expect.
std::vector<double> Residuals(const Blocks& blocks) {
  const double mean = Sum(blocks.sums) / Sum(blocks.counts);
  std::vector<double> residuals;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    residuals.push_back(blocks.sums[i] - mean * blocks.counts[i]);
  }
  return residuals;
}

double SquareSum(const std::vector<double>& values) {
  return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

/// Of neighbours; 0 if nothing varies.
double Autocorrelation(const std::vector<double>& residuals) {
  const double squares = SquareSum(residuals);
  if (squares <= 0) return 0;
  return std::inner_product(residuals.begin(), residuals.end() - 1, residuals.begin() + 1, 0.0) /
         squares;
}

double Inflation(double autocorrelation) {
  const double r = std::clamp(autocorrelation, 0.0, kMostAutocorrelation);
  return (1 + r) / (1 - r);
}

/// A sum per block for each observation, by `part`.
template <class Part>
Blocks Fill(const std::vector<Observation>& observations, Nanos from, Nanos until, int number,
            Part&& part) {
  Blocks blocks(number);
  for (const Observation& o : observations) {
    const std::size_t block = BlockOf(o.at, from, until, blocks.size());
    blocks.counts[block] += 1;
    blocks.sums[block] += part(o.value);
  }
  return blocks;
}

double Above(double value, double quantile) {
  return ((value > quantile ? 1.0 : 0.0) + (value >= quantile ? 1.0 : 0.0)) / 2;
}

/// The variance of a mean (of values, or of being above a quantile), and what it rests on.
struct Spread {
  double variance = 0;
  double effective_blocks = 0;
  double autocorrelation = 0;
  double t() const { return StudentTQuantile(0.975, effective_blocks - 1); }
};

Spread SpreadOf(const Blocks& blocks) {
  const double n = Sum(blocks.counts);
  Spread spread;
  spread.effective_blocks = n * n / SquareSum(blocks.counts);
  const std::vector<double> residuals = Residuals(blocks);
  spread.autocorrelation = Autocorrelation(residuals);
  const double u = spread.effective_blocks;
  spread.variance =
      u / (u - 1) * SquareSum(residuals) / (n * n) * Inflation(spread.autocorrelation);
  return spread;
}

RunEstimate Described(const Sample& sample, int blocks, const Spread& spread) {
  RunEstimate estimate;
  estimate.blocks = blocks;
  estimate.block = sample.duration() / blocks;
  estimate.effective_blocks = spread.effective_blocks;
  estimate.autocorrelation = spread.autocorrelation;
  estimate.instants = sample.Instants();
  return estimate;
}

RunStatistic Refused(std::string reason, std::optional<double> more = std::nullopt) {
  return {.refusal = {.reason = std::move(reason), .more = more}};
}

/// The interval of quantile p with n* effective observations (Clopper and Pearson 1934).
void SetQuantileEnds(RunEstimate& estimate, const Sample& sample, double p) {
  const double n = estimate.effective_count;
  const double lower = BetaQuantile(0.025, n * p, n * (1 - p) + 1);
  const double upper = BetaQuantile(0.975, n * p + 1, n * (1 - p));
  estimate.log_lower = lower * n < 1 ? -kInfinity : std::log(sample.Quantile(lower));
  estimate.log_upper = (1 - upper) * n < 1 ? kInfinity : std::log(sample.Quantile(upper));
}

}  // namespace

RunStatistic EstimateQuantileAnyway(const Sample& sample, double p) {
  const int number = NumberOfBlocks(sample);
  if (number < kLeastEffectiveBlocks) return Refused(kTooFewWaves);
  const double quantile = sample.Quantile(p);
  const Blocks blocks = Fill(sample.observations(), Nanos{0}, sample.duration(), number,
                             [quantile](double value) { return Above(value, quantile); });
  const Spread spread = SpreadOf(blocks);
  if (spread.effective_blocks < kLeastEffectiveBlocks) return Refused(kTooFewWaves);
  RunEstimate estimate = Described(sample, number, spread);
  estimate.log_point = std::log(quantile);
  estimate.tail_count = sample.TailCount(p);
  const double scale = kNormal975 / spread.t();
  const double most = sample.Instants();
  const double count = spread.variance > 0 ? std::min(p * (1 - p) / spread.variance, most) : most;
  estimate.effective_count = count * scale * scale;
  SetQuantileEnds(estimate, sample, p);
  return {.estimate = estimate};
}

RunStatistic EstimateQuantile(const Sample& sample, double p) {
  const double tail = sample.TailCount(p);
  if (tail < kLeastTail) {
    return Refused(fmt::format("{:.1f} independent observations lie beyond it, and 20 must", tail),
                   tail > 0 ? std::optional(kLeastTail / tail) : std::nullopt);
  }
  return EstimateQuantileAnyway(sample, p);
}

RunStatistic EstimateMean(const Sample& sample) {
  const int number = NumberOfBlocks(sample);
  if (number < kLeastEffectiveBlocks) return Refused(kTooFewWaves);
  const Blocks blocks = Fill(sample.observations(), Nanos{0}, sample.duration(), number,
                             [](double value) { return value; });
  const Spread spread = SpreadOf(blocks);
  if (spread.effective_blocks < kLeastEffectiveBlocks) return Refused(kTooFewWaves);
  RunEstimate estimate = Described(sample, number, spread);
  const double mean = sample.Mean();
  const double half = spread.t() * std::sqrt(spread.variance) / mean;
  estimate.log_point = std::log(mean);
  estimate.log_lower = estimate.log_point - half;
  estimate.log_upper = estimate.log_point + half;
  return {.estimate = estimate};
}

RunStatistic EstimateRate(const std::vector<Observation>& tokens, Nanos from, Nanos until) {
  Blocks blocks(kBlocks);
  for (const Observation& o : tokens) {
    if (o.at <= from || o.at > until) continue;
    blocks.sums[BlockOf(o.at, from, until, blocks.size())] += o.value;
  }
  const double total = Sum(blocks.sums);
  if (total <= 0) return Refused("no token came in the steady window");
  const double mean = total / kBlocks;
  std::vector<double> residuals;
  for (const double sum : blocks.sums) residuals.push_back(sum - mean);
  RunEstimate estimate;
  estimate.blocks = kBlocks;
  estimate.block = (until - from) / kBlocks;
  estimate.effective_blocks = kBlocks;
  estimate.autocorrelation = Autocorrelation(residuals);
  const double variance =
      SquareSum(residuals) / ((kBlocks - 1.0) * kBlocks) * Inflation(estimate.autocorrelation);
  const double half = StudentTQuantile(0.975, kBlocks - 1) * std::sqrt(variance) / mean;
  estimate.log_point = std::log(total / ToSeconds(until - from));
  estimate.log_lower = estimate.log_point - half;
  estimate.log_upper = estimate.log_point + half;
  return {.estimate = estimate};
}

std::optional<double> Wandering(const Sample& gaps, Nanos from, Nanos until) {
  std::vector<Observation> inside;
  std::vector<double> values;
  for (const Observation& o : gaps.observations()) {
    if (o.at <= from || o.at > until) continue;
    inside.push_back(o);
    values.push_back(o.value);
  }
  if (inside.size() < 2 * kBlocks) return std::nullopt;
  std::sort(values.begin(), values.end());
  const double median = QuantileOfSorted(values, 0.5);
  return Autocorrelation(Residuals(
      Fill(inside, from, until, kBlocks, [median](double value) { return Above(value, median); })));
}

}  // namespace sseprof
