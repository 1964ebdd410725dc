#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "compare/sample.h"

namespace sseprof {

/// Two runs of 2,000 gaps each, made by integer arithmetic, whose intervals are known.
inline std::vector<Observation> ReferenceA() {
  std::vector<Observation> run;
  for (std::int64_t i = 0; i < 2'000; ++i) {
    const std::int64_t value = 7'000'000 + 1'000 * ((37 * i * i + 11 * i) % 4'001) +
                               200'000 * ((i / 250) % 2) +
                               (i % 97 == 50 ? 20'000'000 + 50'000 * (i % 13) : 0);
    run.push_back({.value = static_cast<double>(value), .at = Nanos{7'000'000 * (i + 1)}});
  }
  return run;
}

inline std::vector<Observation> ReferenceB() {
  std::vector<Observation> run;
  for (std::int64_t i = 0; i < 2'000; ++i) {
    const std::int64_t value = 7'400'000 + 1'000 * ((41 * i * i + 5 * i) % 4'001) +
                               150'000 * ((i / 200) % 2) +
                               (i % 89 == 30 ? 22'000'000 + 50'000 * (i % 11) : 0);
    run.push_back({.value = static_cast<double>(value), .at = Nanos{7'000'000 * (i + 1)}});
  }
  return run;
}

inline Sample Gaps(std::vector<Observation> observations) {
  return Sample(std::move(observations), Sample::Unit::kInstants);
}

}  // namespace sseprof
