#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/answer.h"

namespace sseprof {

/// Takes the SSE events of a stream, each as the one HTTP chunk that it travels in.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void SendEvent(std::string_view http_chunk) = 0;
};

/// What a reply says of itself, and how much of it.
struct ReplyOptions {
  std::string id;
  std::string model;
  std::int64_t created_s = 0;  ///< wall time, seconds since the epoch
  std::int32_t prompt_tokens = 0;
  std::int32_t stream_interval = 1;  ///< sent: the first token, then every so many, then the rest
  bool final_usage = false;          ///< a usage chunk before [DONE]
  bool continuous_usage = false;     ///< usage in all other chunks
  bool token_ids = false;            ///< in every chunk with tokens
  std::optional<std::int32_t> cached_tokens;  ///< of the prompt; none: not told
};

/// Turns an answer into the events that vLLM sends, or into one JSON text. Pure.
///
/// Stream: the role chunk right before the first token; a chunk per token (or group), its last one
/// with the finish_reason; the usage chunk; [DONE], which the end of the HTTP body goes with.
class ChatReply {
 public:
  ChatReply(ReplyOptions options, const Answer& answer);

  /// Sends what is due once `tokens` of the answer exist; after the last one, the end as well.
  /// Returns the tokens sent by this call.
  std::int32_t StreamUpTo(std::int32_t tokens, EventSink* sink);

  /// The whole answer as a chat.completion.
  std::string Whole() const;

  const Answer& answer() const { return answer_; }
  const std::string& id() const { return options_.id; }
  std::int32_t prompt_tokens() const { return options_.prompt_tokens; }
  bool started() const { return sent_ > 0; }

 private:
  void SendRole(EventSink* sink) const;
  void SendTokens(std::int32_t until, EventSink* sink);
  void SendEnd(EventSink* sink) const;

  ReplyOptions options_;
  Answer answer_;
  std::string opening_;  ///< of every chunk, up to its choices
  std::int32_t sent_ = 0;
};

}  // namespace sseprof
