#include "out/json_fields.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace sseprof {
namespace {

FormatError Wrong(std::string_view key, std::string_view wanted) {
  return FormatError(fmt::format("'{}' is not {}", key, wanted));
}

}  // namespace

std::int64_t BoundedInt(JsonView value, std::string_view what, std::int64_t least,
                        std::int64_t most) {
  const std::optional<std::int64_t> number = value.AsInt();
  if (!number || *number < least || *number > most) {
    throw Wrong(what, fmt::format("an integer from {} to {}", least, most));
  }
  return *number;
}

JsonFields::JsonFields(JsonView object) : object_(object) {
  if (!object_.IsObject()) throw FormatError("it is not a JSON object");
}

std::int64_t JsonFields::Int(std::string_view key) const {
  return BoundedInt(object_[key], key, std::numeric_limits<std::int64_t>::min(),
                    std::numeric_limits<std::int64_t>::max());
}

std::int64_t JsonFields::IntOr(std::string_view key, std::int64_t otherwise) const {
  return MaybeInt(key).value_or(otherwise);
}

std::optional<std::int64_t> JsonFields::MaybeInt(std::string_view key) const {
  if (object_[key].IsNull()) return std::nullopt;
  return Int(key);
}

std::uint64_t JsonFields::Count(std::string_view key) const {
  return static_cast<std::uint64_t>(BoundedInt(object_[key], key, 0, kMostNanos));
}

int JsonFields::SmallInt(std::string_view key) const {
  return static_cast<int>(BoundedInt(object_[key], key, 0, std::numeric_limits<int>::max()));
}

std::optional<std::uint64_t> JsonFields::MaybeCount(std::string_view key) const {
  if (object_[key].IsNull()) return std::nullopt;
  return Count(key);
}

std::uint64_t JsonFields::CountOr(std::string_view key, std::uint64_t otherwise) const {
  return object_[key].IsNull() ? otherwise : Count(key);
}

double JsonFields::Double(std::string_view key) const {
  const std::optional<double> value = object_[key].AsDouble();
  if (!value) throw Wrong(key, "a number");
  return *value;
}

std::optional<double> JsonFields::MaybeDouble(std::string_view key) const {
  if (object_[key].IsNull()) return std::nullopt;
  return Double(key);
}

bool JsonFields::Flag(std::string_view key) const {
  if (object_[key].IsNull()) return false;
  const std::optional<bool> value = object_[key].AsBool();
  if (!value) throw Wrong(key, "true or false");
  return *value;
}

std::string JsonFields::Text(std::string_view key) const {
  const auto value = object_[key].AsString();
  if (!value) throw Wrong(key, "a string");
  return std::string(*value);
}

std::string JsonFields::TextOr(std::string_view key, std::string_view otherwise) const {
  return MaybeText(key).value_or(std::string(otherwise));
}

std::optional<std::string> JsonFields::MaybeText(std::string_view key) const {
  if (object_[key].IsNull()) return std::nullopt;
  return Text(key);
}

Instant JsonFields::At(std::string_view key) const {
  return Instant{Nanos{BoundedInt(object_[key], key, -kMostNanos, kMostNanos)}};
}

std::optional<Instant> JsonFields::MaybeAt(std::string_view key) const {
  if (object_[key].IsNull()) return std::nullopt;
  return At(key);
}

std::optional<Nanos> JsonFields::MaybeSpan(std::string_view key) const {
  const auto at = MaybeAt(key);
  if (!at) return std::nullopt;
  return at->time_since_epoch();
}

std::optional<Nanos> JsonFields::MaybeSeconds(std::string_view key) const {
  if (object_[key].IsNull()) return std::nullopt;
  constexpr double kMost = 1e9;
  const double seconds = Double(key);
  if (seconds < 0 || seconds > kMost) {
    throw Wrong(key, fmt::format("a number of seconds from 0 to {}", kMost));
  }
  return Nanos{std::llround(seconds * 1e9)};
}

JsonView JsonFields::Array(std::string_view key) const {
  if (!object_[key].IsArray()) throw Wrong(key, "an array");
  return object_[key];
}

JsonFields JsonFields::Object(std::string_view key) const {
  if (!object_[key].IsObject()) throw Wrong(key, "an object");
  return JsonFields(object_[key]);
}

std::optional<JsonFields> JsonFields::MaybeObject(std::string_view key) const {
  if (object_[key].IsNull()) return std::nullopt;
  return Object(key);
}

std::vector<std::string> JsonFields::Texts(std::string_view key) const {
  std::vector<std::string> texts;
  if (object_[key].IsNull()) return texts;
  const JsonView array = Array(key);
  for (std::size_t i = 0; i < array.size(); ++i) {
    const auto text = array.At(i).AsString();
    if (!text) throw Wrong(key, "an array of strings");
    texts.emplace_back(*text);
  }
  return texts;
}

std::vector<std::pair<std::string, std::string>> JsonFields::TextMembers(
    std::string_view key) const {
  std::vector<std::pair<std::string, std::string>> texts;
  const JsonFields object = Object(key);
  for (const JsonView::Member& member : object.view().Members()) {
    texts.emplace_back(std::string(member.name), object.Text(member.name));
  }
  return texts;
}

}  // namespace sseprof
