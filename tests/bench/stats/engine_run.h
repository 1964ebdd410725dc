#pragma once

#include <string>

#include "bench/stats/draws.h"
#include "compare/run_data.h"

namespace sseprof::bench {

/// A load in closed loop. Answers have as many tokens as the request's number says, so that all
/// runs of all variants send the same requests in the same order.
struct Scenario {
  std::string name;
  int requests;
  int concurrency;
  int least_tokens, most_tokens;
};

/// A run of a batching engine as its client sees it, with records. One step gives every running
/// stream a token at the same instant (the client sees it up to 60 us later), so gaps are shared. A
/// step takes
///   (7 ms + 0.03 ms x running) x step_factor x exp(fast + slow) + prefill + pause:
/// fast and slow are AR(1) with memories of 4 and 40 steps and deviations of 2 and 1.5 %; the
/// prefill of each request that begins takes 2 to 4 ms and delays all others; 1.5 % of the steps
/// pause, for 8 ms x exp(0.8 x a standard normal number). All slots send at once in the beginning,
/// and each its next request 0.1 to 0.4 ms after its last has ended; at the end slots run dry.
/// @param step_factor  how much slower this variant decodes; prefills and pauses stay as they are
RunData EngineRun(const Scenario& scenario, double step_factor, Draws& draws);

/// The same run without records: its summary, with the figures that the records give.
RunData WithoutRecords(const RunData& run);

/// A run whose times all are `factor` times as long: a machine in another state. Without records.
RunData Slowed(const RunData& run, double factor);

}  // namespace sseprof::bench
