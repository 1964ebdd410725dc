#include "sseprof/chat_chunk.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "wire/utf8.h"

namespace sseprof {
namespace {

using Pool = rapidjson::MemoryPoolAllocator<>;
using Document = rapidjson::GenericDocument<rapidjson::UTF8<>, Pool, Pool>;
using Value = Document::ValueType;

constexpr std::string_view kBlanks = " \t\r\n";
constexpr unsigned kParseFlags = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag;

/// Memory that a parse begins with, and what it may grow to: more is asked for anew every time.
constexpr std::size_t kFirstPool = 4096;
constexpr std::size_t kLargestPool = std::size_t{256} << 10;
/// What a pool needs for itself.
constexpr std::size_t kPoolMargin = 64;

std::string_view StringOf(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

/// The member's value; null if there is none, or it is null.
const Value* Find(const Value& object, std::string_view name) {
  for (const auto& member : object.GetObject()) {
    if (StringOf(member.name) == name) return member.value.IsNull() ? nullptr : &member.value;
  }
  return nullptr;
}

const Value* FindObject(const Value& object, std::string_view name) {
  const Value* value = Find(object, name);
  return value != nullptr && value->IsObject() ? value : nullptr;
}

std::string_view FindString(const Value& object, std::string_view name) {
  const Value* value = Find(object, name);
  return value != nullptr && value->IsString() ? StringOf(*value) : std::string_view();
}

std::optional<std::int64_t> FindCount(const Value& object, std::string_view name) {
  const Value* value = Find(object, name);
  if (value == nullptr || !value->IsInt64() || value->GetInt64() < 0) return std::nullopt;
  return value->GetInt64();
}

std::optional<std::int32_t> FindLength(const Value& object, std::string_view name) {
  const Value* value = Find(object, name);
  if (value == nullptr || !value->IsArray()) return std::nullopt;
  return static_cast<std::int32_t>(value->Size());
}

std::optional<Usage> ReadUsage(const Value& root) {
  const Value* object = FindObject(root, "usage");
  if (object == nullptr) return std::nullopt;
  Usage usage{.prompt_tokens = FindCount(*object, "prompt_tokens"),
              .completion_tokens = FindCount(*object, "completion_tokens"),
              .cached_tokens = {},
              .reasoning_tokens = FindCount(*object, "reasoning_tokens")};
  if (const Value* details = FindObject(*object, "prompt_tokens_details")) {
    usage.cached_tokens = FindCount(*details, "cached_tokens");
  }
  if (const Value* details = FindObject(*object, "completion_tokens_details")) {
    usage.reasoning_tokens = FindCount(*details, "reasoning_tokens");
  }
  return usage == Usage() ? std::nullopt : std::optional(usage);
}

void ReadDelta(const Value& delta, ChoiceDelta& choice) {
  choice.opened = true;
  choice.content = FindString(delta, "content");
  choice.reasoning = FindString(delta, "reasoning_content");
  if (choice.reasoning.empty()) choice.reasoning = FindString(delta, "reasoning");
  choice.refusal = !FindString(delta, "refusal").empty();
  choice.tool_calls = FindLength(delta, "tool_calls").value_or(0) > 0;
  choice.filler = !choice.output() && (delta.ObjectEmpty() || Find(delta, "role") != nullptr);
}

ChoiceDelta ReadChoice(const Value& object, std::string_view delta_key) {
  ChoiceDelta choice;
  const std::int64_t index = FindCount(object, "index").value_or(0);
  if (index <= std::numeric_limits<std::uint16_t>::max()) {
    choice.index = static_cast<std::uint16_t>(index);
  }
  if (const Value* delta = FindObject(object, delta_key)) ReadDelta(*delta, choice);
  choice.token_ids = FindLength(object, "token_ids");
  if (!choice.token_ids) choice.token_ids = FindLength(object, "output_ids");
  if (const Value* logprobs = FindObject(object, "logprobs")) {
    choice.logprobs = FindLength(*logprobs, "content");
  }
  choice.finish_reason = FindString(object, "finish_reason");
  return choice;
}

/// Behind the closing quote of the string that begins at `at`.
std::size_t EndOfString(std::string_view json, std::size_t at) {
  for (std::size_t i = at + 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return json.size();
}

/// Where the object begins that follows a key which ends at `at`.
std::size_t ObjectBehindKey(std::string_view json, std::size_t at) {
  at = json.find_first_not_of(kBlanks, at);
  if (at == std::string_view::npos || json[at] != ':') return std::string_view::npos;
  at = json.find_first_not_of(kBlanks, at + 1);
  return at != std::string_view::npos && json[at] == '{' ? at : std::string_view::npos;
}

/// The text of an object that is a member of the outermost object of a valid JSON text.
std::string_view RawObject(std::string_view json, std::string_view key) {
  int depth = 0;
  std::size_t begin = std::string_view::npos;
  for (std::size_t i = 0; i < json.size();) {
    if (json[i] == '"') {
      const std::size_t end = EndOfString(json, i);
      if (depth == 1 && json.substr(i + 1, end - i - 2) == key) begin = ObjectBehindKey(json, end);
      i = end;
      continue;
    }
    if (json[i] == '{' || json[i] == '[') ++depth;
    if (json[i] == '}' || json[i] == ']') --depth;
    ++i;
    const bool closed = depth == 1 && json[i - 1] == '}';
    if (closed && begin != std::string_view::npos) return json.substr(begin, i - begin);
  }
  return {};
}

void Grow(std::vector<char>& buffer, std::size_t used) {
  if (used + kPoolMargin <= buffer.size() || buffer.size() >= kLargestPool) return;
  buffer.resize(std::clamp(used + kPoolMargin, buffer.size() * 2, kLargestPool));
}

}  // namespace

struct ChatChunkReader::State {
  /// Empties the chunk and fills it from `data`; false if that is no JSON object.
  bool Read(std::string_view data, std::string_view delta_key);
  void Fill(const Value& root, std::string_view data, std::string_view delta_key);

  ChatChunk chunk;
  std::string problem;
  std::string text;  ///< the data, unescaped in place: the chunk's views point here
  std::string server_metrics;
  std::vector<char> values = std::vector<char>(kFirstPool);
  std::vector<char> stack = std::vector<char>(kFirstPool);
};

bool ChatChunkReader::State::Read(std::string_view data, std::string_view delta_key) {
  chunk.id = chunk.server_metrics = {};
  chunk.choices.clear();
  chunk.usage.reset();
  chunk.predicted.reset();
  chunk.error.reset();
  problem.clear();
  std::string mended;
  if (!IsUtf8(data)) data = mended = ToUtf8(data);
  text.assign(data);
  bool good = false;
  std::size_t values_used = 0;
  std::size_t stack_used = 0;
  {
    Pool value_pool(values.data(), values.size());
    Pool stack_pool(stack.data(), stack.size());
    Document document(&value_pool, kFirstPool / 4, &stack_pool);
    rapidjson::InsituStringStream stream(text.data());
    document.ParseStream<kParseFlags>(stream);
    if (document.HasParseError()) {
      problem = rapidjson::GetParseError_En(document.GetParseError());
    } else if (stream.Tell() != data.size()) {  // the parser takes a NUL for the end
      problem = "Invalid character (NUL).";
    } else if (!document.IsObject()) {
      problem = "Not a JSON object.";
    } else {
      Fill(document, data, delta_key);
      good = true;
    }
    values_used = value_pool.Size();
    stack_used = stack_pool.Size();
  }
  Grow(values, values_used);
  Grow(stack, stack_used);
  return good;
}

void ChatChunkReader::State::Fill(const Value& root, std::string_view data,
                                  std::string_view delta_key) {
  chunk.id = FindString(root, "id");
  const Value* choices = Find(root, "choices");
  if (choices != nullptr && choices->IsArray()) {
    for (const Value& choice : choices->GetArray()) {
      if (choice.IsObject()) chunk.choices.push_back(ReadChoice(choice, delta_key));
    }
  }
  chunk.usage = ReadUsage(root);
  const Value* timings = FindObject(root, "timings");
  if (timings != nullptr) chunk.predicted = FindCount(*timings, "predicted_n");
  const bool metrics = FindObject(root, "metrics") != nullptr;
  if (metrics || timings != nullptr) {
    server_metrics = RawObject(data, metrics ? "metrics" : "timings");
    // Line ends can stand between its tokens only; the record file has one line per request.
    std::replace_if(
        server_metrics.begin(), server_metrics.end(), [](char c) { return c == '\n' || c == '\r'; },
        ' ');
    chunk.server_metrics = server_metrics;
  }
  if (Find(root, "error") != nullptr || FindString(root, "object") == "error") {
    chunk.error = ReadErrorBody(data);
  }
}

ChatChunkReader::ChatChunkReader() : state_(std::make_unique<State>()) {}
ChatChunkReader::~ChatChunkReader() = default;
ChatChunkReader::ChatChunkReader(ChatChunkReader&&) noexcept = default;
ChatChunkReader& ChatChunkReader::operator=(ChatChunkReader&&) noexcept = default;

const ChatChunk* ChatChunkReader::Parse(std::string_view data, std::string_view type) {
  const bool good = state_->Read(data, "delta");
  if (type == "error" && !state_->chunk.error) state_->chunk.error = ReadErrorBody(data);
  return good || state_->chunk.error ? &state_->chunk : nullptr;
}

const ChatChunk* ChatChunkReader::ParseWhole(std::string_view body) {
  return state_->Read(body, "message") ? &state_->chunk : nullptr;
}

const std::string& ChatChunkReader::problem() const { return state_->problem; }

}  // namespace sseprof
