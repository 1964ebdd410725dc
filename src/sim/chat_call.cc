#include "sim/chat_call.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>

#include "sim/api_error.h"
#include "sim/prompt_tokens.h"
#include "wire/json.h"

namespace sseprof {
namespace {

ApiError Bad(const std::string& message) { return {ApiError::kBadRequest, message}; }

bool ReadFlag(const JsonView& object, std::string_view key) {
  const JsonView value = object[key];
  if (value.IsNull()) return false;
  const auto flag = value.AsBool();
  if (!flag) throw Bad(fmt::format("{} must be a boolean", key));
  return *flag;
}

std::optional<std::int64_t> ReadCount(const JsonView& object, std::string_view key) {
  const JsonView value = object[key];
  if (value.IsNull()) return std::nullopt;
  const auto count = value.AsInt();
  if (!count || *count < 1) {
    throw Bad(fmt::format("{} must be at least 1, got {}.", key, value.Text()));
  }
  return count;
}

class PromptReader {
 public:
  void Read(const JsonView& messages) {
    if (messages.size() == 0) throw Bad("messages must be an array of at least one message");
    for (std::size_t i = 0; i < messages.size(); ++i) ReadMessage(messages.At(i));
    tokens_ += kTokensOfAnswerHead;
  }

  std::int64_t tokens() const { return tokens_; }
  std::size_t hash() const { return hash_; }

 private:
  void ReadMessage(const JsonView& message) {
    const auto role = message["role"].AsString();
    if (!role) throw Bad("every message must be an object with a role");
    tokens_ += kTokensPerMessage;
    Mix(*role);
    const JsonView content = message["content"];
    if (content.IsNull()) return;
    if (content.IsArray()) {
      for (std::size_t i = 0; i < content.size(); ++i) ReadText(content.At(i)["text"]);
    } else {
      ReadText(content);
    }
  }

  void ReadText(const JsonView& value) {
    const auto text = value.AsString();
    if (!text) throw Bad("content must be a text or an array of text parts");
    tokens_ += CountTextTokens(*text);
    Mix(*text);
  }

  void Mix(std::string_view text) {
    constexpr std::size_t kFactor = 1'000'003;
    hash_ = hash_ * kFactor + std::hash<std::string_view>{}(text);
  }

  std::int64_t tokens_ = 0;
  std::size_t hash_ = 0;
};

void CheckModel(const JsonView& root, std::string_view model) {
  if (root["model"].IsNull()) return;
  const auto asked = root["model"].AsString();
  if (!asked) throw Bad("model must be a string");
  if (*asked == model) return;
  throw ApiError(ApiError::kNotFound, fmt::format("The model `{}` does not exist.", *asked));
}

void ReadStreamOptions(const JsonView& root, ChatCall* call) {
  const JsonView options = root["stream_options"];
  if (options.IsNull()) return;
  if (!options.IsObject()) throw Bad("stream_options must be an object");
  if (!call->stream) throw Bad("Stream options can only be defined when `stream=True`.");
  call->include_usage = ReadFlag(options, "include_usage");
  call->continuous_usage = ReadFlag(options, "continuous_usage_stats");
}

void ReadLengths(const JsonView& root, ChatCall* call) {
  PromptReader prompt;
  prompt.Read(root["messages"]);
  auto asked = ReadCount(root, "max_completion_tokens");
  if (!asked) asked = ReadCount(root, "max_tokens");
  const std::int64_t max_tokens = asked.value_or(kDefaultMaxTokens);
  if (max_tokens > kMaxModelLength - prompt.tokens()) {
    throw Bad(
        fmt::format("This model's maximum context length is {} tokens. However, you "
                    "requested {} in the messages and {} in the completion.",
                    kMaxModelLength, prompt.tokens(), max_tokens));
  }
  call->prompt_tokens = static_cast<std::int32_t>(prompt.tokens());
  call->prompt_hash = prompt.hash();
  call->max_tokens = static_cast<std::int32_t>(max_tokens);
}

ChatCall ReadCall(const JsonView& root, std::string_view model) {
  if (!root.IsObject()) throw Bad("the body must be a JSON object");
  CheckModel(root, model);
  if (ReadCount(root, "n").value_or(1) > 1) throw Bad("n above 1 is not supported");
  ChatCall call;
  call.stream = ReadFlag(root, "stream");
  call.return_token_ids = ReadFlag(root, "return_token_ids");
  call.ignore_eos = ReadFlag(root, "ignore_eos");
  ReadStreamOptions(root, &call);
  ReadLengths(root, &call);
  return call;
}

}  // namespace

ChatCall ParseChatCall(std::string_view body, std::string_view model) {
  try {
    return ReadCall(JsonDocument::Parse(body).root(), model);
  } catch (const JsonError& error) {
    throw Bad(fmt::format("JSON decode error: {}", error.what()));
  }
}

}  // namespace sseprof
