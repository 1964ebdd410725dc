#pragma once

#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <string>

#include "unit/temp_dir.h"

namespace sseprof {

/// A JSON Schema of the project, to hold documents against.
class SchemaCheck {
 public:
  /// @param path  within the source tree
  explicit SchemaCheck(const std::string& path)
      : source_(Parsed(ReadFile(SSEPROF_SOURCE_DIR + path))), schema_(source_) {}

  /// Where a document breaks the schema; empty: nowhere.
  std::string Violation(const std::string& text) const {
    const rapidjson::Document document = Parsed(text);
    rapidjson::SchemaValidator validator(schema_);
    if (document.Accept(validator)) return "";
    rapidjson::StringBuffer place;
    validator.GetInvalidDocumentPointer().StringifyUriFragment(place);
    return std::string(place.GetString()) + " " + validator.GetInvalidSchemaKeyword();
  }

  /// Paths of properties without a description, a line each.
  std::string Undescribed() const {
    std::string out;
    Collect(source_, "", out);
    for (const auto& definition : source_["definitions"].GetObject()) {
      Collect(definition.value, definition.name.GetString(), out);
    }
    return out;
  }

 private:
  static rapidjson::Document Parsed(const std::string& text) {
    rapidjson::Document document;
    document.Parse(text.c_str());
    EXPECT_FALSE(document.HasParseError()) << document.GetErrorOffset();
    return document;
  }

  static void Collect(const rapidjson::Value& schema, const std::string& path, std::string& out) {
    if (!schema.IsObject()) return;
    if (schema.HasMember("properties")) {
      for (const auto& property : schema["properties"].GetObject()) {
        const std::string name = path + "/" + property.name.GetString();
        // Names of failures and quantiles speak for themselves.
        if (path != "/failures" && !property.value.HasMember("description")) out += name + "\n";
        Collect(property.value, name, out);
      }
    }
    if (schema.HasMember("items")) Collect(schema["items"], path + "[]", out);
  }

  const rapidjson::Document source_;
  const rapidjson::SchemaDocument schema_;
};

}  // namespace sseprof
