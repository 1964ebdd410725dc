#include <algorithm>

#include "sseprof/chat_chunk.h"

namespace sseprof {
namespace {

/// True if these bytes stand in a JSON string for themselves.
bool IsPlain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
  });
}

/// True if the chunk tells one choice's visible text and nothing else.
bool IsTextAlone(const ChatChunk& chunk) {
  if (chunk.choices.size() != 1 || chunk.usage || chunk.predicted || chunk.error ||
      !chunk.server_metrics.empty()) {
    return false;
  }
  const ChoiceDelta& choice = chunk.choices[0];
  return choice.visible() && choice.reasoning.empty() && !choice.refusal && !choice.tool_calls &&
         !choice.token_ids && !choice.logprobs && choice.finish_reason.empty();
}

}  // namespace

std::string_view ChunkPattern::TextOf(std::string_view data) const {
  if (data_.empty()) return {};
  const std::string_view before = std::string_view(data_).substr(0, text_begin_);
  const std::string_view behind = std::string_view(data_).substr(text_end_);
  const bool alike = data.size() > before.size() + behind.size() && data.starts_with(before) &&
                     data.ends_with(behind);
  if (!alike) return {};
  data.remove_prefix(before.size());
  data.remove_suffix(behind.size());
  return IsPlain(data) ? data : std::string_view();
}

void ChunkPattern::Learn(std::string_view data, const ChatChunk& chunk, std::size_t text_begin) {
  data_.clear();
  if (!IsTextAlone(chunk)) return;
  const std::string_view text = chunk.choices[0].content;
  if (data.substr(text_begin, text.size()) != text || !IsPlain(text)) return;
  const std::size_t id_begin = data.find(chunk.id);
  if (id_begin == std::string_view::npos) return;
  data_ = data;
  text_begin_ = text_begin;
  text_end_ = text_begin + text.size();
  id_begin_ = id_begin;
  id_size_ = chunk.id.size();
  index_ = chunk.choices[0].index;
}

}  // namespace sseprof
