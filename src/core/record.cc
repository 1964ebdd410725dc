#include "sseprof/record.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sseprof {
namespace {

constexpr std::array<std::string_view, kOutcomeCount> kOutcomes = {
    "ok",        "connect",     "tls",       "timeout",   "stalled",
    "http_3xx",  "http_4xx",    "http_429",  "http_5xx",  "not_sse",
    "bad_event", "error_event", "truncated", "too_large", "cancelled"};
constexpr std::array<std::string_view, 4> kSources = {"ids", "logprobs", "usage", "events"};

template <class Enum, std::size_t N>
std::optional<Enum> Find(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto it = std::find(names.begin(), names.end(), name);
  if (it == names.end()) return std::nullopt;
  return static_cast<Enum>(it - names.begin());
}

const StreamEvent* FirstOutput(const RequestRecord& record) {
  const auto it = std::find_if(record.events.begin(), record.events.end(),
                               [](const StreamEvent& e) { return IsOutput(e.kind); });
  return it == record.events.end() ? nullptr : &*it;
}

const StreamEvent* FinalOutput(const RequestRecord& record) {
  const auto it = std::find_if(record.events.rbegin(), record.events.rend(),
                               [](const StreamEvent& e) { return IsOutput(e.kind); });
  return it == record.events.rend() ? nullptr : &*it;
}

std::int64_t SumTokens(const RequestRecord& record, bool on_output) {
  std::int64_t sum = 0;
  for (const StreamEvent& event : record.events) {
    if (IsOutput(event.kind) == on_output) sum += event.tokens;
  }
  return sum;
}

}  // namespace

std::string_view Name(Outcome outcome) { return kOutcomes[static_cast<std::size_t>(outcome)]; }
std::string_view Name(TokenSource source) { return kSources[static_cast<std::size_t>(source)]; }
std::optional<Outcome> ParseOutcome(std::string_view name) {
  return Find<Outcome>(kOutcomes, name);
}
std::optional<TokenSource> ParseTokenSource(std::string_view name) {
  return Find<TokenSource>(kSources, name);
}

std::optional<Nanos> Ttft(const RequestRecord& record) {
  const StreamEvent* first = FirstOutput(record);
  if (first == nullptr) return std::nullopt;
  return first->at;
}

std::optional<Nanos> LastOutput(const RequestRecord& record) {
  const StreamEvent* last = FinalOutput(record);
  if (last == nullptr) return std::nullopt;
  return last->at;
}

std::optional<Nanos> Latency(const RequestRecord& record) { return record.end; }

std::optional<Nanos> StartLag(const RequestRecord& record) {
  if (!record.ready) return std::nullopt;
  return std::max(Nanos{0}, record.start - *record.ready);
}

std::optional<Nanos> ConnectTime(const RequestRecord& record) {
  if (!record.connect) return std::nullopt;
  return record.tls.value_or(*record.connect) - record.connect_start.value_or(Nanos{0});
}

std::optional<Nanos> SendDelay(const RequestRecord& record) {
  if (!record.sent) return std::nullopt;
  if (!record.connect_start || !record.connect) return *record.sent;
  return std::max(Nanos{0}, *record.sent - *ConnectTime(record));
}

std::int64_t CountedTokens(const RequestRecord& record) { return SumTokens(record, true); }

std::int64_t HiddenTokens(const RequestRecord& record) { return SumTokens(record, false); }

std::optional<std::int64_t> CompletionTokens(const RequestRecord& record) {
  if (record.usage && record.usage->completion_tokens) return record.usage->completion_tokens;
  if (FirstOutput(record) == nullptr) return std::nullopt;
  return CountedTokens(record);
}

std::optional<TimePerToken> Tpot(const RequestRecord& record) {
  const StreamEvent* first = FirstOutput(record);
  const StreamEvent* last = FinalOutput(record);
  if (first == last || record.finish_reasons.size() > 1) return std::nullopt;
  const std::int64_t counted = CountedTokens(record);
  const bool per_event = record.tokens_from != TokenSource::kEvents;
  const std::optional<std::int64_t> usage =
      record.usage ? record.usage->completion_tokens : std::nullopt;
  double after_first = static_cast<double>(counted - first->tokens);
  if (!per_event && usage && *usage > counted) {
    after_first = static_cast<double>(*usage) * (1.0 - 1.0 / static_cast<double>(counted));
  }
  if (after_first <= 0) return std::nullopt;
  return TimePerToken{static_cast<double>((last->at - first->at).count()) / after_first,
                      per_event || usage == counted};
}

namespace internal {

const StreamEvent* FindOutputBefore(const RequestRecord& record, std::uint32_t number,
                                    std::uint16_t choice) {
  auto extra = record.extra_choices.end();
  while (number > 0) {
    const StreamEvent& event = record.events[--number];
    while (extra != record.extra_choices.begin() && std::prev(extra)->event > number) --extra;
    if (!IsOutput(event.kind)) continue;
    if (event.choice == choice) return &event;
    for (auto it = extra; it != record.extra_choices.begin() && std::prev(it)->event == number;) {
      if ((--it)->choice == choice) return &event;
    }
  }
  return nullptr;
}

const StreamEvent* LastByChoice::Replace(std::uint16_t choice, const StreamEvent& event) {
  if (choice >= by_choice_.size()) by_choice_.resize(choice + std::size_t{1}, nullptr);
  return std::exchange(by_choice_[choice], &event);
}

}  // namespace internal
}  // namespace sseprof
