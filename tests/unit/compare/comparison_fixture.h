#pragma once

#include <string>
#include <utility>
#include <vector>

#include "compare/comparison.h"
#include "compare/run_values.h"
#include "unit/compare/reference_sets.h"

namespace sseprof {

/// A distribution of which each figure is a multiple of `unit` seconds.
inline Distribution Scaled(double unit, std::uint64_t count) {
  return {.count = count,
          .p50 = unit,
          .p90 = 1.2 * unit,
          .p95 = 1.3 * unit,
          .p99 = 1.5 * unit,
          .p999 = 2 * unit,
          .mean = 1.05 * unit,
          .min = 0.9 * unit,
          .max = 2.1 * unit};
}

/// A run whose every span is `slowness` times as long as usual: 16 streams, 640 requests of 256
/// tokens, gaps of 10 ms.
inline RunData RunOf(double slowness, const std::string& started_at = "") {
  RunData run;
  run.path = "run.json";
  Summary& s = run.summary;
  s.context.model = "m";
  s.context.started_at = started_at;
  s.context.concurrency = 16;
  s.context.max_tokens = 256;
  s.context.prompt_sha256 = std::string(64, 'a');
  s.ok = 640;
  s.requests = 640;
  s.total_time_s = 104 * slowness;
  s.completion_tokens_mean = 256;
  s.qps = 6.1538 / slowness;
  s.prompt_tps = 676.9 / slowness;
  s.decode_tps = 1'575 / slowness;
  s.itl = {Scaled(0.010 * slowness, 640 * 255)};
  s.ttft = Scaled(0.050 * slowness, 640);
  s.tpot = Scaled(0.0102 * slowness, 640);
  s.latency = Scaled(2.6 * slowness, 640);
  return run;
}

inline Variant VariantOf(std::string name, const std::vector<double>& slowness) {
  Variant variant{.name = std::move(name)};
  for (const double each : slowness) variant.runs.push_back(RunOf(each));
  return variant;
}

inline const Cell& CellOf(const Pair& pair, Metric metric, Statistic statistic) {
  for (const Cell& cell : pair.cells) {
    if (cell.metric == metric && cell.statistic == statistic) return cell;
  }
  throw std::out_of_range("no such cell");
}

}  // namespace sseprof
