#include "stats/distribution.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "sseprof/quantile.h"

namespace sseprof {
namespace {

constexpr double kNanosPerSecond = 1e9;

__extension__ typedef unsigned __int128 Wide;

void SetOrderStatistics(std::span<const double> sorted, double divisor, Distribution& result) {
  result.count = sorted.size();
  for (const QuantileField& quantile : kQuantiles) {
    result.*quantile.value = QuantileOfSorted(sorted, quantile.p) / divisor;
  }
  result.min = sorted.front() / divisor;
  result.max = sorted.back() / divisor;
}

}  // namespace

std::vector<std::string> WeakQuantiles(double observations) {
  constexpr double kWantedBeyond = 10;
  std::vector<std::string> weak;
  for (const QuantileField& quantile : kQuantiles) {
    if (observations * quantile.tail_per_mille < kWantedBeyond * 1000) {
      weak.emplace_back(quantile.name);
    }
  }
  return weak;
}

Distribution DistributionOfNanos(std::vector<std::int64_t> values) {
  Distribution result;
  if (values.empty()) return result;
  std::sort(values.begin(), values.end());
  SetOrderStatistics(std::vector<double>(values.begin(), values.end()), kNanosPerSecond, result);

  const std::int64_t least = values.front();
  Wide sum = 0;
  for (const std::int64_t value : values) sum += static_cast<Wide>(value - least);
  const Wide center = sum / values.size();
  Wide squares = 0;
  for (const std::int64_t value : values) {
    const Wide off = static_cast<Wide>(value - least) - center;
    squares += off * off;
  }
  const double n = static_cast<double>(values.size());
  const double rest = static_cast<double>(sum - center * values.size()) / n;
  result.mean = (static_cast<double>(least) + static_cast<double>(sum) / n) / kNanosPerSecond;
  result.stddev =
      std::sqrt(std::max(0.0, static_cast<double>(squares) / n - rest * rest)) / kNanosPerSecond;
  return result;
}

Distribution DistributionOf(const Histogram& histogram) {
  Distribution result;
  result.count = histogram.count();
  if (result.count == 0) return result;
  for (const QuantileField& quantile : kQuantiles) {
    result.*quantile.value = QuantileSeconds(histogram, quantile.p);
  }
  result.mean = histogram.MeanNanos() / kNanosPerSecond;
  result.stddev = histogram.StddevNanos() / kNanosPerSecond;
  result.min = ToSeconds(histogram.min());
  result.max = ToSeconds(histogram.max());
  return result;
}

Distribution DistributionOfValues(std::vector<double> values, double divisor) {
  Distribution result;
  if (values.empty()) return result;
  std::sort(values.begin(), values.end());
  SetOrderStatistics(values, divisor, result);
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  result.mean = mean / divisor;
  result.stddev = std::sqrt(squares / n) / divisor;
  return result;
}

std::optional<double> QuantileSeconds(const Histogram& histogram, double p) {
  if (histogram.count() == 0) return std::nullopt;
  return histogram.QuantileNanos(p) / kNanosPerSecond;
}

}  // namespace sseprof
