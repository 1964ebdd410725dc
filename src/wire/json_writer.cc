#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "wire/json.h"

namespace sseprof {

struct JsonWriter::State {
  explicit State(Style s) : style(s), compact(buffer), pretty(buffer) { pretty.SetIndent(' ', 2); }

  template <class F>
  void Emit(F&& f) {
    style == Style::kPretty ? f(pretty) : f(compact);
  }

  /// `put` writes a text that is valid UTF-8.
  template <class F>
  void EmitText(std::string_view text, F&& put) {
    if (IsUtf8(text)) return Emit([&](auto& out) { put(out, text); });
    const std::string mended = ToUtf8(text);
    Emit([&](auto& out) { put(out, mended); });
  }

  Style style;
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> compact;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> pretty;
};

JsonWriter::JsonWriter(Style style) : state_(std::make_unique<State>(style)) {}
JsonWriter::~JsonWriter() = default;

JsonWriter& JsonWriter::BeginObject() {
  state_->Emit([](auto& out) { out.StartObject(); });
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  state_->Emit([](auto& out) { out.EndObject(); });
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  state_->Emit([](auto& out) { out.StartArray(); });
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  state_->Emit([](auto& out) { out.EndArray(); });
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  state_->EmitText(key, [](auto& out, std::string_view text) {
    out.Key(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  });
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  state_->EmitText(value, [](auto& out, std::string_view text) {
    // RapidJSON takes no null pointer, not even for an empty text.
    const char* begin = text.empty() ? "" : text.data();
    out.String(begin, static_cast<rapidjson::SizeType>(text.size()));
  });
  return *this;
}

JsonWriter& JsonWriter::Int(std::int64_t value) {
  state_->Emit([&](auto& out) { out.Int64(value); });
  return *this;
}

JsonWriter& JsonWriter::Uint(std::uint64_t value) {
  state_->Emit([&](auto& out) { out.Uint64(value); });
  return *this;
}

JsonWriter& JsonWriter::Double(double value) {
  if (!std::isfinite(value)) return Null();
  // The shortest digits that read back the same, in Python's notation; RapidJSON's own differ.
  std::array<char, 40> digits{};
  char* end = fmt::format_to(digits.data(), "{}", value);
  if (std::none_of(digits.data(), end, [](char c) { return c == '.' || c == 'e'; })) {
    *end++ = '.';
    *end++ = '0';
  }
  const auto size = static_cast<std::size_t>(end - digits.data());
  state_->Emit([&](auto& out) { out.RawValue(digits.data(), size, rapidjson::kNumberType); });
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) {
  state_->Emit([&](auto& out) { out.Bool(value); });
  return *this;
}

JsonWriter& JsonWriter::Null() {
  state_->Emit([](auto& out) { out.Null(); });
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  // RapidJSON would put it byte by byte.
  state_->Emit([](auto& out) { out.RawValue("", 0, rapidjson::kObjectType); });
  std::copy(json.begin(), json.end(), state_->buffer.Push(json.size()));
  return *this;
}

JsonWriter& JsonWriter::Member(std::string_view key, std::string_view value) {
  return Key(key).String(value);
}
JsonWriter& JsonWriter::Member(std::string_view key, const char* value) {
  return Key(key).String(value);
}
JsonWriter& JsonWriter::Member(std::string_view key, double value) {
  return Key(key).Double(value);
}
JsonWriter& JsonWriter::Member(std::string_view key, std::int64_t value) {
  return Key(key).Int(value);
}
JsonWriter& JsonWriter::Member(std::string_view key, std::uint64_t value) {
  return Key(key).Uint(value);
}
JsonWriter& JsonWriter::Member(std::string_view key, int value) { return Key(key).Int(value); }
JsonWriter& JsonWriter::Member(std::string_view key, bool value) { return Key(key).Bool(value); }

std::string_view JsonWriter::text() const {
  return {state_->buffer.GetString(), state_->buffer.GetSize()};
}

void JsonWriter::Clear() {
  state_->buffer.Clear();
  state_->compact.Reset(state_->buffer);
  state_->pretty.Reset(state_->buffer);
}

}  // namespace sseprof
