#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseprof/chat_request.h"
#include "sseprof/prompt_set.h"
#include "sseprof/run_context.h"
#include "sseprof/sink.h"
#include "sseprof/transport.h"

namespace sseprof {

/// How much to send, and when to give up.
struct LoadOptions {
  std::string run_id;
  int concurrency = 16;
  std::optional<std::int64_t> requests;  ///< measured ones
  std::optional<Nanos> duration;         ///< no start after it; from the first measured start
  std::int64_t warmup_requests = 0;
  std::optional<Nanos> timeout;
  std::optional<Nanos> first_token_timeout;
  std::optional<Nanos> idle_timeout;
  std::int64_t max_failures = 48;  ///< failures in a row that end the run
  bool save_text = false;
};

/// What the event loops of one run share: it deals out the requests. Thread-safe.
class LoadPlan {
 public:
  /// `prompts` has at least one and outlives the plan. Makes the bodies of all of them.
  /// @throws std::invalid_argument if chat.extra_body is not a JSON object
  LoadPlan(LoadOptions options, ChatOptions chat, AddedFields added, const PromptSet& prompts);

  const LoadOptions& options() const { return options_; }
  const ChatOptions& chat() const { return chat_; }

  /// A request to send now.
  struct Ticket {
    std::int64_t n;
    std::int64_t prompt;
    std::int64_t max_tokens;
    bool warmup;
  };
  /// The next request, or nothing: all are dealt, the duration is over, or the run was stopped.
  std::optional<Ticket> Take(Instant now);

  /// True if Take would give nothing at `at`, nor ever after. Locks nothing, so that whoever looks
  /// on holds up no event loop.
  bool Exhausted(Instant at) const;

  /// A request's body, the same object for every request with this prompt and these fields.
  struct Body {
    std::shared_ptr<const std::string> json;
    AddedFields fields;  ///< the added fields that are in it
  };
  Body BodyOf(const Ticket& ticket);

  /// A server refused `asked` with this message. True: send again (fields were dropped, now or by
  /// another request).
  bool Refused(const AddedFields& asked, std::string_view message);

  /// Counts a failure towards max_failures (not a cancelled one); a success starts anew.
  void Finished(const RequestRecord& record);

  /// No more starts, all in flight are to be cancelled. Async-signal-safe.
  void Stop() noexcept { stopped_.store(true, std::memory_order_relaxed); }
  bool stopped() const noexcept { return stopped_.load(std::memory_order_relaxed); }

  /// True if max_failures ended the run.
  bool gave_up() const noexcept { return gave_up_.load(std::memory_order_relaxed); }

  /// Start of the first request, once there is one.
  std::optional<Instant> origin() const;

  /// One `field_refused` warning for each set of fields dropped.
  std::vector<Warning> warnings() const;

 private:
  std::shared_ptr<const std::string> MakeBody(std::size_t prompt) const;

  LoadOptions options_;
  ChatOptions chat_;
  const PromptSet& prompts_;
  mutable std::mutex mutex_;
  AddedFields added_;
  std::vector<std::shared_ptr<const std::string>> bodies_;  ///< by prompt; null: not made yet
  std::optional<Instant> origin_;
  // Changed under the mutex, read by all.
  std::atomic<std::int64_t> next_{0};
  std::atomic<Instant> measured_from_{kNever};
  std::int64_t failures_in_a_row_ = 0;
  std::vector<Warning> warnings_;
  std::atomic<bool> stopped_{false};
  std::atomic<bool> gave_up_{false};
};

/// Drives `slots` slots in closed loop on one transport: a slot that ends starts the next request
/// as soon as what has arrived is read, a few slots at a time, so that starts hold no reads up;
/// after k failures in a row it waits 100 ms x 2^(k-1), 5 s at most, or as long as the server's
/// Retry-After says, 60 s at most. `ready` of a record is the instant from which its slot could
/// start it: the run's begin, the end of the request before it, or of that wait. Not thread-safe;
/// several runners, each on its own thread and transport, may share a plan.
class Runner {
 public:
  /// `live` may be null.
  Runner(LoadPlan& plan, int slots, Transport& transport, RecordSink& finished, LiveSink* live);
  ~Runner();

  /// Until every slot has ended. Once `plan` is stopped, it cancels what is in flight.
  void Run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sseprof
