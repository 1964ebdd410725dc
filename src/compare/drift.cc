#include <algorithm>
#include <cmath>

#include "compare/estimate.h"
#include "sseprof/quantile.h"

namespace sseprof {
namespace {

constexpr std::size_t kDriftBlocks = 21;
constexpr std::size_t kThird = kDriftBlocks / 3;
constexpr double kLeastChange = 0.02;
constexpr double kLeastT = 3;

struct Moments {
  double mean = 0, variance = 0;
};

Moments MomentsOf(const double* values, std::size_t count) {
  Moments moments;
  for (std::size_t i = 0; i < count; ++i) moments.mean += values[i];
  moments.mean /= static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    moments.variance += (values[i] - moments.mean) * (values[i] - moments.mean);
  }
  moments.variance /= static_cast<double>(count - 1);
  return moments;
}

}  // namespace

bool Drift::found() const {
  return std::abs(std::expm1(change)) > kLeastChange && std::abs(t) > kLeastT;
}

Drift DriftOfMedians(const std::vector<double>& log_medians) {
  const Moments first = MomentsOf(log_medians.data(), kThird);
  const Moments last = MomentsOf(log_medians.data() + log_medians.size() - kThird, kThird);
  Drift drift = {.change = last.mean - first.mean};
  const double error = std::sqrt((first.variance + last.variance) / static_cast<double>(kThird));
  if (drift.change != 0) drift.t = drift.change / error;  // infinite where nothing scatters
  return drift;
}

std::optional<Drift> FindDrift(const Sample& gaps, Nanos from, Nanos until) {
  if (until <= from) return std::nullopt;
  std::vector<std::vector<double>> blocks(kDriftBlocks);
  for (const Observation& o : gaps.observations()) {
    if (o.at <= from || o.at > until) continue;
    const auto share =
        static_cast<double>((o.at - from).count()) / static_cast<double>((until - from).count());
    const auto block = static_cast<std::size_t>(share * kDriftBlocks);
    blocks[std::min(block, kDriftBlocks - 1)].push_back(o.value);
  }
  std::vector<double> medians;
  for (std::vector<double>& block : blocks) {
    if (block.empty()) return std::nullopt;
    std::sort(block.begin(), block.end());
    const double median = QuantileOfSorted(block, 0.5);
    if (median <= 0) return std::nullopt;
    medians.push_back(std::log(median));
  }
  return DriftOfMedians(medians);
}

}  // namespace sseprof
