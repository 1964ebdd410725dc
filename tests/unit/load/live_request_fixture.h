#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "load/live_request.h"
#include "scripted_transport.h"
#include "unit/load/sse_text.h"

namespace sseprof {

using namespace std::chrono_literals;
using Result = TransferEnd::Result;

inline constexpr Instant kStart{5s};

/// Drives one request by hand, as a transport would, and hears what it tells.
class LiveRequestTest : public ::testing::Test, public LiveRequest::Owner, public LiveSink {
 protected:
  LiveRequestTest() { Make({.stream = true}); }

  struct Choices {
    bool stream = true;
    bool save_text = false;
  };
  void Make(Choices choices) {
    loop_.emplace(LiveRequest::Loop{.transport = clock_,
                                    .reader = reader_,
                                    .live = this,
                                    .stream = choices.stream,
                                    .save_text = choices.save_text});
    request_.emplace(*loop_, *this);
    Begin();
  }

  void Begin() {
    RequestRecord base;
    base.start = kStart;
    base.max_tokens = 16;
    request_->Begin(std::move(base));
  }

  bool Body(const std::string& bytes, Nanos at = 1ms, Nanos width = 0ns, bool closes = true) {
    const bool goes_on = request_->OnBody(
        {.bytes = bytes, .at = kStart + at, .width = width, .closes_buffer = closes});
    if (goes_on) request_->OnReadEnd();
    return goes_on;
  }

  const RequestRecord& End(Result result = Result::kComplete, const std::string& message = "",
                           Nanos at = 9ms) {
    request_->OnEnd({.result = result, .message = message, .at = kStart + at});
    return request_->record();
  }

  /// A whole request: head, one body, end.
  const RequestRecord& Answer(const ResponseHead& head, const std::string& body,
                              Result result = Result::kComplete, const std::string& message = "") {
    Begin();
    request_->OnHead(head);
    if (!body.empty() && !Body(body)) return End(Result::kCancelled);
    return End(result, message);
  }

  const RequestRecord& Stream(const std::string& body, Result result = Result::kComplete,
                              const std::string& message = "") {
    return Answer(StreamHead(), body, result, message);
  }

  std::string Kinds() {
    std::string kinds;
    for (const StreamEvent& event : request_->record().events) {
      kinds += static_cast<char>(event.kind);
    }
    return kinds;
  }

  void OnRequestEnd(LiveRequest&) override { ++ended_; }
  void OnStart(const RequestRecord&) override {}
  void OnEvents(const RequestRecord& record, std::size_t first) override {
    EXPECT_LT(first, record.events.size());
    for (std::size_t i = first; i < record.events.size(); ++i) {
      live_ += static_cast<char>(record.events[i].kind);
      live_tokens_.push_back(record.events[i].tokens);
    }
  }
  void OnFinish(const RequestRecord&, std::int64_t) override {}

  ScriptedTransport clock_{{}, kStart};
  ChatChunkReader reader_;
  std::optional<LiveRequest::Loop> loop_;
  std::optional<LiveRequest> request_;
  int ended_ = 0;
  std::string live_;                       ///< kinds of the events as they were told
  std::vector<std::int32_t> live_tokens_;  ///< their tokens as they were guessed
};

}  // namespace sseprof
