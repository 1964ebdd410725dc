#include "sseprof/sse.h"

#include <algorithm>
#include <cstring>

#include "sseprof/chat_chunk.h"
#include "wire/utf8.h"

namespace sseprof {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Field {
  std::string_view name;
  std::string_view value;
};

Field SplitField(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {.name = line, .value = {}};
  Field field{.name = line.substr(0, colon), .value = line.substr(colon + 1)};
  if (field.value.starts_with(' ')) field.value.remove_prefix(1);
  return field;
}

std::size_t Find(std::string_view text, char c, std::size_t from) {
  const void* at = std::memchr(text.data() + from, c, text.size() - from);
  return at == nullptr ? text.size()
                       : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

}  // namespace

void SseDecoder::Feed(std::string_view bytes) {
  in_ = bytes;
  pos_ = 0;
  ends_known_ = false;
}

SseDecoder::Result SseDecoder::Next(SseEvent& event) {
  if (dispatched_) ForgetEvent();
  std::string_view line;
  while (!too_large_ && TakeLine(line)) {
    if (!line.empty()) {
      TakeField(line);
    } else if (Dispatch(event)) {
      return Result::kEvent;
    }
  }
  if (too_large_) return Result::kTooLarge;
  if (in_view_) {
    data_.assign(view_);
    in_view_ = false;
  }
  return Result::kMore;
}

void SseDecoder::Reset() {
  Feed({});
  ForgetEvent();
  comments_ = 0;
  open_.clear();
  open_used_ = after_cr_ = too_large_ = false;
  first_line_ = true;
}

std::size_t SseDecoder::tail_bytes() const {
  return (has_data_ ? Data().size() + 1 : 0) + OpenLine().size();
}

bool SseDecoder::tail_is_done() const {
  const Field open = SplitField(OpenLine());
  if (open.name != "data") return has_data_ && IsDone(Data());
  return !has_data_ && IsDone(open.value);
}

bool SseDecoder::TakeLine(std::string_view& line) {
  if (open_used_) {
    open_.clear();
    open_used_ = false;
  }
  if (pos_ == in_.size()) return false;
  if (after_cr_) {
    after_cr_ = false;
    if (in_[pos_] == '\n') ++pos_;
  }
  const std::size_t end = FindLineEnd();
  line = in_.substr(pos_, end - pos_);
  if (open_.size() + line.size() > limits_.line) {
    too_large_ = true;
    return false;
  }
  if (end == in_.size()) {
    open_.append(line);
    pos_ = end;
    return false;
  }
  pos_ = end + 1;
  if (in_[end] == '\r') {
    after_cr_ = pos_ == in_.size();
    if (!after_cr_ && in_[pos_] == '\n') ++pos_;
  }
  if (!open_.empty()) {
    line = open_.append(line);
    open_used_ = true;
  }
  if (first_line_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  first_line_ = false;
  return true;
}

/// Remembers where the next LF and CR are, so that a Feed with only one of them is not searched
/// again and again for the other.
std::size_t SseDecoder::FindLineEnd() {
  if (!ends_known_ || lf_ < pos_) lf_ = Find(in_, '\n', pos_);
  if (!ends_known_ || cr_ < pos_) cr_ = Find(in_, '\r', pos_);
  ends_known_ = true;
  return std::min(lf_, cr_);
}

void SseDecoder::TakeField(std::string_view line) {
  if (line.starts_with(':')) {
    ++comments_;
    return;
  }
  const Field field = SplitField(line);
  if (field.name == "data") {
    AddData(field.value);
  } else if (field.name == "event") {
    type_.clear();
    AppendUtf8(field.value, type_);
  }
}

void SseDecoder::AddData(std::string_view value) {
  const std::size_t before = has_data_ ? Data().size() + 1 : 0;
  if (before + value.size() > limits_.event) {
    too_large_ = true;
    return;
  }
  if (!has_data_ && !open_used_) {
    view_ = value;
    in_view_ = true;
  } else {
    if (in_view_) data_.assign(view_);
    in_view_ = false;
    if (has_data_) data_ += '\n';
    data_ += value;
  }
  has_data_ = true;
}

bool SseDecoder::Dispatch(SseEvent& event) {
  if (!has_data_) {
    type_.clear();
    return false;
  }
  std::string_view data = Data();
  if (!IsUtf8(data)) {
    decoded_.clear();
    AppendUtf8(data, decoded_);
    data = decoded_;
  }
  event = {.type = type_, .data = data, .bytes_after = in_.size() - pos_};
  dispatched_ = true;
  return true;
}

void SseDecoder::ForgetEvent() {
  data_.clear();
  type_.clear();
  in_view_ = has_data_ = dispatched_ = false;
}

std::string_view SseDecoder::Data() const { return in_view_ ? view_ : std::string_view(data_); }

/// The line that has no end yet.
std::string_view SseDecoder::OpenLine() const {
  if (open_used_) return {};
  std::string_view line = open_;
  if (first_line_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return line;
}

}  // namespace sseprof
