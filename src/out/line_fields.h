#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sseprof/time.h"
#include "wire/json.h"

namespace sseprof {

/// Takes typed values out of an object of a record line. Each throws LineError naming the key
/// where the value has another type, or is out of bounds; the plain ones also where it is missing.
/// Times are bounded so that their sums can't overflow.
class LineFields {
 public:
  explicit LineFields(JsonView object);

  std::int64_t Int(std::string_view key) const;
  std::int64_t IntOr(std::string_view key, std::int64_t otherwise) const;
  std::optional<std::int64_t> MaybeInt(std::string_view key) const;
  std::uint64_t Count(std::string_view key) const;
  int SmallInt(std::string_view key) const;
  double Double(std::string_view key) const;
  bool Flag(std::string_view key) const;  ///< false if missing
  std::string Text(std::string_view key) const;
  std::string TextOr(std::string_view key, std::string_view otherwise) const;
  std::optional<std::string> MaybeText(std::string_view key) const;
  Instant At(std::string_view key) const;
  std::optional<Instant> MaybeAt(std::string_view key) const;
  std::optional<Nanos> MaybeSpan(std::string_view key) const;
  /// A number of seconds, 0 or more, to the nearest nanosecond.
  std::optional<Nanos> MaybeSeconds(std::string_view key) const;
  JsonView Array(std::string_view key) const;
  LineFields Object(std::string_view key) const;

  JsonView operator[](std::string_view key) const { return object_[key]; }
  JsonView view() const { return object_; }

 private:
  JsonView object_;
};

/// An integer within the bounds. @throws LineError naming `what`
std::int64_t BoundedInt(JsonView value, std::string_view what, std::int64_t least,
                        std::int64_t most);

/// Bound of every time in nanoseconds: 36 years.
inline constexpr std::int64_t kMostNanos = std::int64_t{1} << 60;

}  // namespace sseprof
