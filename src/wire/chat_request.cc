#include "sseprof/chat_request.h"

#include <stdexcept>

#include "wire/json.h"

namespace sseprof {
namespace {

constexpr std::string_view kStreamOptions = "stream_options";
constexpr std::string_view kIncludeUsage = "include_usage";
constexpr std::string_view kContinuousUsage = "continuous_usage_stats";
constexpr std::string_view kTokenIds = "return_token_ids";

JsonDocument ParseExtra(const std::string& extra_body) {
  try {
    JsonDocument document = JsonDocument::Parse(extra_body.empty() ? "{}" : extra_body);
    if (document.root().IsObject()) return document;
  } catch (const JsonError& error) {
    throw std::invalid_argument(std::string("the extra body is no JSON: ") + error.what());
  }
  throw std::invalid_argument("the extra body is no JSON object");
}

/// Writes our keys, but for those that the extra body sets itself.
class OwnKeys {
 public:
  OwnKeys(JsonWriter& writer, JsonView extra) : writer_(writer), extra_(extra) {}

  template <class T>
  void Set(std::string_view key, const T& value) {
    if (!extra_.Has(key)) writer_.Member(key, value);
  }
  void SetJson(std::string_view key, std::string_view json) {
    if (!extra_.Has(key)) writer_.Key(key).Raw(json);
  }
  void SetStreamOptions(const AddedFields& added) {
    if (extra_.Has(kStreamOptions) || !(added.include_usage || added.continuous_usage)) return;
    writer_.Key(kStreamOptions).BeginObject();
    if (added.include_usage) writer_.Member(kIncludeUsage, true);
    if (added.continuous_usage) writer_.Member(kContinuousUsage, true);
    writer_.EndObject();
  }

 private:
  JsonWriter& writer_;
  JsonView extra_;
};

}  // namespace

std::string BuildChatBody(const ChatOptions& options, std::string_view messages,
                          std::optional<std::int64_t> max_tokens, const AddedFields& added) {
  const JsonDocument extra = ParseExtra(options.extra_body);
  JsonWriter writer;
  writer.BeginObject();
  OwnKeys own(writer, extra.root());
  own.Set("model", std::string_view(options.model));
  own.SetJson("messages", messages);
  own.Set("max_tokens", max_tokens.value_or(options.max_tokens));
  own.Set("temperature", options.temperature);
  own.Set("stream", options.stream);
  if (options.stream) {
    own.SetStreamOptions(added);
    if (added.token_ids) own.Set(kTokenIds, true);
  }
  if (options.ignore_eos) own.Set("ignore_eos", true);
  for (const auto& [name, value] : extra.root().Members()) writer.Key(name).Raw(value.Text());
  writer.EndObject();
  return std::string(writer.text());
}

std::optional<AddedFields> FieldsAfterRefusal(const AddedFields& asked, std::string_view message) {
  // Pydantic shows the rejected input, our whole body maybe, behind the place of the error.
  message = message.substr(0, std::min(message.find("\"input\""), message.find("'input'")));
  const auto names = [&](std::string_view field) {
    return message.find(field) != std::string_view::npos;
  };
  AddedFields left = asked;
  if (names(kTokenIds)) left.token_ids = false;
  if (names(kContinuousUsage)) left.continuous_usage = false;
  // Servers take continuous usage only together with it.
  if (names(kIncludeUsage)) left.include_usage = left.continuous_usage = false;
  const bool names_part = names(kContinuousUsage) || names(kIncludeUsage);
  if (names(kStreamOptions) && !names_part) {
    (asked.continuous_usage ? left.continuous_usage : left.include_usage) = false;
  }
  return left == asked ? std::nullopt : std::optional(left);
}

std::vector<std::string> DroppedNames(const AddedFields& before, const AddedFields& after) {
  std::vector<std::string> names;
  const std::string prefix = std::string(kStreamOptions) + '.';
  if (before.include_usage && !after.include_usage)
    names.push_back(prefix + std::string(kIncludeUsage));
  if (before.continuous_usage && !after.continuous_usage) {
    names.push_back(prefix + std::string(kContinuousUsage));
  }
  if (before.token_ids && !after.token_ids) names.emplace_back(kTokenIds);
  return names;
}

}  // namespace sseprof
