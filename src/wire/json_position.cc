#include "wire/json_position.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>

namespace sseprof {
namespace {

constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag |
                            rapidjson::kParseCommentsFlag | rapidjson::kParseTrailingCommasFlag;

/// The next token at or behind `offset`: blanks, commas, colons and comments are passed over.
std::size_t TokenAt(std::string_view text, std::size_t offset) {
  while (offset < text.size()) {
    const std::string_view rest = text.substr(offset);
    if (rest.starts_with("//")) {
      offset += std::min(rest.find('\n'), rest.size());
    } else if (rest.starts_with("/*")) {
      const auto end = rest.find("*/");
      offset += end == std::string_view::npos ? rest.size() : end + 2;
    } else if (std::string_view(" \t\r\n,:").find(rest[0]) != std::string_view::npos) {
      ++offset;
    } else {
      return offset;
    }
  }
  return text.size();
}

/// Follows the events of a reader and remembers where the deepest value on the path begins.
class Finder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Finder> {
 public:
  Finder(std::string_view text, const rapidjson::MemoryStream& stream,
         const std::vector<std::string>& path)
      : text_(text), stream_(stream), path_(path) {}

  std::size_t found() const { return found_; }

  bool Default() { return Value(); }  // every scalar but those below
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return Value(); }
  bool String(const char*, rapidjson::SizeType, bool) { return Value(); }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    open_.back().key.assign(text, length);
    before_ = stream_.Tell();
    return true;
  }
  bool StartObject() { return Open(false); }
  bool StartArray() { return Open(true); }
  bool EndObject(rapidjson::SizeType) { return Close(); }
  bool EndArray(rapidjson::SizeType) { return Close(); }

 private:
  struct Container {
    bool is_array = false;
    std::size_t next = 0;  ///< index of an array's next element
    std::string key;
    bool on_path = false;
  };

  /// Whether the value that begins now is on the path.
  bool Note() {
    bool on_path = open_.empty();
    if (!open_.empty()) {
      Container& around = open_.back();
      const std::string step = around.is_array ? std::to_string(around.next++) : around.key;
      const std::size_t depth = open_.size() - 1;
      on_path = around.on_path && depth < path_.size() && path_[depth] == step;
    }
    if (on_path) found_ = TokenAt(text_, before_);
    return on_path;
  }
  bool Value() {
    Note();
    before_ = stream_.Tell();
    return true;
  }
  bool Open(bool is_array) {
    const bool on_path = Note();
    open_.push_back({.is_array = is_array, .on_path = on_path});
    before_ = stream_.Tell() + 1;  // the reader tells of a bracket before it takes it
    return true;
  }
  bool Close() {
    open_.pop_back();
    before_ = stream_.Tell() + 1;
    return true;
  }

  std::string_view text_;
  const rapidjson::MemoryStream& stream_;
  const std::vector<std::string>& path_;
  std::vector<Container> open_;
  std::size_t before_ = 0;  ///< behind the token before
  std::size_t found_ = 0;
};

}  // namespace

TextPosition PositionAt(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::string_view in_line = before.substr(before.rfind('\n') + 1);
  const auto starts_character = [](char c) { return (c & 0xC0) != 0x80; };
  return {.line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
          .column = 1 + static_cast<std::size_t>(
                            std::count_if(in_line.begin(), in_line.end(), starts_character))};
}

TextPosition PositionOf(std::string_view json, const std::vector<std::string>& path) {
  rapidjson::MemoryStream stream(json.data(), json.size());
  Finder finder(json, stream, path);
  rapidjson::Reader().Parse<kFlags>(stream, finder);
  return PositionAt(json, finder.found());
}

}  // namespace sseprof
