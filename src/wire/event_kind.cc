#include <algorithm>
#include <string_view>

#include "sseprof/chat_chunk.h"

namespace sseprof {
namespace {

bool SaysNothing(const ChoiceDelta& choice) {
  return !choice.opened || (choice.filler && !choice.token_ids && !choice.logprobs);
}

}  // namespace

EventKind ChatChunk::Kind() const {
  using Choice = const ChoiceDelta&;
  const auto any = [&](auto&& what) { return std::any_of(choices.begin(), choices.end(), what); };
  if (any([](Choice c) { return c.visible(); })) return EventKind::kVisible;
  if (any([](Choice c) { return c.output(); })) return EventKind::kOther;
  if (error) return EventKind::kError;
  if (any([](Choice c) { return !c.finish_reason.empty(); })) return EventKind::kFinish;
  if (!any([](Choice c) { return c.opened; })) {
    return usage ? EventKind::kUsage : EventKind::kUnknown;
  }
  const bool counts = usage && usage->completion_tokens.value_or(0) > 0;
  if (counts && std::all_of(choices.begin(), choices.end(), SaysNothing)) return EventKind::kUsage;
  return EventKind::kEmpty;
}

bool IsDone(std::string_view data) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = data.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return false;
  return data.substr(begin, data.find_last_not_of(kBlanks) + 1 - begin) == "[DONE]";
}

}  // namespace sseprof
