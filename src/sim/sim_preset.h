#pragma once

#include <span>
#include <string_view>

#include "sim/engine_model.h"

namespace sseprof {

/// An engine whose speed is fitted to a measured one. The fits are to a closed loop of 64 requests
/// of 110 prompt and 256 output tokens, 16 at a time, of which total time and latency (p50, p95,
/// mean, min, max) are known, all met within 1 %. Prefill and drift have no data of their own:
/// their size is what the six figures leave room for, their shape is a choice: the first wave of 16
/// as fast as the fastest, the last one as slow as the slowest, the two between them alike.
struct SimPreset {
  std::string_view name;
  std::string_view model;
  EngineOptions engine;
};

std::span<const SimPreset> SimPresets();

/// Null if there is none of that name.
const SimPreset* FindSimPreset(std::string_view name);

}  // namespace sseprof
