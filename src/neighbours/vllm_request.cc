#include "neighbours/vllm_request.h"

#include <fmt/format.h>

namespace sseprof {
namespace {

bool HasChoices(EventKind kind) {
  return IsOutput(kind) || kind == EventKind::kEmpty || kind == EventKind::kFinish;
}

/// vLLM's client asks its tokenizer where usage says nothing; our own count stands for that.
std::int64_t OutputTokens(const RequestRecord& record) {
  const std::int64_t by_usage =
      record.usage ? record.usage->completion_tokens.value_or(0) : std::int64_t{0};
  return by_usage != 0 ? by_usage : CountedTokens(record);
}

Nanos ReadToItsEnd(const RequestRecord& record) {
  if (record.closed) return *record.closed;
  if (record.end) return *record.end;
  return record.events.empty() ? Nanos{0} : record.events.back().at;
}

std::string ErrorText(const RequestRecord& record) {
  if (record.message.empty()) return std::string(Name(record.outcome));
  return fmt::format("{}: {}", Name(record.outcome), record.message);
}

}  // namespace

std::optional<double> VllmRequest::Tpot() const {
  if (output <= 1) return std::nullopt;
  return ToSeconds(latency - ttft) / static_cast<double>(output - 1);
}

VllmRequest ToVllmRequest(const RequestRecord& record) {
  VllmRequest request;
  request.n = record.n;
  request.start = record.start;
  request.scheduled = record.scheduled;
  request.read_at = record.start + ReadToItsEnd(record);
  std::optional<Nanos> last;
  for (const StreamEvent& event : record.events) {
    if (!HasChoices(event.kind)) continue;
    if (last) {
      request.gaps.push_back(event.at - *last);
    } else {
      request.ttft = event.at;
    }
    last = event.at;
  }
  if (record.usage) request.input = record.usage->prompt_tokens.value_or(0);
  request.completed = record.good() && last;
  if (!request.completed) {
    request.error = record.good() ? "no event with choices" : ErrorText(record);
    return request;
  }
  request.latency = *last;
  request.output = OutputTokens(record);
  request.text = record.text.value_or("");
  return request;
}

}  // namespace sseprof
