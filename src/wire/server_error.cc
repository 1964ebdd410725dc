#include <algorithm>
#include <string>

#include "sseprof/chat_chunk.h"
#include "wire/json.h"

namespace sseprof {
namespace {

constexpr std::size_t kMaxRaw = 512;

/// The text's beginning, with no character cut in two.
std::string Beginning(std::string_view text) {
  std::size_t end = std::min(text.size(), kMaxRaw);
  if (end < text.size()) {
    while (end > kMaxRaw - 4 && (text[end] & 0xC0) == 0x80) --end;
  }
  return ToUtf8(text.substr(0, end));
}

/// A text as it is, nothing for null, any other value as JSON.
std::string AsText(JsonView value) {
  if (const auto text = value.AsString()) return std::string(*text);
  return value.IsNull() ? std::string() : value.Text();
}

std::string FirstText(JsonView object, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (std::string text = AsText(object[key]); !text.empty()) return text;
  }
  return {};
}

ServerError ReadObject(JsonView root) {
  const JsonView error = root["error"];
  const JsonView words = error.IsObject() ? error : root;
  ServerError result{.message = FirstText(words, {"message"}),
                     .code = FirstText(words, {"code", "type", "error_type"})};
  if (result.message.empty()) result.message = FirstText(root, {"error", "detail"});
  return result;
}

}  // namespace

ServerError ReadErrorBody(std::string_view body) {
  ServerError result;
  try {
    const JsonDocument document = JsonDocument::Parse(body);
    result = ReadObject(document.root());
  } catch (const JsonError&) {
    // No JSON: HTML of a proxy, plain text.
  }
  if (result.message.empty()) result.message = Beginning(body);
  return result;
}

}  // namespace sseprof
