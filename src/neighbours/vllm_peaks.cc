#include "neighbours/vllm_peaks.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>

namespace sseprof {
namespace {

using Second = std::int64_t;

Instant FirstStart(const std::vector<VllmRequest>& requests) {
  Instant first = kNever;
  for (const VllmRequest& request : requests) {
    if (request.completed) first = std::min(first, request.start);
  }
  return first;
}

/// Largest number of intervals over one second; `steps` says by how much it changes at each.
std::int64_t Largest(const std::map<Second, std::int64_t>& steps) {
  std::int64_t now = 0, largest = 0;
  for (const auto& [second, step] : steps) {
    now += step;
    largest = std::max(largest, now);
  }
  return largest;
}

}  // namespace

VllmPeaks FindVllmPeaks(const std::vector<VllmRequest>& requests) {
  const Instant origin = FirstStart(requests);
  const auto second_of = [origin](Instant at) -> Second {
    return std::chrono::duration_cast<std::chrono::seconds>(at - origin).count();
  };
  VllmPeaks peaks;
  std::map<Second, std::int64_t> tokens, steps;
  for (const VllmRequest& request : requests) {
    if (!request.completed) continue;
    Instant at = request.start + request.ttft;
    ++tokens[second_of(at)];
    for (const Nanos gap : request.gaps) ++tokens[second_of(at += gap)];
    ++steps[second_of(request.start)];
    --steps[second_of(request.start + request.latency) + 1];
  }
  for (const auto& [second, count] : tokens) peaks.tokens = std::max(peaks.tokens, count);
  peaks.concurrent = Largest(steps);
  return peaks;
}

}  // namespace sseprof
