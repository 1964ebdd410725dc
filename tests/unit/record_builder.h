#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "sseprof/record.h"

namespace sseprof {

/// Builds request records for tests, one call per fact:
///   RecordBuilder(3).Start(1s).Output(20ms).Output(30ms).Finish("stop").Done().Build()
/// Instants of events are offsets from the request's start. The record is good unless Fail is
/// called, its connection reused unless Connect is.
class RecordBuilder {
 public:
  explicit RecordBuilder(std::int64_t n) {
    record_.n = n;
    record_.request_id = "run-" + std::to_string(n);
    record_.http_status = 200;
    record_.reused = true;
    record_.max_tokens = 256;
  }

  RecordBuilder& Start(Nanos since_boot) {
    record_.start = Instant{since_boot};
    return *this;
  }
  RecordBuilder& Warmup() {
    record_.warmup = true;
    return *this;
  }
  RecordBuilder& Sent(Nanos at) {
    record_.sent = at;
    return *this;
  }
  RecordBuilder& Connect(Nanos began, Nanos connected) {
    record_.connect_start = began;
    record_.connect = connected;
    record_.reused = false;
    return *this;
  }
  RecordBuilder& Event(EventKind kind, Nanos at, std::int32_t tokens = 0, Nanos width = Nanos{0},
                       std::uint16_t choice = 0) {
    record_.events.push_back(
        {.at = at, .width = width, .tokens = tokens, .choice = choice, .kind = kind});
    record_.end = at;
    return *this;
  }
  RecordBuilder& Output(Nanos at, std::int32_t tokens = 1, Nanos width = Nanos{0}) {
    return Event(EventKind::kVisible, at, tokens, width);
  }
  /// `count` output events of one token, `step` apart, from `first` on.
  RecordBuilder& Outputs(int count, Nanos first, Nanos step) {
    for (int i = 0; i < count; ++i) Output(first + i * step);
    return *this;
  }
  RecordBuilder& Finish(std::string reason) {
    record_.finish_reasons.push_back(std::move(reason));
    return *this;
  }
  RecordBuilder& Done(Nanos at) { return Event(EventKind::kDone, at); }
  RecordBuilder& UsageTokens(std::int64_t prompt, std::int64_t completion) {
    record_.usage = Usage{.prompt_tokens = prompt, .completion_tokens = completion};
    return *this;
  }
  /// @param times  what `json` says
  RecordBuilder& ServerMetrics(std::string json, ServerTimes times) {
    record_.server_metrics = std::move(json);
    record_.server_times = times;
    return *this;
  }
  RecordBuilder& Fail(Outcome outcome, std::string message = "") {
    record_.outcome = outcome;
    record_.message = std::move(message);
    return *this;
  }
  RecordBuilder& End(Nanos at) {
    record_.end = at;
    return *this;
  }
  RecordBuilder& Closed(Nanos at) {
    record_.closed = at;
    return *this;
  }

  RequestRecord Build() const { return record_; }

 private:
  RequestRecord record_;
};

}  // namespace sseprof
