#pragma once

#include <cstddef>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// One observation of a metric in a run.
struct Observation {
  double value = 0;  ///< nanoseconds (any unit does: only ratios matter)
  Nanos at{};        ///< its instant, an offset from the start of the run's first request
};

/// All observations of one metric in one run, as inference needs them. A gap is no observation of
/// its own: one step of a batching server makes a gap in every stream at once, so what counts is
/// how many instants, or spans, of the run they tell of. Immutable; the order in which observations
/// were given does not matter. Thread-safe.
class Sample {
 public:
  /// What a run holds many of: instants for ITL and TTFT, spans of a request for TPOT and latency,
  /// which look back over one.
  enum class Unit { kInstants, kSpans };

  Sample() = default;
  /// @param span  the median latency, for kSpans
  Sample(std::vector<Observation> observations, Unit unit, Nanos span = Nanos{0});

  bool empty() const { return observations_.empty(); }
  std::size_t size() const { return observations_.size(); }
  /// By instant.
  const std::vector<Observation>& observations() const { return observations_; }
  Unit unit() const { return unit_; }
  Nanos span() const { return span_; }
  /// The largest instant.
  Nanos duration() const;

  /// Quantile p in [0, 1], (n-1)p rule. @pre not empty, as for Mean
  double Quantile(double p) const;
  double Mean() const;
  /// Independent instants: n^2 / sum(m_j^2) over the counts m_j of cells of 1 ms.
  double Instants() const { return instants_; }
  /// How many independent observations lie beyond quantile p, on its thinner side:
  /// min(p, 1-p) times the instants, or times 4 spans' worth of the run.
  double TailCount(double p) const;

 private:
  std::vector<Observation> observations_;
  std::vector<double> sorted_;
  Unit unit_ = Unit::kInstants;
  Nanos span_{};
  double instants_ = 0;
};

}  // namespace sseprof
