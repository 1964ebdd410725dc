#include "parsed_stream.h"

#include <algorithm>

namespace sseprof {
namespace {

bool IsBlank(std::string_view data) {
  return data.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

void Add(std::optional<std::int64_t>& sum, std::optional<std::int64_t> value) {
  if (value) sum = sum.value_or(0) + *value;
}

}  // namespace

void StreamFold::Feed(std::string_view bytes) {
  decoder_.Feed(bytes);
  SseEvent event;
  while (decoder_.Next(event) == SseDecoder::Result::kEvent) Take(event);
}

void StreamFold::Take(const SseEvent& event) {
  if (!parsed_.first_event) parsed_.first_event = parsed_.sse_events;
  ++parsed_.sse_events;
  if (parsed_.done) {
    ++parsed_.data_after_done;
  } else if (IsDone(event.data)) {
    parsed_.done = true;
  } else if (const ChatChunk* chunk = reader_.Parse(event.data, event.type, pattern_)) {
    TakeChunk(*chunk);
  } else if (!IsBlank(event.data)) {
    parsed_.errors.push_back({.kind = "bad_json", .message = "", .code = ""});
  }
}

void StreamFold::TakeChunk(const ChatChunk& chunk) {
  const int index = parsed_.sse_events - 1;
  const auto any = [&](auto&& what) {
    return std::any_of(chunk.choices.begin(), chunk.choices.end(), what);
  };
  ++parsed_.json_events;
  if (chunk.error) {
    parsed_.errors.push_back({"stream_error", chunk.error->message, chunk.error->code});
  }
  EventTokens tokens;
  for (const ChoiceDelta& choice : chunk.choices) TakeChoice(choice, chunk, tokens);
  tokens.output = any([](const ChoiceDelta& c) { return c.output(); });
  tokens_.push_back(tokens);

  const bool content = any([](const ChoiceDelta& c) { return c.visible(); });
  parsed_.content_events += content ? 1 : 0;
  parsed_.reasoning_events +=
      any([](const ChoiceDelta& c) { return !c.reasoning.empty(); }) ? 1 : 0;
  parsed_.tool_events += any([](const ChoiceDelta& c) { return c.tool_calls; }) ? 1 : 0;
  parsed_.output_events += tokens.output ? 1 : 0;
  if (!chunk.choices.empty() && !parsed_.first_choices) parsed_.first_choices = index;
  if (tokens.output && !parsed_.first_output) parsed_.first_output = index;
  if (content && !parsed_.first_content) parsed_.first_content = index;
  if (chunk.usage) {
    parsed_.prompt_tokens = chunk.usage->prompt_tokens;
    parsed_.completion_tokens = chunk.usage->completion_tokens;
  }
  if (chunk.predicted) predicted_ = chunk.predicted;
}

void StreamFold::TakeChoice(const ChoiceDelta& choice, const ChatChunk& chunk,
                            EventTokens& tokens) {
  if (choice.opened) opened_[choice.index] = true;
  if (!choice.content.empty()) parsed_.text[choice.index] += choice.content;
  if (!choice.reasoning.empty()) parsed_.reasoning[choice.index] += choice.reasoning;
  if (!choice.finish_reason.empty()) {
    parsed_.finish_reasons[choice.index] = choice.finish_reason;
    if (choice.finish_reason == "abort" || choice.finish_reason == "error") {
      parsed_.errors.push_back({"abnormal_finish", std::string(choice.finish_reason), ""});
    }
  }
  Add(tokens.ids, choice.token_ids);
  Add(tokens.logprobs, choice.logprobs);
  if (choice.opened && chunk.usage && chunk.usage->completion_tokens) {
    std::int64_t& before = running_[choice.index];
    Add(tokens.usage, *chunk.usage->completion_tokens - before);
    before = *chunk.usage->completion_tokens;
  }
}

/// The best source that holds for the whole stream: ids, logprobs, running usage on every output.
void StreamFold::CountTokens() {
  const auto any = [&](auto member) {
    return std::any_of(tokens_.begin(), tokens_.end(),
                       [&](const EventTokens& t) { return (t.*member).has_value(); });
  };
  const bool running = std::all_of(tokens_.begin(), tokens_.end(),
                                   [](const EventTokens& t) { return !t.output || t.usage; });
  auto member = &EventTokens::ids;
  std::string source = "token_ids";
  if (!any(member)) {
    member = &EventTokens::logprobs;
    source = "logprobs";
  }
  if (!any(member)) {
    member = &EventTokens::usage;
    source = "usage";
  }
  if (any(member) && (source != "usage" || running)) {
    for (const EventTokens& t : tokens_) {
      parsed_.tokens_per_event.push_back(t.*member);
      Add(parsed_.tokens, t.*member);
    }
    parsed_.token_source = source;
  }
  if (parsed_.completion_tokens) {
    parsed_.tokens = parsed_.completion_tokens;
    parsed_.token_source = "usage";
  } else if (!parsed_.tokens && predicted_) {
    parsed_.tokens = predicted_;
    parsed_.token_source = "timings";
  }
}

std::string StreamFold::Outcome() const {
  if (!parsed_.errors.empty()) return "error";
  if (parsed_.sse_events == 0) return "empty";
  const bool finished =
      !opened_.empty() && std::all_of(opened_.begin(), opened_.end(), [&](const auto& opened) {
        return parsed_.finish_reasons.count(opened.first) > 0;
      });
  if (finished) return parsed_.done ? "ok" : "ok_no_done";
  return parsed_.done ? "done_no_finish" : "truncated";
}

ParsedStream StreamFold::Finish() {
  parsed_.comments = static_cast<int>(decoder_.comments());
  parsed_.choices = static_cast<int>(opened_.size());
  parsed_.done_lenient = decoder_.tail_is_done();
  parsed_.tail = decoder_.tail_bytes() > 0;
  CountTokens();
  parsed_.outcome = Outcome();
  return parsed_;
}

}  // namespace sseprof
