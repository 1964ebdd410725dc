#include "stats/derived.h"

namespace sseprof {
namespace {

std::optional<double> PerSecond(std::optional<double> mean, const DerivedInput& input) {
  if (!mean || !input.total_time_s || *input.total_time_s <= 0) return std::nullopt;
  return *mean * static_cast<double>(input.ok) / *input.total_time_s;
}

}  // namespace

Derived ComputeDerived(const DerivedInput& input) {
  Derived derived;
  if (input.total_time_s && *input.total_time_s > 0) {
    derived.qps = static_cast<double>(input.ok) / *input.total_time_s;
  }
  derived.prompt_tps = PerSecond(input.prompt_tokens_mean, input);
  derived.decode_tps = PerSecond(input.completion_tokens_mean, input);
  if (input.latency_mean_s && input.completion_tokens_mean && *input.completion_tokens_mean > 0) {
    derived.ms_per_output_token = *input.latency_mean_s / *input.completion_tokens_mean * 1000;
  }
  return derived;
}

}  // namespace sseprof
