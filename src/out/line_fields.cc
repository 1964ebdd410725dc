#include "out/line_fields.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "out/record_parse.h"

namespace sseprof {
namespace {

LineError Wrong(std::string_view key, std::string_view wanted) {
  return LineError(fmt::format("'{}' is not {}", key, wanted));
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

LineFields::LineFields(JsonView object) : object_(object) {
  if (!object_.IsObject()) throw LineError("it is not a JSON object");
}

std::int64_t LineFields::Int(std::string_view key) const {
  return BoundedInt(object_[key], key, std::numeric_limits<std::int64_t>::min(),
                    std::numeric_limits<std::int64_t>::max());
}

std::int64_t LineFields::IntOr(std::string_view key, std::int64_t otherwise) const {
  return MaybeInt(key).value_or(otherwise);
}

std::optional<std::int64_t> LineFields::MaybeInt(std::string_view key) const {
  if (object_[key].IsNull()) return std::nullopt;
  return Int(key);
}

std::uint64_t LineFields::Count(std::string_view key) const {
  return static_cast<std::uint64_t>(BoundedInt(object_[key], key, 0, kMostNanos));
}

int LineFields::SmallInt(std::string_view key) const {
  return static_cast<int>(BoundedInt(object_[key], key, 0, std::numeric_limits<int>::max()));
}

double LineFields::Double(std::string_view key) const {
  const std::optional<double> value = object_[key].AsDouble();
  if (!value) throw Wrong(key, "a number");
  return *value;
}

bool LineFields::Flag(std::string_view key) const {
  if (object_[key].IsNull()) return false;
  const std::optional<bool> value = object_[key].AsBool();
  if (!value) throw Wrong(key, "true or false");
  return *value;
}

std::string LineFields::Text(std::string_view key) const {
  const auto value = object_[key].AsString();
  if (!value) throw Wrong(key, "a string");
  return std::string(*value);
}

std::string LineFields::TextOr(std::string_view key, std::string_view otherwise) const {
  return MaybeText(key).value_or(std::string(otherwise));
}

std::optional<std::string> LineFields::MaybeText(std::string_view key) const {
  if (object_[key].IsNull()) return std::nullopt;
  return Text(key);
}

Instant LineFields::At(std::string_view key) const {
  return Instant{Nanos{BoundedInt(object_[key], key, -kMostNanos, kMostNanos)}};
}

std::optional<Instant> LineFields::MaybeAt(std::string_view key) const {
  if (object_[key].IsNull()) return std::nullopt;
  return At(key);
}

std::optional<Nanos> LineFields::MaybeSpan(std::string_view key) const {
  const auto at = MaybeAt(key);
  if (!at) return std::nullopt;
  return at->time_since_epoch();
}

std::optional<Nanos> LineFields::MaybeSeconds(std::string_view key) const {
  if (object_[key].IsNull()) return std::nullopt;
  constexpr double kMost = 1e9;
  const double seconds = Double(key);
  if (seconds < 0 || seconds > kMost) {
    throw Wrong(key, fmt::format("a number of seconds from 0 to {}", kMost));
  }
  return Nanos{std::llround(seconds * 1e9)};
}

JsonView LineFields::Array(std::string_view key) const {
  if (!object_[key].IsArray()) throw Wrong(key, "an array");
  return object_[key];
}

LineFields LineFields::Object(std::string_view key) const {
  if (!object_[key].IsObject()) throw Wrong(key, "an object");
  return LineFields(object_[key]);
}

}  // namespace sseprof
