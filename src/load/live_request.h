#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/response_head.h"
#include "load/token_count.h"
#include "sseprof/chat_chunk.h"
#include "sseprof/record.h"
#include "sseprof/sink.h"
#include "sseprof/sse.h"
#include "sseprof/transport.h"

namespace sseprof {

/// One request in flight: makes its record of what arrives, gives events their times, and decides
/// the outcome by the first cause of failure seen. An event is exact if its last byte is the last
/// of a kernel buffer; the others of that buffer have the buffer's width. Used again from request
/// to request, so that the token path does not allocate. Not thread-safe.
class LiveRequest final : public StreamObserver {
 public:
  /// Hears of the end of a request, last of all; it may Begin another one from there.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void OnRequestEnd(LiveRequest& request) = 0;
  };
  /// What the requests of one event loop share.
  struct Loop {
    const Transport& transport;
    ChatChunkReader& reader;
    LiveSink* live = nullptr;  ///< gets OnEvents; may be null
    bool stream = true;
    bool save_text = false;
  };

  /// `loop` and `owner` outlive it.
  LiveRequest(const Loop& loop, Owner& owner) : loop_(loop), owner_(owner) {}

  /// Starts anew. `base` has what is known before sending: numbers, names, `ready`, `start`.
  void Begin(RequestRecord base);

  /// A cause of failure from outside (a time-out, ^C), told before the transfer is cancelled.
  /// Without effect if the request has failed already, or its answer is whole.
  void Fail(Outcome outcome, std::string message);

  /// Tokens of its output events as they were guessed when they came (see LiveSink::OnFinish).
  std::int64_t guessed_tokens() const { return guessed_tokens_; }
  /// The request has its first output event.
  bool has_output() const { return has_output_; }
  /// When something arrived last, or the start.
  Instant last_arrival() const { return last_arrival_; }
  /// The record; whole from OnRequestEnd on.
  RequestRecord& record() { return record_; }
  /// When the transfer was complete. @pre it has ended
  Instant ended_at() const { return ended_at_; }
  /// What the server asked to wait before the next request.
  std::optional<Nanos> retry_after() const { return retry_after_; }
  /// The server's whole words in the answer that refused the request; else empty.
  const std::string& refusal() const { return refusal_; }

  void OnHead(const ResponseHead& head) override;
  bool OnBody(const BodySpan& span) override;
  void OnReadEnd() override { TellEvents(); }
  void OnEnd(const TransferEnd& end) override;

 private:
  enum class Precision { kExact, kInterval };

  bool Decode(const BodySpan& span);
  bool Collect(const BodySpan& span);
  void TakeEvent(const SseEvent& event, const BodySpan& span, Precision precision);
  void TellEvents();
  EventKind TakeData(const SseEvent& event, StreamEvent& stamped);
  void TakeChunk(const ChatChunk& chunk);
  void TakeChoice(const ChoiceDelta& choice);
  void TakeChoices(const ChatChunk& chunk, StreamEvent& stamped);
  void TakeTimes(const TransferEnd& end);
  void Judge(const TransferEnd& end);
  void JudgeWhole();
  void JudgeFinish(const TransferEnd& end);
  std::optional<std::size_t> FirstUnfinished() const;
  bool AllFinished() const;
  bool AnswerIsWhole() const;

  const Loop& loop_;
  Owner& owner_;
  RequestRecord record_;
  SseDecoder decoder_;
  ChunkPattern pattern_;
  TokenCount tokens_;
  BodyUse body_use_ = BodyUse::kNone;
  std::string body_;  ///< of an error, or of an answer that is no stream
  std::string refusal_;
  std::vector<bool> opened_;  ///< by choice index
  std::optional<std::int64_t> predicted_;
  std::int64_t guessed_tokens_ = 0;
  std::size_t told_events_ = 0;
  std::optional<Nanos> retry_after_;
  Instant last_arrival_{}, ended_at_{};
  bool has_output_ = false;
  bool done_ = false;
};

}  // namespace sseprof
