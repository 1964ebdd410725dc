#include "bench/stats/draws.h"

#include <cmath>
#include <numbers>

namespace sseprof::bench {
namespace {

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t Mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

Draws::Draws(std::uint64_t seed, std::uint64_t set, std::uint64_t run)
    : engine_(Mixed(Mixed(Mixed(seed) ^ set) ^ run)) {}

double Draws::Uniform() { return static_cast<double>((engine_() >> 11) + 1) * 0x1p-53; }

double Draws::Normal() {
  if (has_kept_) {
    has_kept_ = false;
    return kept_;
  }
  const double radius = std::sqrt(-2 * std::log(Uniform()));
  const double angle = 2 * std::numbers::pi * Uniform();
  kept_ = radius * std::sin(angle);
  has_kept_ = true;
  return radius * std::cos(angle);
}

}  // namespace sseprof::bench
