#include "sim/sim_preset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace sseprof::sim_preset_test {
namespace {

using namespace std::chrono_literals;

constexpr int kConcurrency = 16;
constexpr int kRequests = 64;
constexpr SequenceSpec kRequest{.prompt_tokens = 110, .output_tokens = 256};

struct Figures {
  double p50 = 0;
  double p95 = 0;
  double mean = 0;
  double min = 0;
  double max = 0;
  double total = 0;
};

struct ClosedLoop {
  Figures latency;
  std::vector<double> ttft;
  double decode_tps() const { return kRequests * kRequest.output_tokens / latency.total; }
};

double Quantile(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], at - static_cast<double>(below));
}

/// A client on virtual time that needs `turnaround` from an answer's end to its next request.
class VirtualClient {
 public:
  VirtualClient(const EngineOptions& options, Nanos turnaround)
      : engine_(options), turnaround_(turnaround) {
    for (int i = 0; i < kConcurrency; ++i) Plan(kStart + i * turnaround / kConcurrency);
  }

  ClosedLoop Play() {
    Instant last{};
    while (latencies_.size() < kRequests) {
      const Instant due = engine_.NextDue();
      if (!planned_.empty() && planned_.begin()->first <= due) {
        Send();
        continue;
      }
      for (const SequenceProgress& progress : engine_.Advance(due)) Receive(progress, due);
      last = due;
    }
    std::sort(latencies_.begin(), latencies_.end());
    const double sum = std::accumulate(latencies_.begin(), latencies_.end(), 0.0);
    return {.latency = {.p50 = Quantile(latencies_, 0.5),
                        .p95 = Quantile(latencies_, 0.95),
                        .mean = sum / kRequests,
                        .min = latencies_.front(),
                        .max = latencies_.back(),
                        .total = ToSeconds(last - kStart)},
            .ttft = ttft_};
  }

 private:
  static constexpr Instant kStart{1000s};

  void Plan(Instant at) {
    if (planned_count_ < kRequests) planned_.emplace(at, planned_count_++);
  }

  void Send() {
    const auto next = planned_.begin();
    started_[next->second] = next->first;
    engine_.Add(next->second, kRequest, next->first);
    planned_.erase(next);
  }

  void Receive(const SequenceProgress& progress, Instant at) {
    const double since_start = ToSeconds(at - started_[progress.id]);
    if (progress.tokens == 1) ttft_.push_back(since_start);
    if (!progress.finished) return;
    latencies_.push_back(since_start);
    Plan(at + turnaround_);
  }

  EngineModel engine_;
  Nanos turnaround_;
  std::multimap<Instant, SequenceId> planned_;
  std::map<SequenceId, Instant> started_;
  SequenceId planned_count_ = 0;
  std::vector<double> latencies_;
  std::vector<double> ttft_;
};

ClosedLoop Play(const SimPreset& preset, std::uint64_t seed, Nanos turnaround) {
  EngineOptions options = preset.engine;
  options.seed = seed;
  return VirtualClient{options, turnaround}.Play();
}

struct Measured {
  std::string preset;
  Figures latency;
};

class PresetFit : public testing::TestWithParam<Measured> {
 protected:
  const SimPreset& preset() const { return *FindSimPreset(GetParam().preset); }
};

TEST_P(PresetFit, MeetsEveryMeasuredFigureWithinOnePercent) {
  const Figures& want = GetParam().latency;
  for (const Nanos turnaround : {Nanos{0}, Nanos{300us}, Nanos{3ms}}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", client " << turnaround.count());
      const ClosedLoop run = Play(preset(), seed, turnaround);
      EXPECT_NEAR(run.latency.p50 / want.p50, 1, 0.01);
      EXPECT_NEAR(run.latency.p95 / want.p95, 1, 0.01);
      EXPECT_NEAR(run.latency.mean / want.mean, 1, 0.01);
      EXPECT_NEAR(run.latency.min / want.min, 1, 0.01);
      EXPECT_NEAR(run.latency.max / want.max, 1, 0.01);
      EXPECT_NEAR(run.latency.total / want.total, 1, 0.01);
    }
  }
}

TEST_P(PresetFit, DecodeRateHardlyVariesFromSeedToSeed) {
  const double want = kRequests * kRequest.output_tokens / GetParam().latency.total;
  std::vector<double> rates;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    rates.push_back(Play(preset(), seed, 300us).decode_tps());
    EXPECT_NEAR(rates.back() / want, 1, 0.01);
  }
  const double mean = std::accumulate(rates.begin(), rates.end(), 0.0) / 20;
  double squares = 0;
  for (const double rate : rates) squares += (rate / mean - 1) * (rate / mean - 1);
  const double relative_sd = std::sqrt(squares / 19);
  EXPECT_GT(relative_sd, 0);
  EXPECT_LT(relative_sd, 0.003);
}

TEST_P(PresetFit, FirstTokensTakeTensOfMilliseconds) {
  for (const double ttft : Play(preset(), 1, 300us).ttft) {
    EXPECT_GT(ttft, 0.009);
    EXPECT_LT(ttft, 0.070);
  }
}

// 64 requests of 110 prompt and 256 output tokens, 16 at a time, vLLM 0.13 on one GPU.
INSTANTIATE_TEST_SUITE_P(Qwen3, PresetFit,
                         testing::Values(Measured{"nvfp4",
                                                  {.p50 = 2.773145455499616,
                                                   .p95 = 2.928490930249609,
                                                   .mean = 2.7704487026715015,
                                                   .min = 2.611215490003815,
                                                   .max = 2.9359825370047474,
                                                   .total = 11.12302629199985}},
                                         Measured{"bf16",
                                                  {.p50 = 2.983149752999452,
                                                   .p95 = 3.2878576165003324,
                                                   .mean = 2.9860875507183664,
                                                   .min = 2.678864686000452,
                                                   .max = 3.299574479999137,
                                                   .total = 11.97304896699643}}),
                         [](const auto& test) { return test.param.preset; });

TEST(SimPreset, UnknownNameIsNone) { EXPECT_EQ(FindSimPreset("fp8"), nullptr); }

}  // namespace
}  // namespace sseprof::sim_preset_test
