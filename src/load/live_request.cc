#include "load/live_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sseprof {
namespace {

constexpr std::size_t kErrorBody = std::size_t{64} << 10;
constexpr std::size_t kWholeBody = std::size_t{64} << 20;
constexpr std::size_t kMessage = 512;       // bytes of a message that are kept
constexpr std::size_t kBadEvent = 100;      // bytes of an event that does not parse
constexpr std::int64_t kMaxReserve = 8192;  // events to make room for

std::string_view Clip(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

void Append(std::optional<std::string>& text, std::string_view more) {
  if (more.empty()) return;
  if (!text) text.emplace();
  text->append(more);
}

}  // namespace

void LiveRequest::Begin(RequestRecord base) {
  const auto events = static_cast<std::size_t>(std::min(base.max_tokens, kMaxReserve) + 8);
  if (loop_.stream) base.events.reserve(events);
  record_ = std::move(base);
  decoder_.Reset();
  pattern_.Forget();
  tokens_.Reset(events);
  body_use_ = BodyUse::kNone;
  body_.clear();
  refusal_.clear();
  opened_.clear();
  predicted_.reset();
  guessed_tokens_ = 0;
  told_events_ = 0;
  retry_after_.reset();
  last_arrival_ = record_.start;
  has_output_ = false;
  done_ = false;
}

void LiveRequest::Fail(Outcome outcome, std::string message) {
  if (!record_.good() || AnswerIsWhole()) return;
  record_.outcome = outcome;
  message.resize(Clip(message, kMessage).size());
  record_.message = std::move(message);
}

void LiveRequest::OnHead(const ResponseHead& head) {
  last_arrival_ = loop_.transport.Now();
  record_.http_status = head.status;
  retry_after_ = head.retry_after;
  HeadVerdict verdict = JudgeHead(head, loop_.stream);
  body_use_ = verdict.use;
  if (verdict.outcome != Outcome::kOk) Fail(verdict.outcome, std::move(verdict.message));
}

bool LiveRequest::OnBody(const BodySpan& span) {
  last_arrival_ = span.at;
  if (body_use_ == BodyUse::kEvents) return Decode(span);
  record_.end = std::max(Nanos{0}, span.at - record_.start);
  return body_use_ == BodyUse::kNone || Collect(span);
}

bool LiveRequest::Collect(const BodySpan& span) {
  const std::size_t limit = body_use_ == BodyUse::kWhole ? kWholeBody : kErrorBody;
  body_ += span.bytes.substr(0, limit - body_.size());
  if (body_.size() < limit) return true;
  Fail(Outcome::kTooLarge, fmt::format("an answer of {} MiB or more", kWholeBody >> 20));
  return false;
}

bool LiveRequest::Decode(const BodySpan& span) {
  decoder_.Feed(span.bytes);
  SseEvent event;
  while (true) {
    switch (decoder_.Next(event)) {
      case SseDecoder::Result::kMore:
        return true;
      case SseDecoder::Result::kTooLarge:
        Fail(Outcome::kTooLarge, "a line or an event above 1 MiB");
        return false;
      case SseDecoder::Result::kEvent:
        TakeEvent(event, span,
                  span.closes_buffer && event.bytes_after == 0 ? Precision::kExact
                                                               : Precision::kInterval);
    }
  }
}

void LiveRequest::TakeEvent(const SseEvent& event, const BodySpan& span, Precision precision) {
  StreamEvent stamped;
  stamped.at = std::max(Nanos{0}, span.at - record_.start);
  if (precision == Precision::kInterval) stamped.width = std::min(span.width, stamped.at);
  stamped.kind = TakeData(event, stamped);
  if (IsOutput(stamped.kind)) {
    has_output_ = true;
    guessed_tokens_ += stamped.tokens;
  }
  record_.events.push_back(stamped);
  if (loop_.save_text) TellEvents();
}

void LiveRequest::TellEvents() {
  const std::size_t first = std::exchange(told_events_, record_.events.size());
  if (loop_.live != nullptr && told_events_ > first) loop_.live->OnEvents(record_, first);
}

EventKind LiveRequest::TakeData(const SseEvent& event, StreamEvent& stamped) {
  const bool says_error = event.type == "error";
  if (done_ || (IsBlank(event.data) && !says_error)) return EventKind::kUnknown;
  if (IsDone(event.data)) {
    done_ = true;
    record_.end = stamped.at;
    return EventKind::kDone;
  }
  const ChatChunk* chunk = loop_.reader.Parse(event.data, event.type, pattern_);
  if (chunk == nullptr) {
    Fail(Outcome::kBadEvent,
         fmt::format("{}: {}", loop_.reader.problem(), Clip(event.data, kBadEvent)));
    return EventKind::kError;
  }
  TakeChunk(*chunk);
  TakeChoices(*chunk, stamped);
  return chunk->Kind();
}

void LiveRequest::TakeChunk(const ChatChunk& chunk) {
  if (record_.server_id.empty()) record_.server_id = chunk.id;
  if (chunk.usage) record_.usage = chunk.usage;
  if (chunk.predicted) predicted_ = chunk.predicted;
  if (!chunk.server_metrics.empty()) record_.server_metrics = chunk.server_metrics;
  if (chunk.error) {
    Fail(Outcome::kErrorEvent,
         chunk.error->message.empty() ? chunk.error->code : chunk.error->message);
  }
  for (const ChoiceDelta& choice : chunk.choices) TakeChoice(choice);
}

void LiveRequest::TakeChoice(const ChoiceDelta& choice) {
  if (choice.finish_reason == "abort" || choice.finish_reason == "error") {
    Fail(Outcome::kErrorEvent, fmt::format("finish_reason {}", choice.finish_reason));
  }
  if (choice.opened && choice.index >= opened_.size()) {
    opened_.resize(choice.index + std::size_t{1});
    record_.finish_reasons.resize(opened_.size());
  }
  if (choice.index >= opened_.size()) return;
  if (choice.opened) opened_[choice.index] = true;
  std::string& reason = record_.finish_reasons[choice.index];
  if (reason.empty() && opened_[choice.index]) reason = choice.finish_reason;
  if (!loop_.save_text || choice.index != 0) return;
  Append(record_.text, choice.content);
  Append(record_.reasoning, choice.reasoning);
}

void LiveRequest::TakeChoices(const ChatChunk& chunk, StreamEvent& stamped) {
  const auto number = static_cast<std::uint32_t>(record_.events.size());
  stamped.tokens = tokens_.Add(number, chunk);
  const ChoiceDelta* first = nullptr;
  for (const ChoiceDelta& choice : chunk.choices) {
    if (!choice.output()) continue;
    if (first != nullptr) {
      record_.extra_choices.push_back({.event = number, .choice = choice.index});
    } else {
      first = &choice;
    }
  }
  if (first == nullptr && !chunk.choices.empty()) first = &chunk.choices.front();
  if (first != nullptr) stamped.choice = first->index;
}

void LiveRequest::OnEnd(const TransferEnd& end) {
  TellEvents();
  TakeTimes(end);
  Judge(end);
  if (predicted_ && !record_.usage) {
    record_.usage.emplace().completion_tokens = predicted_;
  }
  tokens_.Resolve(record_);
  owner_.OnRequestEnd(*this);
}

void LiveRequest::TakeTimes(const TransferEnd& end) {
  const auto offset = [this](const std::optional<Instant>& at) -> std::optional<Nanos> {
    if (!at) return std::nullopt;
    return *at - record_.start;
  };
  record_.sent = offset(end.sent);
  record_.connect_start = offset(end.connect_started);
  record_.connect = offset(end.connected);
  record_.tls = offset(end.tls_done);
  record_.first_byte = offset(end.first_byte);
  record_.closed = offset(end.at);
  record_.client_delay = end.client_delay;
  record_.reused = end.reused;
  record_.retried = end.retried;
  ended_at_ = end.at;
  if (!record_.end && !record_.events.empty()) record_.end = record_.events.back().at;
}

void LiveRequest::Judge(const TransferEnd& end) {
  if (body_use_ == BodyUse::kErrorText) {
    const ServerError words = ReadErrorBody(body_);
    refusal_ = words.message.empty() ? words.code : words.message;
    if (refusal_.empty()) return;
    const bool is_http_error = record_.outcome != Outcome::kNotSse;
    const std::string message =
        is_http_error ? refusal_ : fmt::format("{}: {}", record_.message, refusal_);
    record_.message = Clip(message, kMessage);
    return;
  }
  switch (end.result) {
    case TransferEnd::Result::kConnect:
      return Fail(Outcome::kConnect, end.message);
    case TransferEnd::Result::kTls:
      return Fail(Outcome::kTls, end.message);
    case TransferEnd::Result::kCancelled:
      return Fail(Outcome::kCancelled, end.message);
    case TransferEnd::Result::kComplete:
      if (body_use_ == BodyUse::kWhole) JudgeWhole();
      break;
    case TransferEnd::Result::kBroken:
      break;
  }
  if (record_.good()) JudgeFinish(end);
}

void LiveRequest::JudgeWhole() {
  const ChatChunk* answer = loop_.reader.ParseWhole(body_);
  if (answer != nullptr) return TakeChunk(*answer);
  Fail(Outcome::kBadEvent, fmt::format("{}: {}", loop_.reader.problem(), Clip(body_, kBadEvent)));
}

void LiveRequest::JudgeFinish(const TransferEnd& end) {
  const bool finished = AllFinished();
  if (finished && end.result == TransferEnd::Result::kComplete) {
    record_.done_missing = loop_.stream && !done_;
  }
  if (finished && (done_ || end.result == TransferEnd::Result::kComplete)) return;
  std::string what = "no choice was opened";
  if (record_.http_status == 0) {
    what = "the connection ended before an answer";
  } else if (finished) {
    what = "the answer broke off before [DONE]";
  } else if (const std::optional<std::size_t> choice = FirstUnfinished()) {
    what = fmt::format("choice {} has no finish_reason", *choice);
  }
  if (done_) what += ", though [DONE] came";
  if (!end.message.empty()) what += fmt::format(" ({})", end.message);
  Fail(Outcome::kTruncated, std::move(what));
}

std::optional<std::size_t> LiveRequest::FirstUnfinished() const {
  for (std::size_t i = 0; i < opened_.size(); ++i) {
    if (opened_[i] && record_.finish_reasons[i].empty()) return i;
  }
  return std::nullopt;
}

// The last of `opened_` is a choice that was opened.
bool LiveRequest::AllFinished() const { return !opened_.empty() && !FirstUnfinished(); }

bool LiveRequest::AnswerIsWhole() const { return done_ && AllFinished(); }

}  // namespace sseprof
