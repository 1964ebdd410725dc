#include "neighbours/vllm_peaks.h"

#include <gtest/gtest.h>

namespace sseprof::vllm_peaks_test {
namespace {

using namespace std::chrono_literals;

VllmRequest Completed(Nanos start, Nanos ttft, std::vector<Nanos> gaps) {
  VllmRequest request;
  request.completed = true;
  request.start = Instant{start};
  request.ttft = ttft;
  request.latency = ttft;
  for (const Nanos gap : gaps) request.latency += gap;
  request.gaps = std::move(gaps);
  return request;
}

TEST(VllmPeaks, OfNothingAreNone) {
  const VllmPeaks peaks = FindVllmPeaks({});
  EXPECT_EQ(peaks.tokens, 0);
  EXPECT_EQ(peaks.concurrent, 0);
}

TEST(VllmPeaks, CountEventsBySecondsSinceTheFirstStart) {
  // Events at 0.5, 0.9, 1.0, 1.4 s and at 1.5, 1.6 s after the first start.
  const VllmPeaks peaks = FindVllmPeaks(
      {Completed(7300ms, 500ms, {400ms, 100ms, 400ms}), Completed(8300ms, 500ms, {100ms})});
  EXPECT_EQ(peaks.tokens, 4);
}

TEST(VllmPeaks, CountARequestInEverySecondThatItTouches) {
  // Seconds 0 to 1, 1 to 1, 1 to 2 and 3: never more than two at once, yet three touch second 1.
  const VllmPeaks peaks = FindVllmPeaks({Completed(5s, 1100ms, {}), Completed(6200ms, 100ms, {}),
                                         Completed(6400ms, 1s, {}), Completed(8s, 100ms, {})});
  EXPECT_EQ(peaks.concurrent, 3);
}

TEST(VllmPeaks, LeaveOutWhatFailed) {
  VllmRequest failed = Completed(1s, 100ms, {10ms, 10ms, 10ms});
  failed.completed = false;
  const VllmPeaks peaks = FindVllmPeaks({failed, Completed(2s, 100ms, {1ms})});
  EXPECT_EQ(peaks.tokens, 2);
  EXPECT_EQ(peaks.concurrent, 1);
}

}  // namespace
}  // namespace sseprof::vllm_peaks_test
