#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "wire/utf8.h"

namespace sseprof {

/// The program's one way to write JSON. Doubles are written so that they read back the same, and
/// keep a ".0" where they are whole; NaN and infinity are written as null. Bad UTF-8 in strings
/// comes out as U+FFFD. Misuse (a value without its key) is a bug and asserts.
class JsonWriter {
 public:
  enum class Style { kCompact, kPretty };  ///< pretty: two spaces, as Python's json with indent=2
  explicit JsonWriter(Style style = Style::kCompact);
  ~JsonWriter();
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  JsonWriter& Int(std::int64_t value);
  JsonWriter& Uint(std::uint64_t value);
  JsonWriter& Double(double value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  /// A JSON text that is already made (must be valid).
  JsonWriter& Raw(std::string_view json);

  // A key and its value; an absent value is null.
  JsonWriter& Member(std::string_view key, std::string_view value);
  JsonWriter& Member(std::string_view key, const char* value);
  JsonWriter& Member(std::string_view key, double value);
  JsonWriter& Member(std::string_view key, std::int64_t value);
  JsonWriter& Member(std::string_view key, std::uint64_t value);
  JsonWriter& Member(std::string_view key, int value);
  JsonWriter& Member(std::string_view key, bool value);
  template <class T>
  JsonWriter& Member(std::string_view key, const std::optional<T>& value) {
    return value ? Member(key, *value) : Key(key).Null();
  }

  /// The text so far; valid until the next call.
  std::string_view text() const;
  /// Empties it, keeping its memory.
  void Clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A JSON text that does not parse; what() has reason, line and column.
class JsonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A value inside a JsonDocument; cheap to copy, lives as long as the document. A missing member
/// reads as null, so that look-ups chain: doc.root()["usage"]["prompt_tokens"].AsInt().
class JsonView {
 public:
  enum class Type { kNull, kBool, kNumber, kString, kArray, kObject };
  struct Member;

  JsonView() = default;
  Type type() const;
  bool IsNull() const { return type() == Type::kNull; }
  bool IsObject() const { return type() == Type::kObject; }
  bool IsArray() const { return type() == Type::kArray; }
  JsonView operator[](std::string_view key) const;  ///< null if no object, or no such key
  bool Has(std::string_view key) const;
  JsonView At(std::size_t index) const;  ///< null if no array, or beyond it
  std::size_t size() const;              ///< of an array or object, else 0
  std::vector<Member> Members() const;
  std::optional<bool> AsBool() const;
  std::optional<std::int64_t> AsInt() const;  ///< integers only, in range
  std::optional<double> AsDouble() const;
  std::optional<std::string_view> AsString() const;
  /// Compact JSON of this value.
  std::string Text() const;

 private:
  friend class JsonDocument;
  explicit JsonView(const void* value) : value_(value) {}
  const void* value_ = nullptr;
};

struct JsonView::Member {
  std::string_view name;
  JsonView value;
};

/// A parsed JSON text. Iterative: the depth of the input does not matter.
class JsonDocument {
 public:
  /// kWithComments: what people write, with // and /* */, and a comma behind the last member.
  enum class Dialect { kStrict, kWithComments };
  /// @throws JsonError
  static JsonDocument Parse(std::string_view text, Dialect dialect = Dialect::kStrict);
  JsonDocument(JsonDocument&&) noexcept;
  ~JsonDocument();
  JsonView root() const;

 private:
  JsonDocument();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sseprof
