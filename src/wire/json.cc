#include "wire/json.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "wire/json_position.h"

namespace sseprof {
namespace {

constexpr unsigned kParseFlags = rapidjson::kParseIterativeFlag |
                                 rapidjson::kParseNumbersAsStringsFlag |
                                 rapidjson::kParseValidateEncodingFlag;

constexpr unsigned kParseFlagsOfPeople =
    kParseFlags | rapidjson::kParseCommentsFlag | rapidjson::kParseTrailingCommasFlag;

/// The nearest double; nothing where that is infinite.
std::optional<double> NearestDouble(std::string_view digits) {
  double value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // It does not tell what is too small from what is too large.
  if (parsed.ec != std::errc{}) value = std::strtod(std::string(digits).c_str(), nullptr);
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

template <class T>
bool ReadWhole(std::string_view digits, T& value) {
  const char* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value);
  return parsed.ec == std::errc{} && parsed.ptr == end;
}

/// Builds a document, but reads the numbers itself: RapidJSON's exact reading of them has undefined
/// behaviour on some that are zero, and its other one is not exact.
class ExactNumbers {
 public:
  explicit ExactNumbers(rapidjson::Document& document) : document_(document) {}

  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view digits(text, length);
    std::int64_t number = 0;
    if (ReadWhole(digits, number)) return document_.Int64(number);
    std::uint64_t large = 0;
    if (ReadWhole(digits, large)) return document_.Uint64(large);
    const std::optional<double> real = NearestDouble(digits);
    return real && document_.Double(*real);
  }
  bool Null() { return document_.Null(); }
  bool Bool(bool value) { return document_.Bool(value); }
  bool Int(int value) { return document_.Int(value); }
  bool Uint(unsigned value) { return document_.Uint(value); }
  bool Int64(std::int64_t value) { return document_.Int64(value); }
  bool Uint64(std::uint64_t value) { return document_.Uint64(value); }
  bool Double(double value) { return document_.Double(value); }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    return document_.String(text, length, true);
  }
  bool StartObject() { return document_.StartObject(); }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    return document_.Key(text, length, true);
  }
  bool EndObject(rapidjson::SizeType members) { return document_.EndObject(members); }
  bool StartArray() { return document_.StartArray(); }
  bool EndArray(rapidjson::SizeType elements) { return document_.EndArray(elements); }

 private:
  rapidjson::Document& document_;
};

const rapidjson::Value& ValueOf(const void* value) {
  static const rapidjson::Value null;
  return value == nullptr ? null : *static_cast<const rapidjson::Value*>(value);
}

std::string_view StringOf(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

const rapidjson::Value* FindMember(const rapidjson::Value& object, std::string_view key) {
  if (!object.IsObject()) return nullptr;
  for (const auto& member : object.GetObject()) {
    if (StringOf(member.name) == key) return &member.value;
  }
  return nullptr;
}

[[noreturn]] void ThrowAt(std::string_view text, std::size_t offset, std::string_view reason) {
  if (reason.ends_with('.')) reason.remove_suffix(1);
  const TextPosition at = PositionAt(text, offset);
  throw JsonError(fmt::format("{} at line {}, column {}", reason, at.line, at.column));
}

void WriteScalar(const rapidjson::Value& value, JsonWriter& writer) {
  if (value.IsString()) {
    writer.String(StringOf(value));
  } else if (value.IsBool()) {
    writer.Bool(value.GetBool());
  } else if (value.IsInt64()) {
    writer.Int(value.GetInt64());
  } else if (value.IsUint64()) {
    writer.Uint(value.GetUint64());
  } else if (value.IsNumber()) {
    writer.Double(value.GetDouble());
  } else {
    writer.Null();
  }
}

/// Without recursion, since the depth of a document is the sender's choice.
void WriteValue(const rapidjson::Value& root, JsonWriter& writer) {
  struct Open {
    const rapidjson::Value* container;
    rapidjson::SizeType next;
  };
  std::vector<Open> open;
  const auto write = [&](const rapidjson::Value& value) {
    if (!value.IsObject() && !value.IsArray()) return WriteScalar(value, writer);
    value.IsObject() ? writer.BeginObject() : writer.BeginArray();
    open.push_back({&value, 0});
  };
  write(root);
  while (!open.empty()) {
    Open& top = open.back();
    const rapidjson::Value& container = *top.container;
    const rapidjson::SizeType i = top.next++;
    if (container.IsObject() && i < container.MemberCount()) {
      const auto& member = *(container.MemberBegin() + static_cast<std::ptrdiff_t>(i));
      writer.Key(StringOf(member.name));
      write(member.value);
    } else if (container.IsArray() && i < container.Size()) {
      write(container[i]);
    } else {
      container.IsObject() ? writer.EndObject() : writer.EndArray();
      open.pop_back();
    }
  }
}

}  // namespace

JsonView::Type JsonView::type() const {
  switch (ValueOf(value_).GetType()) {
    case rapidjson::kNullType:
      return Type::kNull;
    case rapidjson::kFalseType:
    case rapidjson::kTrueType:
      return Type::kBool;
    case rapidjson::kObjectType:
      return Type::kObject;
    case rapidjson::kArrayType:
      return Type::kArray;
    case rapidjson::kStringType:
      return Type::kString;
    case rapidjson::kNumberType:
      return Type::kNumber;
  }
  return Type::kNull;
}

JsonView JsonView::operator[](std::string_view key) const {
  return JsonView(FindMember(ValueOf(value_), key));
}

bool JsonView::Has(std::string_view key) const {
  return FindMember(ValueOf(value_), key) != nullptr;
}

JsonView JsonView::At(std::size_t index) const {
  if (!IsArray() || index >= size()) return {};
  return JsonView(&ValueOf(value_)[static_cast<rapidjson::SizeType>(index)]);
}

std::size_t JsonView::size() const {
  const rapidjson::Value& value = ValueOf(value_);
  if (value.IsArray()) return value.Size();
  return value.IsObject() ? value.MemberCount() : 0;
}

std::vector<JsonView::Member> JsonView::Members() const {
  std::vector<Member> members;
  if (!IsObject()) return members;
  members.reserve(size());
  for (const auto& member : ValueOf(value_).GetObject()) {
    members.push_back({StringOf(member.name), JsonView(&member.value)});
  }
  return members;
}

std::optional<bool> JsonView::AsBool() const {
  const rapidjson::Value& value = ValueOf(value_);
  return value.IsBool() ? std::optional(value.GetBool()) : std::nullopt;
}

std::optional<std::int64_t> JsonView::AsInt() const {
  const rapidjson::Value& value = ValueOf(value_);
  return value.IsInt64() ? std::optional(value.GetInt64()) : std::nullopt;
}

std::optional<double> JsonView::AsDouble() const {
  const rapidjson::Value& value = ValueOf(value_);
  return value.IsNumber() ? std::optional(value.GetDouble()) : std::nullopt;
}

std::optional<std::string_view> JsonView::AsString() const {
  const rapidjson::Value& value = ValueOf(value_);
  return value.IsString() ? std::optional(StringOf(value)) : std::nullopt;
}

std::string JsonView::Text() const {
  JsonWriter writer;
  WriteValue(ValueOf(value_), writer);
  return std::string(writer.text());
}

struct JsonDocument::State {
  rapidjson::Document document;
};

JsonDocument::JsonDocument() : state_(std::make_unique<State>()) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonDocument JsonDocument::Parse(std::string_view text, Dialect dialect) {
  JsonDocument result;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  const auto build = [&](rapidjson::Document& document) {
    ExactNumbers handler(document);
    const auto result_of = dialect == Dialect::kStrict
                               ? reader.Parse<kParseFlags>(stream, handler)
                               : reader.Parse<kParseFlagsOfPeople>(stream, handler);
    return !result_of.IsError();
  };
  result.state_->document.Populate(build);
  if (reader.HasParseError()) {
    const bool refused_number = reader.GetParseErrorCode() == rapidjson::kParseErrorTermination;
    ThrowAt(text, reader.GetErrorOffset(),
            rapidjson::GetParseError_En(refused_number ? rapidjson::kParseErrorNumberTooBig
                                                       : reader.GetParseErrorCode()));
  }
  // The parser takes a NUL for the end of the text.
  if (stream.Tell() != text.size()) ThrowAt(text, stream.Tell(), "Invalid character (NUL)");
  return result;
}

JsonView JsonDocument::root() const { return JsonView(&state_->document); }

}  // namespace sseprof
