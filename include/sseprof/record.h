#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// What a dispatched SSE event was. The value is its letter in the record file.
enum class EventKind : char {
  kVisible = 'v',  ///< visible text (`content`), possibly with more
  kOther = 'o',    ///< other output: reasoning, refusal, tool calls
  kEmpty = 'e',    ///< a chunk with choices and no output: role-only, held-back text
  kFinish = 'f',   ///< a finish reason without text
  kUsage = 'u',    ///< usage without choices that say anything
  kDone = 'd',     ///< [DONE]
  kError = 'x',    ///< an error event, or JSON that does not parse
  kUnknown = '.',  ///< anything else: blank data, annotations, progress, data after [DONE]
};

/// Output events are the ones that TTFT, ITL and TPOT are made of.
constexpr bool IsOutput(EventKind kind) {
  return kind == EventKind::kVisible || kind == EventKind::kOther;
}

/// One dispatched SSE event.
struct StreamEvent {
  Nanos at{};     ///< arrival, offset from the request's start (the latest possible instant)
  Nanos width{};  ///< 0: exact; else the true arrival lies in [at - width, at]
  std::int32_t tokens = 0;
  std::uint16_t choice = 0;  ///< index of the (first) choice that it speaks of
  EventKind kind = EventKind::kUnknown;
};

/// An arrival in a wider interval than this counts as coalesced: the client came too late to tell.
inline constexpr Nanos kCoalescedAbove = std::chrono::microseconds(100);

/// A further choice in the event numbered `event`; servers send one choice per event, so this is
/// nearly always empty.
struct ExtraChoice {
  std::uint32_t event = 0;
  std::uint16_t choice = 0;
};

/// Where the token counts of a request's events come from, best first.
enum class TokenSource { kIds, kLogprobs, kUsage, kEvents };

/// Token totals as the server reported them; absent where it did not.
struct Usage {
  std::optional<std::int64_t> prompt_tokens;
  std::optional<std::int64_t> completion_tokens;
  std::optional<std::int64_t> cached_tokens;
  std::optional<std::int64_t> reasoning_tokens;
  bool operator==(const Usage&) const = default;
};

/// What a server said of one request's times: vLLM with --enable-per-request-metrics, llama.cpp.
struct ServerTimes {
  std::optional<Nanos> queue;        ///< queued to scheduled
  std::optional<Nanos> first_token;  ///< scheduled (llama.cpp: its prompt begun) to first token
  std::optional<Nanos> decode;       ///< first to last token
};

/// How a request ended: good, or the first cause of failure that was seen.
enum class Outcome {
  kOk,
  kConnect,
  kTls,
  kTimeout,
  kStalled,
  kHttp3xx,
  kHttp4xx,
  kHttp429,
  kHttp5xx,
  kNotSse,
  kBadEvent,
  kErrorEvent,
  kTruncated,
  kTooLarge,
  kCancelled,
};

inline constexpr std::size_t kOutcomeCount = static_cast<std::size_t>(Outcome::kCancelled) + 1;

/// The name in JSON and metrics, e.g. "http_4xx".
std::string_view Name(Outcome outcome);
std::string_view Name(TokenSource source);
std::optional<Outcome> ParseOutcome(std::string_view name);
std::optional<TokenSource> ParseTokenSource(std::string_view name);

/// All that is kept of one request. It travels through every sink and is the file format.
/// Spans are offsets from `start`; what does not exist is absent, never 0.
struct RequestRecord {
  std::int64_t n = 0;  ///< its number in the run, in order of sending, warm-up included; from 0
  std::string request_id;
  std::string server_id;
  std::optional<Instant> scheduled;
  std::optional<Instant> ready;
  Instant start{};
  std::optional<Nanos> sent;
  std::optional<Nanos> connect_start;  ///< connecting began; absent on a reused connection
  std::optional<Nanos> connect;        ///< connected; absent on a reused connection
  std::optional<Nanos> tls;
  std::optional<Nanos> first_byte;
  std::optional<Nanos> end;  ///< [DONE], else the last event, else (no stream) the last body byte
  std::optional<Nanos> closed;
  std::vector<StreamEvent> events;
  std::vector<ExtraChoice> extra_choices;
  TokenSource tokens_from = TokenSource::kEvents;
  std::optional<Nanos> client_delay;  ///< largest (read - kernel stamp) of its reads
  Outcome outcome = Outcome::kOk;
  int http_status = 0;  ///< 0: no response head came
  std::string message;
  std::optional<Usage> usage;
  std::string server_metrics;               ///< the server's own JSON object, verbatim; or empty
  ServerTimes server_times;                 ///< what is known of it in there
  std::vector<std::string> finish_reasons;  ///< by choice index; empty string: unfinished
  std::int64_t prompt = 0;                  ///< the prompt's number in the set
  std::int64_t max_tokens = 0;              ///< what this request asked for
  bool done_missing = false;                ///< every choice finished, but no [DONE] came
  bool warmup = false;
  bool retried = false;
  bool resent = false;
  bool reused = false;
  std::optional<std::string> text;       ///< visible text, only with --save-text
  std::optional<std::string> reasoning;  ///< reasoning text, only with --save-text

  bool good() const { return outcome == Outcome::kOk; }
};

// The metric definitions. They stand here and nowhere else.

/// First output event of any choice - start. Absent without output.
std::optional<Nanos> Ttft(const RequestRecord& record);

/// The last output event of any choice, offset from start. Absent without output.
std::optional<Nanos> LastOutput(const RequestRecord& record);

/// end - start. Absent if nothing ended the request.
std::optional<Nanos> Latency(const RequestRecord& record);

/// Last request byte given to the kernel - start, with connect and TLS taken out.
std::optional<Nanos> SendDelay(const RequestRecord& record);

/// Connecting, and the TLS handshake where there is one, from their begin. Absent on a reused
/// connection.
std::optional<Nanos> ConnectTime(const RequestRecord& record);

/// start - ready: how late its slot was filled. Absent if `ready` is unknown.
std::optional<Nanos> StartLag(const RequestRecord& record);

/// Tokens on output events (`tokens_from` says how they were counted).
std::int64_t CountedTokens(const RequestRecord& record);

/// Tokens that came on events without text and had no later output event to join.
std::int64_t HiddenTokens(const RequestRecord& record);

/// Completion tokens: usage, else counted; absent if neither exists.
std::optional<std::int64_t> CompletionTokens(const RequestRecord& record);

/// Time per output token, a request with one choice: (last - first output event) / tokens after the
/// first output event. Tokens: per event where they are exact (ids, logprobs, running usage, or one
/// event per token of usage); else, if usage says more than there are events, usage with
/// usage / events in the first one, an estimate; else events.
/// Absent with fewer than two output events, or more than one choice.
struct TimePerToken {
  double nanos = 0;
  bool exact = true;

  /// To the nanosecond, upwards: above a limit in nanoseconds exactly if `nanos` is.
  Nanos span() const { return Nanos{static_cast<Nanos::rep>(std::ceil(std::max(0.0, nanos)))}; }
};
std::optional<TimePerToken> Tpot(const RequestRecord& record);

/// One inter-token gap: arrival of an output event - arrival of the output event before it, same
/// choice. One event is one gap however many tokens it holds.
struct Gap {
  Nanos at{};  ///< the later event's arrival, offset from start
  Nanos length{};
  Nanos low{};              ///< with both uncertain arrivals moved to shorten it; never below 0
  Nanos high{};             ///< ... and to lengthen it
  std::uint32_t event = 0;  ///< the later event's number
  bool exact = true;        ///< both arrivals are exact
};

/// Calls `visit(const Gap&)` for each gap, in order of its later event.
template <class Visitor>
void ForEachGap(const RequestRecord& record, Visitor&& visit);

/// The same for those gaps alone that end at event number `first` or later: called after each read,
/// it visits what ForEachGap does in the end.
template <class Visitor>
void ForEachGapSince(const RequestRecord& record, std::size_t first, Visitor&& visit);

namespace internal {
inline Gap MakeGap(const StreamEvent& before, const StreamEvent& after, std::uint32_t number) {
  return {.at = after.at,
          .length = after.at - before.at,
          .low = std::max(Nanos{0}, after.at - after.width - before.at),
          .high = after.at - (before.at - before.width),
          .event = number,
          .exact = before.width == Nanos{0} && after.width == Nanos{0}};
}

const StreamEvent* FindOutputBefore(const RequestRecord& record, std::uint32_t number,
                                    std::uint16_t choice);

/// The last output event of the choice before event `number`; null: none.
inline const StreamEvent* OutputBefore(const RequestRecord& record, std::uint32_t number,
                                       std::uint16_t choice) {
  if (number == 0) return nullptr;
  const StreamEvent& last = record.events[number - 1];
  if (IsOutput(last.kind) && last.choice == choice) return &last;  // nearly always
  return FindOutputBefore(record, number, choice);
}

/// Calls `visit(choice, again)` for each further choice of event `number`; `again`: the event has
/// spoken of it before.
template <class Visitor>
void ForEachExtraChoice(const RequestRecord& record, std::uint32_t number, Visitor&& visit) {
  const auto is_before = [](const ExtraChoice& e, std::uint32_t n) { return e.event < n; };
  const auto begin =
      std::lower_bound(record.extra_choices.begin(), record.extra_choices.end(), number, is_before);
  for (auto extra = begin; extra != record.extra_choices.end() && extra->event == number; ++extra) {
    const auto same = [&](const ExtraChoice& other) { return other.choice == extra->choice; };
    visit(extra->choice,
          extra->choice == record.events[number].choice || std::any_of(begin, extra, same));
  }
}

/// The last output event of every choice seen so far.
class LastByChoice {
 public:
  /// Replaces the choice's last output event; returns the one before it, or null.
  const StreamEvent* Replace(std::uint16_t choice, const StreamEvent& event);

 private:
  std::vector<const StreamEvent*> by_choice_;
};
}  // namespace internal

template <class Visitor>
void ForEachGap(const RequestRecord& record, Visitor&& visit) {
  internal::LastByChoice last;
  auto extra = record.extra_choices.begin();
  for (std::uint32_t i = 0; i < record.events.size(); ++i) {
    const StreamEvent& event = record.events[i];
    while (extra != record.extra_choices.end() && extra->event < i) ++extra;
    if (!IsOutput(event.kind)) continue;
    if (const StreamEvent* before = last.Replace(event.choice, event)) {
      visit(internal::MakeGap(*before, event, i));
    }
    for (; extra != record.extra_choices.end() && extra->event == i; ++extra) {
      if (const StreamEvent* before = last.Replace(extra->choice, event)) {
        visit(internal::MakeGap(*before, event, i));
      }
    }
  }
}

template <class Visitor>
void ForEachGapSince(const RequestRecord& record, std::size_t first, Visitor&& visit) {
  for (std::size_t i = first; i < record.events.size(); ++i) {
    const StreamEvent& event = record.events[i];
    if (!IsOutput(event.kind)) continue;
    const auto number = static_cast<std::uint32_t>(i);
    const auto visit_choice = [&](const StreamEvent* before) {
      if (before != nullptr) visit(internal::MakeGap(*before, event, number));
    };
    visit_choice(internal::OutputBefore(record, number, event.choice));
    if (!record.extra_choices.empty()) {
      internal::ForEachExtraChoice(record, number, [&](std::uint16_t choice, bool again) {
        visit_choice(again ? &event : internal::OutputBefore(record, number, choice));
      });
    }
  }
}

}  // namespace sseprof
