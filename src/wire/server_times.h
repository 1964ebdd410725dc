#pragma once

#include <string_view>

#include "sseprof/record.h"

namespace sseprof {

/// The times in the object that a server sends with an answer: vLLM's `metrics`
/// (`queue_time_ms`, `time_to_first_token_ms`, `generation_time_ms`), llama.cpp's `timings`
/// (`prompt_ms`, `predicted_ms`). What is not there, or is no time, is absent. Pure.
ServerTimes ReadServerTimes(std::string_view json);

}  // namespace sseprof
