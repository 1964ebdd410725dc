#include "sseprof/chat_chunk.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "wire/chunk_handler.h"
#include "wire/utf8.h"

namespace sseprof {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr unsigned kParseFlags = rapidjson::kParseInsituFlag;
constexpr unsigned kDeepParseFlags = kParseFlags | rapidjson::kParseIterativeFlag;

/// What is nested deeper than this is read without recursion, which is slower.
constexpr std::size_t kMostRecursion = 64;

/// Whether there is one of U+001A to U+001F, which stand nowhere in valid JSON: RapidJSON's look at
/// sixteen bytes lets them pass in strings. One pass without exit: compilers vectorize it.
bool HasLetPass(std::string_view json) {
  unsigned char least = 0xff;
  for (const char c : json) least = std::min(least, static_cast<unsigned char>(c - 0x1a));
  return least < 0x20 - 0x1a;
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

}  // namespace

struct ChatChunkReader::State {
  /// Empties the chunk and fills it from `data`; false if that is no JSON object.
  bool Read(std::string_view data, std::string_view delta_key);
  /// @return how much of it was read
  template <unsigned kFlags>
  std::size_t Parse(std::string_view data, std::string_view delta_key, std::size_t deepest);
  void Clear();
  void ReadRest(std::string_view data);

  ChatChunk chunk;
  ChunkHandler handler;
  std::string problem;
  std::string text;  ///< the data, unescaped in place: the chunk's views point here
  std::string server_metrics;
  rapidjson::Reader reader;
};

bool ChatChunkReader::State::Read(std::string_view data, std::string_view delta_key) {
  problem.clear();
  std::size_t read = Parse<kParseFlags>(data, delta_key, kMostRecursion);
  if (reader.GetParseErrorCode() == rapidjson::kParseErrorTermination) {
    read = Parse<kDeepParseFlags>(data, delta_key, SIZE_MAX);
  }
  if (reader.HasParseError()) {
    problem = rapidjson::GetParseError_En(reader.GetParseErrorCode());
  } else if (read != data.size()) {  // the parser takes a NUL for the end
    problem = "Invalid character (NUL).";
  } else if (HasLetPass(data)) {
    problem = rapidjson::GetParseError_En(rapidjson::kParseErrorStringEscapeInvalid);
  } else if (!handler.is_object()) {
    problem = "Not a JSON object.";
  } else {
    ReadRest(data);
    return true;
  }
  Clear();
  return false;
}

template <unsigned kFlags>
std::size_t ChatChunkReader::State::Parse(std::string_view data, std::string_view delta_key,
                                          std::size_t deepest) {
  Clear();
  text.assign(data);
  handler.Begin(chunk, delta_key, deepest);
  rapidjson::InsituStringStream stream(text.data());
  reader.Parse<kFlags>(stream, handler);
  return stream.Tell();
}

void ChatChunkReader::State::Clear() {
  chunk.id = chunk.server_metrics = {};
  chunk.choices.clear();
  chunk.usage.reset();
  chunk.predicted.reset();
  chunk.error.reset();
}

/// What is kept in the server's own words.
void ChatChunkReader::State::ReadRest(std::string_view data) {
  if (handler.has_metrics() || handler.has_timings()) {
    server_metrics = RawObject(data, handler.has_metrics() ? "metrics" : "timings");
    // Line ends can stand between its tokens only; the record file has one line per request.
    std::replace_if(
        server_metrics.begin(), server_metrics.end(), [](char c) { return c == '\n' || c == '\r'; },
        ' ');
    chunk.server_metrics = server_metrics;
  }
  if (handler.has_error()) chunk.error = ReadErrorBody(data);
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

const ChatChunk* ChatChunkReader::Parse(std::string_view data, std::string_view type,
                                        ChunkPattern& pattern) {
  ChatChunk& chunk = state_->chunk;
  const std::string_view text = type.empty() ? pattern.TextOf(data) : std::string_view();
  if (!text.empty()) {
    state_->Clear();
    chunk.id = pattern.id();
    chunk.choices.push_back({.index = pattern.index_, .opened = true, .content = text});
    return &chunk;
  }
  const ChatChunk* parsed = Parse(data, type);
  if (parsed != nullptr && chunk.choices.size() == 1 && chunk.choices[0].visible()) {
    const char* content = chunk.choices[0].content.data();
    pattern.Learn(data, chunk, static_cast<std::size_t>(content - state_->text.data()));
  }
  return parsed;
}

const ChatChunk* ChatChunkReader::ParseWhole(std::string_view body) {
  std::string mended;
  if (!IsUtf8(body)) body = mended = ToUtf8(body);
  return state_->Read(body, "message") ? &state_->chunk : nullptr;
}

const std::string& ChatChunkReader::problem() const { return state_->problem; }

}  // namespace sseprof
