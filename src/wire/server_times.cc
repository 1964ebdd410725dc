#include "wire/server_times.h"

#include <cmath>

#include "wire/json.h"

namespace sseprof {
namespace {

constexpr double kLongestMs = 1e9;

std::optional<Nanos> Millis(JsonView value) {
  const auto ms = value.AsDouble();
  if (!ms || !(*ms >= 0) || *ms > kLongestMs) return std::nullopt;
  return Nanos{std::llround(*ms * 1e6)};
}

}  // namespace

ServerTimes ReadServerTimes(std::string_view json) {
  if (json.empty()) return {};
  try {
    const JsonDocument document = JsonDocument::Parse(json);
    const JsonView times = document.root();
    const bool llama_cpp = times.Has("prompt_ms");
    return {.queue = Millis(times["queue_time_ms"]),
            .first_token = Millis(times[llama_cpp ? "prompt_ms" : "time_to_first_token_ms"]),
            .decode = Millis(times[llama_cpp ? "predicted_ms" : "generation_time_ms"])};
  } catch (const JsonError&) {
    return {};
  }
}

}  // namespace sseprof
