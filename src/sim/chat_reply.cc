#include "sim/chat_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "wire/json.h"

namespace sseprof {
namespace {

using Buffer = fmt::memory_buffer;

constexpr std::string_view kDone = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";

auto To(Buffer& buffer) { return std::back_inserter(buffer); }

void Append(Buffer& buffer, std::string_view text) {
  buffer.append(text.data(), text.data() + text.size());
}

std::string Quoted(std::string_view text) {
  JsonWriter json;
  json.String(text);
  return std::string{json.text()};
}

void AppendPieces(Buffer& buffer, const Answer& answer, std::int32_t from, std::int32_t until) {
  for (std::int32_t i = from; i < until; ++i) Append(buffer, answer.Piece(i));
}

void AppendIds(Buffer& buffer, const Answer& answer, std::int32_t from, std::int32_t until) {
  Append(buffer, ",\"token_ids\":[");
  for (std::int32_t i = from; i < until; ++i) {
    fmt::format_to(To(buffer), "{}{}", i == from ? "" : ",", answer.TokenId(i));
  }
  Append(buffer, "]");
}

/// A delta's text, or a message's: what of [from, until) is reasoning, and what is not.
void AppendText(Buffer& buffer, const Answer& answer, std::int32_t from, std::int32_t until) {
  const std::int32_t split = std::clamp(answer.reasoning_tokens(), from, until);
  if (from < split) {
    Append(buffer, "\"reasoning\":\"");
    AppendPieces(buffer, answer, from, split);
    Append(buffer, "\"");
  }
  if (from < split && split < until) Append(buffer, ",");
  if (split < until) {
    Append(buffer, "\"content\":\"");
    AppendPieces(buffer, answer, split, until);
    Append(buffer, "\"");
  }
}

void AppendUsage(Buffer& buffer, const ReplyOptions& options, std::int32_t tokens) {
  fmt::format_to(To(buffer),
                 ",\"usage\":{{\"prompt_tokens\":{},\"total_tokens\":{},\"completion_tokens\":{}",
                 options.prompt_tokens, options.prompt_tokens + tokens, tokens);
}

void AppendFinalUsage(Buffer& buffer, const ReplyOptions& options, const Answer& answer) {
  AppendUsage(buffer, options, answer.tokens());
  if (options.cached_tokens) {
    fmt::format_to(To(buffer), ",\"prompt_tokens_details\":{{\"cached_tokens\":{}}}",
                   *options.cached_tokens);
  }
  if (answer.reasoning_tokens() > 0) {
    fmt::format_to(To(buffer), ",\"completion_tokens_details\":{{\"reasoning_tokens\":{}}}",
                   answer.reasoning_tokens());
  }
  Append(buffer, "}");
}

void SendChunk(const Buffer& event, EventSink* sink) {
  Buffer chunk;
  fmt::format_to(To(chunk), "{:x}\r\n{}\r\n", event.size(),
                 std::string_view{event.data(), event.size()});
  sink->SendEvent({chunk.data(), chunk.size()});
}

}  // namespace

ChatReply::ChatReply(ReplyOptions options, const Answer& answer)
    : options_(std::move(options)),
      answer_(answer),
      opening_(fmt::format("data: {{\"id\":{},\"object\":\"chat.completion.chunk\",\"created\":{},"
                           "\"model\":{},\"choices\":[",
                           Quoted(options_.id), options_.created_s, Quoted(options_.model))) {}

std::int32_t ChatReply::StreamUpTo(std::int32_t tokens, EventSink* sink) {
  const std::int32_t new_tokens = tokens - sent_;
  const bool finished = tokens == answer_.tokens();
  if (started() && !finished && new_tokens < options_.stream_interval) return 0;
  if (!started()) SendRole(sink);
  SendTokens(tokens, sink);
  if (finished) SendEnd(sink);
  return new_tokens;
}

void ChatReply::SendRole(EventSink* sink) const {
  Buffer event;
  Append(event, opening_);
  Append(event,
         "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,"
         "\"finish_reason\":null}]");
  if (options_.continuous_usage) {
    AppendUsage(event, options_, 0);
    Append(event, "}");
  }
  Append(event, "}\n\n");
  SendChunk(event, sink);
}

void ChatReply::SendTokens(std::int32_t until, EventSink* sink) {
  Buffer event;
  Append(event, opening_);
  Append(event, "{\"index\":0,\"delta\":{");
  AppendText(event, answer_, sent_, until);
  Append(event, "},\"logprobs\":null,\"finish_reason\":");
  if (until == answer_.tokens()) {
    fmt::format_to(To(event), "\"{}\",\"stop_reason\":null", answer_.finish_reason());
  } else {
    Append(event, "null");
  }
  if (options_.token_ids) AppendIds(event, answer_, sent_, until);
  Append(event, "}]");
  if (options_.continuous_usage) {
    AppendUsage(event, options_, until);
    Append(event, "}");
  }
  Append(event, "}\n\n");
  sent_ = until;
  SendChunk(event, sink);
}

void ChatReply::SendEnd(EventSink* sink) const {
  if (options_.final_usage) {
    Buffer event;
    Append(event, opening_);
    Append(event, "]");
    AppendFinalUsage(event, options_, answer_);
    Append(event, "}\n\n");
    SendChunk(event, sink);
  }
  sink->SendEvent(kDone);
}

std::string ChatReply::Whole() const {
  Buffer body;
  fmt::format_to(To(body),
                 "{{\"id\":{},\"object\":\"chat.completion\",\"created\":{},\"model\":{},"
                 "\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",",
                 Quoted(options_.id), options_.created_s, Quoted(options_.model));
  AppendText(body, answer_, 0, answer_.tokens());
  if (answer_.reasoning_tokens() == answer_.tokens()) Append(body, ",\"content\":null");
  fmt::format_to(To(body), "}},\"logprobs\":null,\"finish_reason\":\"{}\",\"stop_reason\":null",
                 answer_.finish_reason());
  if (options_.token_ids) AppendIds(body, answer_, 0, answer_.tokens());
  Append(body, "}]");
  AppendFinalUsage(body, options_, answer_);
  Append(body, "}");
  return fmt::to_string(body);
}

}  // namespace sseprof
