#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace sseprof {

/// SplitMix64: the same numbers on every machine, unlike the distributions of <random>. Two streams
/// with different keys are independent, whatever the keys.
class SimRandom {
 public:
  SimRandom(std::uint64_t seed, std::uint64_t key) : state_(Mix(Mix(seed) ^ (key + kStep))) {}

  std::uint64_t Next() { return Mix(state_ += kStep); }

  /// Uniform, above 0 and at most 1.
  double Unit() { return (static_cast<double>(Next() >> 11) + 1) * 0x1p-53; }

  /// Standard normal.
  double Normal() {
    const double radius = std::sqrt(-2 * std::log(Unit()));
    return radius * std::cos(2 * std::numbers::pi * Unit());
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;

  static constexpr std::uint64_t Mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

  std::uint64_t state_;
};

}  // namespace sseprof
