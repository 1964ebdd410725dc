#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sim/engine_model.h"
#include "sim/paced_model.h"
#include "sim/sim_preset.h"

namespace sseprof {

/// How a SimServer behaves. Lengths are in tokens.
struct SimOptions {
  std::uint16_t port = 8000;          ///< on 127.0.0.1; 0: any free one
  std::string model = "sseprof-sim";  ///< the one model that it serves
  std::string api_key;                ///< asked for as a bearer token; empty: none
  /// The true times, one JSON line per finished stream; empty: not written. Keys: `request_id` (the
  /// X-Request-Id header, else the id in the chunks), `received_ns` (the request was read whole)
  /// and `events`: for each SSE event in order (role, tokens, usage and [DONE] alike) the
  /// CLOCK_MONOTONIC nanoseconds just before and just after the send() that took its last byte.
  /// Streams that the client left are there with what they got.
  std::string log_path;

  EngineOptions engine;             ///< engine.max_num_seqs, engine.jitter, ..; see SimPreset
  std::optional<PaceOptions> pace;  ///< fixed gaps; `engine` is then not used

  std::uint64_t seed = 1;             ///< of texts, lengths and jitter (engine.seed is set to it)
  std::int32_t tokens_per_event = 1;  ///< each step gives so many after the first (speculation)
  std::int32_t stream_interval = 1;   ///< sent: the first token, then every so many, then the rest
  std::int32_t reasoning_tokens = 0;  ///< so many at the start go to `reasoning`
  /// Mean length of answers, each token being the last with the same probability; the last is an
  /// end-of-text token without text. `ignore_eos` overrides. 0: every answer fills max_tokens.
  double eos_after = 0;

  enum class Usage {
    kAsAsked,     ///< by the request's stream_options
    kContinuous,  ///< where a request asks for usage, every chunk has it
    kForced,      ///< every chunk and a usage chunk at the end, asked for or not
  };
  Usage usage = Usage::kAsAsked;
  /// Whether a prompt seen before counts as cached: its whole blocks of 16 tokens are then reported
  /// in prompt_tokens_details and cost no prefill.
  enum class PrefixCache { kOff, kOn };
  PrefixCache prefix_cache = PrefixCache::kOff;
};

/// A simulated OpenAI-compatible server, shaped as vLLM's: /v1/chat/completions (stream or whole),
/// /v1/models, /health, /version, /metrics. One thread holds thousands of streams. Every SSE event
/// is one HTTP chunk given to the kernel by one send().
///
/// The n-th chat completion accepted has, for a given seed, always the same text and length.
/// Requests may be 4 MiB; a client that leaves 4 MiB unread is disconnected.
class SimServer {
 public:
  /// Listens from here on, and raises this process's limit of open files as far as allowed.
  /// @throws UsageError  options out of range, port not free, log not writable
  explicit SimServer(SimOptions options);
  ~SimServer();
  SimServer(const SimServer&) = delete;
  SimServer& operator=(const SimServer&) = delete;

  std::uint16_t port() const;

  /// Serves until Stop; once only. Connections are then cut and the log is written to its end.
  /// @throws UsageError  the log cannot be written any more (disk full)
  void Run();

  /// Ends Run, now or as soon as it is called. From any thread, and from a signal handler.
  void Stop() noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sseprof
