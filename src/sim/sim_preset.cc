#include "sim/sim_preset.h"

#include <algorithm>
#include <array>

namespace sseprof {
namespace {

using namespace std::chrono_literals;

const std::array<SimPreset, 2>& Presets() {
  static const std::array<SimPreset, 2> presets = {{
      {.name = "nvfp4",
       .model = "nvidia/Qwen3-30B-A3B-NVFP4",
       .engine = {.step_base = 8980us,
                  .step_per_sequence = 110us,
                  .prefill_per_token = 12us,
                  .max_num_seqs = 32,
                  .drift = {{0s, 0.943},
                            {2550ms, 0.943},
                            {2750ms, 1},
                            {8100ms, 1},
                            {8300ms, 1.057},
                            {11100ms, 1.057}}}},
      {.name = "bf16",
       .model = "Qwen/Qwen3-30B-A3B",
       .engine = {.step_base = 9785us,
                  .step_per_sequence = 110us,
                  .prefill_per_token = 16us,
                  .max_num_seqs = 32,
                  .drift = {{0s, 0.898},
                            {2600ms, 0.898},
                            {2800ms, 1},
                            {8600ms, 1},
                            {8800ms, 1.103},
                            {11950ms, 1.103}}}},
  }};
  return presets;
}

}  // namespace

std::span<const SimPreset> SimPresets() { return Presets(); }

const SimPreset* FindSimPreset(std::string_view name) {
  const auto presets = SimPresets();
  const auto found = std::find_if(presets.begin(), presets.end(),
                                  [name](const SimPreset& preset) { return preset.name == name; });
  return found == presets.end() ? nullptr : &*found;
}

}  // namespace sseprof
