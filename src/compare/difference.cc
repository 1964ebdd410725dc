#include "compare/difference.h"

#include <algorithm>
#include <cmath>

#include "compare/inverses.h"

namespace sseprof {
namespace {

constexpr int kMostRuns = 60;
constexpr double kShareOfTarget = 0.7;

/// Of values that are all equal exactly their value, however many they are.
double Mean(std::span<const double> values) {
  const double first = values.front();
  double beyond = 0;
  for (const double value : values) beyond += value - first;
  return first + beyond / static_cast<double>(values.size());
}

/// 0 for a single value.
double Variance(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const double mean = Mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(values.size() - 1);
}

/// The standard error of a difference of means, and its degrees of freedom.
struct Error {
  double se = 0, df = 0, s = 0;
};

Error PooledError(double a, double b, double runs) {
  const double s = std::sqrt((a + b) / 2);
  return {.se = s * std::sqrt(2 / runs), .df = 2 * runs - 2, .s = s};
}

/// One of both has a single run and is taken to vary as the other.
Error BorrowedError(double variance, double runs) {
  const double s = std::sqrt(variance);
  return {.se = s * std::sqrt(1 / runs + 1), .df = runs - 1, .s = s};
}

/// Welch 1947, with Satterthwaite's degrees of freedom.
Error WelchError(double a, double b, double runs_a, double runs_b) {
  const double of_a = a / runs_a, of_b = b / runs_b, sum = of_a + of_b;
  Error error = {.se = std::sqrt(sum), .s = std::sqrt((a + b) / 2)};
  error.df = sum > 0 ? sum * sum / (of_a * of_a / (runs_a - 1) + of_b * of_b / (runs_b - 1))
                     : runs_a + runs_b - 2;
  return error;
}

double Target(double log_ratio, double margin) {
  return kShareOfTarget * std::max(std::abs(log_ratio), margin - std::abs(log_ratio));
}

}  // namespace

Difference DifferenceOfRepeats(std::span<const double> a, std::span<const double> b) {
  const auto runs_a = static_cast<double>(a.size()), runs_b = static_cast<double>(b.size());
  const double of_a = Variance(a), of_b = Variance(b);
  Difference found;
  found.log_ratio = Mean(b) - Mean(a);
  Error error;
  if (a.size() == b.size()) {
    error = PooledError(of_a, of_b, runs_a);
  } else if (a.size() == 1 || b.size() == 1) {
    found.assumed_spread = true;
    error = a.size() == 1 ? BorrowedError(of_b, runs_b) : BorrowedError(of_a, runs_a);
  } else {
    found.unequal = true;
    error = WelchError(of_a, of_b, runs_a, runs_b);
  }
  const double half = StudentTQuantile(0.975, error.df) * error.se;
  found.df = error.df;
  found.s = error.s;
  found.lower = found.log_ratio - half;
  found.upper = found.log_ratio + half;
  if (error.se > 0) {
    found.p = StudentTTwoSided(found.log_ratio / error.se, error.df);
  } else {
    found.p = found.log_ratio == 0 ? 1 : 0;
  }
  return found;
}

Difference DifferenceOfRuns(const RunEstimate& a, const RunEstimate& b, double run_noise) {
  const double noise = kNormal975 * run_noise;
  const double down = std::hypot(b.log_point - b.log_lower, a.log_upper - a.log_point);
  const double up = std::hypot(b.log_upper - b.log_point, a.log_point - a.log_lower);
  Difference found;
  found.log_ratio = b.log_point - a.log_point;
  found.assumed = 2 * noise * noise;
  found.half_inside = (down + up) / 2;
  found.lower = found.log_ratio - std::sqrt(down * down + found.assumed);
  found.upper = found.log_ratio + std::sqrt(up * up + found.assumed);
  const double width =
      found.log_ratio > 0 ? found.log_ratio - found.lower : found.upper - found.log_ratio;
  if (found.log_ratio != 0) {
    found.p = width > 0 ? NormalTwoSided(kNormal975 * found.log_ratio / width) : 0;
  }
  return found;
}

std::optional<int> FurtherRunsNeeded(const Difference& difference, int runs, double margin) {
  const double target = Target(difference.log_ratio, margin);
  for (int k = 2; k <= kMostRuns; ++k) {
    const double half = StudentTQuantile(0.975, 2.0 * k - 2) * difference.s * std::sqrt(2.0 / k);
    if (half <= target) return std::max(1, k - runs);
  }
  return std::nullopt;
}

std::optional<double> RequestsNeeded(const Difference& difference, double requests, double margin) {
  const double target = Target(difference.log_ratio, margin);
  const double left = target * target - difference.assumed;
  if (left <= 0) return std::nullopt;
  if (!std::isfinite(difference.half_inside)) return difference.half_inside;
  return RoundedUp(requests * difference.half_inside * difference.half_inside / left);
}

double RoundedUp(double value) {
  if (value <= 0) return 0;
  const double unit = std::max(1.0, std::pow(10.0, std::floor(std::log10(value)) - 1));
  return std::ceil(value / unit) * unit;
}

}  // namespace sseprof
