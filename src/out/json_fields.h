#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseprof/time.h"
#include "wire/json.h"

namespace sseprof {

/// JSON that is not of the expected form; what() says why, without file and line.
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Takes typed values out of an object of a record line or a summary. Each throws FormatError
/// naming the key where the value has another type, or is out of bounds; the plain ones also where
/// it is missing. Times are bounded so that their sums can't overflow.
class JsonFields {
 public:
  explicit JsonFields(JsonView object);

  std::int64_t Int(std::string_view key) const;
  std::int64_t IntOr(std::string_view key, std::int64_t otherwise) const;
  std::optional<std::int64_t> MaybeInt(std::string_view key) const;
  std::uint64_t Count(std::string_view key) const;
  int SmallInt(std::string_view key) const;
  std::optional<std::uint64_t> MaybeCount(std::string_view key) const;
  std::uint64_t CountOr(std::string_view key, std::uint64_t otherwise) const;
  double Double(std::string_view key) const;
  std::optional<double> MaybeDouble(std::string_view key) const;
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
  JsonFields Object(std::string_view key) const;
  std::optional<JsonFields> MaybeObject(std::string_view key) const;
  std::vector<std::string> Texts(std::string_view key) const;  ///< an array's; none if missing
  /// The members of an object of texts, in their order.
  std::vector<std::pair<std::string, std::string>> TextMembers(std::string_view key) const;

  JsonView operator[](std::string_view key) const { return object_[key]; }
  JsonView view() const { return object_; }

 private:
  JsonView object_;
};

/// An integer within the bounds. @throws FormatError naming `what`
std::int64_t BoundedInt(JsonView value, std::string_view what, std::int64_t least,
                        std::int64_t most);

/// Bound of every time in nanoseconds: 36 years.
inline constexpr std::int64_t kMostNanos = std::int64_t{1} << 60;

}  // namespace sseprof
