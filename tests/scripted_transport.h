#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sseprof/transport.h"

namespace sseprof {

/// Body bytes of a script; `width` and `closes_buffer` as in BodySpan.
struct ScriptedBytes {
  std::string bytes;
  Nanos width{};
  bool closes_buffer = true;
};

/// What happens to a transfer, `after` the step before it (the first: after Submit). A TransferEnd
/// gets its `at`, and `sent` and `first_byte` where the script leaves them out.
struct ScriptedStep {
  Nanos after{};
  std::variant<ResponseHead, ScriptedBytes, TransferEnd> what;
};

/// A transport on virtual time: each request meets what its script says, and an hour of load takes
/// no time. Poll goes on to the next instant at which something happens. Not thread-safe.
class ScriptedTransport final : public Transport {
 public:
  struct Sent {
    std::size_t number;  ///< in order of Submit, from 0
    std::string request_id;
    std::string body;
    Instant at;
    std::size_t in_flight;  ///< transfers in flight, this one included
  };
  using Script = std::function<std::vector<ScriptedStep>(const Sent&)>;

  explicit ScriptedTransport(Script script, Instant begin = Instant{std::chrono::seconds(1000)})
      : script_(std::move(script)), begin_(begin), now_(begin) {}

  Instant Now() const override { return now_; }

  void Submit(const Submission& submission, StreamObserver& observer) override {
    Transfer& transfer = transfers_[&observer];
    if (transfer.open) throw std::logic_error("Submit of an observer that is in flight");
    ++in_flight_;
    sent_.push_back({.number = sent_.size(),
                     .request_id = submission.request_id,
                     .body = std::string(submission.body),
                     .at = now_,
                     .in_flight = in_flight_});
    transfer = {.open = true, .serial = transfer.serial + 1, .submitted = now_};
    Instant at = now_;
    for (ScriptedStep& step : script_(sent_.back())) {
      at += step.after;
      agenda_.emplace(at, [this, &observer, serial = transfer.serial, what = std::move(step.what)] {
        Happen(observer, serial, what);
      });
    }
  }

  void Cancel(StreamObserver& observer) override {
    if (!transfers_[&observer].open) throw std::logic_error("Cancel of what is not in flight");
    End(observer, {.result = TransferEnd::Result::kCancelled, .message = "cancelled"});
  }

  void Poll(Instant until) override {
    if (std::exchange(woken_, false)) return;
    const auto next = agenda_.begin();
    if (next == agenda_.end() || next->first > until) {
      if (until == kNever) throw std::logic_error("Poll would wait for ever");
      now_ = std::max(now_, until);
      return;
    }
    now_ = std::max(now_, next->first);
    const std::function<void()> action = std::move(next->second);
    agenda_.erase(next);
    action();
  }

  void Wake() noexcept override { woken_ = true; }

  /// Runs `action` at `begin + offset`, within Poll.
  void At(Nanos offset, std::function<void()> action) {
    agenda_.emplace(begin_ + offset, std::move(action));
  }

  Instant begin() const { return begin_; }
  const std::vector<Sent>& sent() const { return sent_; }

 private:
  struct Transfer {
    bool open = false;
    int serial = 0;
    Instant submitted{};
    std::optional<Instant> first_byte;
  };

  void Happen(StreamObserver& observer, int serial,
              const std::variant<ResponseHead, ScriptedBytes, TransferEnd>& what) {
    Transfer& transfer = transfers_[&observer];
    if (!transfer.open || transfer.serial != serial) return;
    if (const auto* head = std::get_if<ResponseHead>(&what)) {
      transfer.first_byte = now_;
      observer.OnHead(*head);
    } else if (const auto* body = std::get_if<ScriptedBytes>(&what)) {
      const bool go_on = observer.OnBody({.bytes = body->bytes,
                                          .at = now_,
                                          .width = body->width,
                                          .closes_buffer = body->closes_buffer});
      if (go_on) {
        observer.OnReadEnd();
      } else {
        End(observer, {.result = TransferEnd::Result::kCancelled});
      }
    } else {
      End(observer, std::get<TransferEnd>(what));
    }
  }

  void End(StreamObserver& observer, TransferEnd end) {
    Transfer& transfer = transfers_[&observer];
    transfer.open = false;
    --in_flight_;
    end.at = now_;
    if (!end.sent) end.sent = transfer.submitted;
    if (!end.first_byte) end.first_byte = transfer.first_byte;
    observer.OnEnd(end);
  }

  Script script_;
  Instant begin_, now_;
  std::multimap<Instant, std::function<void()>> agenda_;
  std::map<StreamObserver*, Transfer> transfers_;
  std::vector<Sent> sent_;
  std::size_t in_flight_ = 0;
  bool woken_ = false;
};

}  // namespace sseprof
