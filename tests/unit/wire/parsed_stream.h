#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseprof/chat_chunk.h"
#include "sseprof/sse.h"

namespace sseprof {

/// What a sample of the corpus is expected to be read as. Indexes count dispatched events from 0,
/// absent is never.
struct ParsedStream {
  struct Error {
    std::string kind;
    std::string message;
    std::string code;
    bool operator==(const Error&) const = default;
  };

  int sse_events = 0;
  int comments = 0;
  int json_events = 0;
  int content_events = 0;
  int reasoning_events = 0;
  int tool_events = 0;
  int output_events = 0;
  std::optional<int> first_event, first_choices, first_output, first_content;
  int choices = 0;
  std::map<int, std::string> text;
  std::map<int, std::string> reasoning;
  std::optional<std::int64_t> prompt_tokens, completion_tokens;
  std::optional<std::int64_t> tokens;
  std::string token_source;
  /// One per JSON event; empty: of no event are the tokens known.
  std::vector<std::optional<std::int64_t>> tokens_per_event;
  std::map<int, std::string> finish_reasons;
  bool done = false;
  bool done_lenient = false;
  int data_after_done = 0;
  bool tail = false;
  std::vector<Error> errors;
  std::string outcome;

  bool operator==(const ParsedStream&) const = default;
};

/// Folds the bytes of a stream, in any cuts, into what was understood of it.
class StreamFold {
 public:
  void Feed(std::string_view bytes);
  ParsedStream Finish();
  int events() const { return parsed_.sse_events; }
  int output_events() const { return parsed_.output_events; }

 private:
  struct EventTokens {
    bool output = false;
    std::optional<std::int64_t> ids, logprobs, usage;
  };

  void Take(const SseEvent& event);
  void TakeChunk(const ChatChunk& chunk);
  void TakeChoice(const ChoiceDelta& choice, const ChatChunk& chunk, EventTokens& tokens);
  void CountTokens();
  std::string Outcome() const;

  SseDecoder decoder_;
  ChatChunkReader reader_;
  ChunkPattern pattern_;
  ParsedStream parsed_;
  std::map<int, bool> opened_;
  std::map<int, std::int64_t> running_;
  std::vector<EventTokens> tokens_;
  std::optional<std::int64_t> predicted_;
};

}  // namespace sseprof
