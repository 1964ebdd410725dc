#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "compare/comparison.h"
#include "unit/compare/comparison_fixture.h"

namespace sseprof {

/// Numbers that are the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  /// In [0, 1).
  double Uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

/// A run of one stream with records: gaps of about 10 ms x slowness that resemble their neighbours
/// and pause now and then, and a request's end at every fifth.
inline RunData RandomRun(Random& random, double slowness, int steps) {
  std::vector<Observation> gaps, ttft, tpot, latency;
  Nanos at{0};
  double level = 0;
  for (int i = 0; i < steps; ++i) {
    level = 0.7 * level + 0.05 * (random.Uniform() - 0.5);
    const double pause = random.Uniform() < 0.015 ? 3e7 * random.Uniform() : 0;
    const double gap = 1e7 * slowness * (1 + level + 0.1 * random.Uniform()) + pause;
    at += Nanos{static_cast<Nanos::rep>(gap)};
    gaps.push_back({.value = gap, .at = at});
    if (i % 5 != 0) continue;
    for (int both = 0; both < 2; ++both) {  // at the same instant
      ttft.push_back({.value = 4e7 * slowness * (1 + random.Uniform()), .at = at});
    }
    tpot.push_back({.value = 1e7 * slowness * (1 + 0.1 * random.Uniform()), .at = at});
    latency.push_back({.value = 2e8 * slowness * (1 + 0.3 * random.Uniform()), .at = at});
  }
  using Unit = Sample::Unit;
  const Nanos span{200'000'000};
  RunSamples samples{.itl = Sample(gaps, Unit::kInstants),
                     .tpot = Sample(tpot, Unit::kSpans, span),
                     .latency = Sample(latency, Unit::kSpans, span),
                     .ttft = Sample(ttft, Unit::kInstants),
                     .steady_until = at};
  for (const Observation& gap : gaps) samples.tokens.push_back({.value = 1, .at = gap.at});
  RunData run = RunOf(slowness);
  run.summary.decode_tps = steps / ToSeconds(at);
  run.samples = std::move(samples);
  return run;
}

struct TwoVariants {
  Variant a{.name = "A"}, b{.name = "B"};
};

/// So many runs of each, which vary by 1 %; those of B are usually slower, by as much as the seed
/// says: from nothing to 6 %.
inline TwoVariants RandomVariants(std::uint64_t seed, std::size_t runs) {
  Random random(seed);
  TwoVariants two;
  const double of_b = 1 + 0.01 * static_cast<double>(seed % 7);
  const int steps = runs == 1 ? 2'200 : 600;
  const auto slowness = [&random] { return 0.99 + 0.02 * random.Uniform(); };
  for (std::size_t i = 0; i < runs; ++i) {
    two.a.runs.push_back(RandomRun(random, slowness(), steps));
    two.b.runs.push_back(RandomRun(random, slowness() * of_b, steps));
  }
  return two;
}

/// The sample with all its observations changed.
template <class Change>
Sample Changed(const Sample& sample, Change&& change) {
  std::vector<Observation> observations = sample.observations();
  change(observations);
  return Sample(std::move(observations), sample.unit(), sample.span());
}

/// The same of all that a variant's runs recorded.
template <class Change>
Variant Changed(Variant variant, Change&& change) {
  for (RunData& run : variant.runs) {
    RunSamples& samples = *run.samples;
    for (Sample* sample : {&samples.itl, &samples.ttft, &samples.tpot, &samples.latency}) {
      *sample = Changed(*sample, change);
    }
    change(samples.tokens);
  }
  return variant;
}

/// Every value `factor` times as large: spans, and rates.
inline Variant Times(const Variant& variant, double factor) {
  Variant changed = Changed(variant, [factor](std::vector<Observation>& observations) {
    for (Observation& o : observations) o.value *= factor;
  });
  for (RunData& run : changed.runs) *run.summary.decode_tps *= factor;
  return changed;
}

/// The requests in another order in the file.
inline Variant Shuffled(const Variant& variant, std::uint64_t seed) {
  Random random(seed);
  return Changed(variant, [&random](std::vector<Observation>& observations) {
    std::shuffle(observations.begin(), observations.end(), random.engine());
  });
}

/// Sixteen streams that move together.
inline Variant Sixteenfold(const Variant& variant) {
  return Changed(variant, [](std::vector<Observation>& observations) {
    std::vector<Observation> copies;
    for (const Observation& o : observations) copies.insert(copies.end(), 16, o);
    observations = std::move(copies);
  });
}

}  // namespace sseprof
