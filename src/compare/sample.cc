#include "compare/sample.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "sseprof/quantile.h"

namespace sseprof {
namespace {

constexpr double kObservationsPerSpan = 4;

/// @pre in the order of their instants
double CountInstants(const std::vector<Observation>& observations) {
  using std::chrono::milliseconds;
  const auto cell_of = [](const Observation& o) {
    return std::chrono::floor<milliseconds>(o.at).count();
  };
  double squares = 0;
  for (std::size_t i = 0; i < observations.size();) {
    const std::size_t begin = i;
    while (i < observations.size() && cell_of(observations[i]) == cell_of(observations[begin])) ++i;
    const auto count = static_cast<double>(i - begin);
    squares += count * count;
  }
  const auto n = static_cast<double>(observations.size());
  return squares > 0 ? n * n / squares : 0;
}

}  // namespace

Sample::Sample(std::vector<Observation> observations, Unit unit, Nanos span)
    : observations_(std::move(observations)), unit_(unit), span_(span) {
  std::sort(observations_.begin(), observations_.end(),
            [](const Observation& a, const Observation& b) {
              return std::tie(a.at, a.value) < std::tie(b.at, b.value);
            });
  sorted_.reserve(observations_.size());
  for (const Observation& o : observations_) sorted_.push_back(o.value);
  std::sort(sorted_.begin(), sorted_.end());
  instants_ = CountInstants(observations_);
}

Nanos Sample::duration() const {
  return observations_.empty() ? Nanos{0} : observations_.back().at;
}

double Sample::Quantile(double p) const { return QuantileOfSorted(sorted_, p); }

double Sample::Mean() const {
  double sum = 0;
  for (const double value : sorted_) sum += value;
  return sum / static_cast<double>(sorted_.size());
}

double Sample::TailCount(double p) const {
  const double thinner = std::min(p, 1 - p);
  if (unit_ == Unit::kInstants) return thinner * instants_;
  if (span_ <= Nanos{0}) return 0;
  return thinner * kObservationsPerSpan * static_cast<double>(duration().count()) /
         static_cast<double>(span_.count());
}

}  // namespace sseprof
