#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseprof/time.h"
#include "wire/json.h"

namespace sseprof {

/// The text of a plan, to point into it where something is wrong.
struct PlanText {
  std::string_view text;
  const std::string& path;
};

/// A value in a plan, and the way to it. Whatever is not as it must be is refused with the place
/// where it stands. Cheap to copy; does not outlive the document.
class PlanField {
 public:
  PlanField(JsonView value, const PlanText& text) : value_(value), text_(&text) {}

  bool exists() const { return !value_.IsNull(); }
  JsonView view() const { return value_; }

  /// A member; one that does not exist if it is missing.
  PlanField operator[](const std::string& key) const;

  /// Refuses members of an object but these.
  void Only(std::initializer_list<std::string_view> keys) const;

  std::string Text() const;  ///< not empty
  std::string TextOr(const std::string& otherwise) const;
  std::int64_t IntOr(std::int64_t otherwise, std::int64_t least, std::int64_t most) const;
  std::vector<PlanField> List() const;  ///< not empty
  std::vector<std::string> Texts() const;
  /// Of an object, in its order.
  std::vector<std::pair<std::string, PlanField>> Members() const;
  std::vector<std::pair<std::string, std::string>> TextMembers() const;

  /// @throws UsageError "path:line:column: variants[1].name: why"
  [[noreturn]] void Refuse(std::string_view why) const;

 private:
  PlanField Step(JsonView value, std::string step) const;

  JsonView value_;
  const PlanText* text_;
  std::vector<std::string> way_;
};

}  // namespace sseprof
