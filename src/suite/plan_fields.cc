#include "suite/plan_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sseprof/error.h"
#include "wire/json_position.h"

namespace sseprof {
namespace {

/// "variants[1].name"
std::string WayText(const std::vector<std::string>& way) {
  std::string text;
  for (const std::string& step : way) {
    const bool is_index = step.find_first_not_of("0123456789") == std::string::npos;
    if (is_index) {
      text += fmt::format("[{}]", step);
    } else {
      text += (text.empty() ? "" : ".") + step;
    }
  }
  return text;
}

}  // namespace

PlanField PlanField::Step(JsonView value, std::string step) const {
  PlanField field(value, *text_);
  field.way_ = way_;
  field.way_.push_back(std::move(step));
  return field;
}

PlanField PlanField::operator[](const std::string& key) const { return Step(value_[key], key); }

void PlanField::Only(std::initializer_list<std::string_view> keys) const {
  for (const auto& [name, field] : Members()) {
    if (std::find(keys.begin(), keys.end(), name) != keys.end()) continue;
    field.Refuse(fmt::format("there is no such key: use one of {}", fmt::join(keys, ", ")));
  }
}

std::string PlanField::Text() const {
  const auto text = value_.AsString();
  if (!text || text->empty()) Refuse("must be a text that is not empty");
  return std::string(*text);
}

std::string PlanField::TextOr(const std::string& otherwise) const {
  return exists() ? Text() : otherwise;
}

std::int64_t PlanField::IntOr(std::int64_t otherwise, std::int64_t least, std::int64_t most) const {
  if (!exists()) return otherwise;
  const auto number = value_.AsInt();
  if (!number || *number < least || *number > most) {
    Refuse(fmt::format("must be a whole number from {} to {}", least, most));
  }
  return *number;
}

std::vector<PlanField> PlanField::List() const {
  if (!value_.IsArray() || value_.size() == 0) Refuse("must be a list that is not empty");
  std::vector<PlanField> fields;
  for (std::size_t i = 0; i < value_.size(); ++i) {
    fields.push_back(Step(value_.At(i), std::to_string(i)));
  }
  return fields;
}

std::vector<std::string> PlanField::Texts() const {
  std::vector<std::string> texts;
  for (const PlanField& field : List()) texts.push_back(field.Text());
  return texts;
}

std::vector<std::pair<std::string, PlanField>> PlanField::Members() const {
  if (!value_.IsObject()) Refuse("must be an object, {..}");
  std::vector<std::pair<std::string, PlanField>> fields;
  for (const JsonView::Member& member : value_.Members()) {
    fields.emplace_back(std::string(member.name), Step(member.value, std::string(member.name)));
  }
  return fields;
}

std::vector<std::pair<std::string, std::string>> PlanField::TextMembers() const {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& [name, field] : Members()) {
    const auto text = field.value_.AsString();
    if (!text) field.Refuse("must be a text");
    texts.emplace_back(name, std::string(*text));
  }
  return texts;
}

void PlanField::Refuse(std::string_view why) const {
  const TextPosition at = PositionOf(text_->text, way_);
  const std::string way = WayText(way_);
  throw UsageError(fmt::format("{}:{}:{}: {}{}{}", text_->path, at.line, at.column, way,
                               way.empty() ? "" : ": ", why));
}

}  // namespace sseprof
