#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// How many independent instants a set of observations holds. One step of a batching server makes
/// one observation in every stream at once: those are one look at the server, not many. So
/// observations are counted in cells of 1 ms of the run (m_j), and n^2 / sum(m_j^2) is the number
/// of cells that would say as much if all were equally full.
/// Memory: 4 bytes per millisecond of the run. Not thread-safe.
class InstantCounter {
 public:
  /// An observation at this offset from the start of the run.
  void Add(Nanos at);

  std::uint64_t count() const { return count_; }
  /// 0 if there are no observations.
  double Instants() const;

 private:
  std::map<std::int64_t, std::vector<std::uint32_t>> pages_;  ///< by offset / 4.096 s
  std::uint64_t count_ = 0;
};

/// The same for latency and TPOT, which look back over a whole request: a run that lasts until
/// `latest` holds about 4 independent looks per median latency. 0 if there is no such latency.
double Looks(Nanos latest, std::optional<double> median_latency_s);

}  // namespace sseprof
