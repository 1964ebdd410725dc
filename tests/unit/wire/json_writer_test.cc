#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/json.h"

namespace sseprof::json_writer_test {
namespace {

std::string Written(double value) {
  JsonWriter writer;
  return std::string(writer.Double(value).text());
}

TEST(JsonWriter, PrettyLooksLikePythonWithIndentTwo) {
  JsonWriter writer(JsonWriter::Style::kPretty);
  writer.BeginObject().Member("a", 1).Key("b").BeginArray().Int(1).Bool(true).Null().EndArray();
  writer.Key("c").BeginObject().EndObject().Key("d").BeginArray().EndArray();
  writer.Key("e").BeginObject().Member("f", "g").EndObject().EndObject();
  EXPECT_EQ(writer.text(), R"({
  "a": 1,
  "b": [
    1,
    true,
    null
  ],
  "c": {},
  "d": [],
  "e": {
    "f": "g"
  }
})");
}

TEST(JsonWriter, CompactHasNoBlanks) {
  JsonWriter writer;
  writer.BeginObject().Member("a", std::int64_t{-1}).Member("b", 0.5).Member("c", false);
  writer.Member("d", std::optional<int>()).Member("e", std::optional(7)).EndObject();
  EXPECT_EQ(writer.text(), R"({"a":-1,"b":0.5,"c":false,"d":null,"e":7})");
}

TEST(JsonWriter, DoublesAreWrittenAsPythonWritesThem) {
  struct Row {
    double value;
    std::string_view text;
  };
  const std::vector<Row> rows = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {2.7731, "2.7731"},
      {0.1 + 0.2, "0.30000000000000004"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {0.0001, "0.0001"},
      {0.00001, "1e-05"},
      {123456789.125, "123456789.125"},
      {5e-324, "5e-324"},
      {-1.7976931348623157e308, "-1.7976931348623157e+308"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Written(row.value), row.text);
    EXPECT_EQ(JsonDocument::Parse(row.text).root().AsDouble(), row.value);
  }
}

TEST(JsonWriter, WhatIsNoNumberIsNull) {
  EXPECT_EQ(Written(std::nan("")), "null");
  EXPECT_EQ(Written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(Written(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriter, IntegersKeepTheirFullRange) {
  JsonWriter writer;
  writer.BeginArray();
  writer.Int(std::numeric_limits<std::int64_t>::min());
  writer.Uint(std::numeric_limits<std::uint64_t>::max()).EndArray();
  EXPECT_EQ(writer.text(), "[-9223372036854775808,18446744073709551615]");
}

TEST(JsonWriter, TextIsEscapedAndMended) {
  JsonWriter writer;
  writer.BeginObject().Member("k\xFF", std::string_view("\"\\\n\0\xC3\xA9\xC3", 7)).EndObject();
  EXPECT_EQ(writer.text(), "{\"k\xEF\xBF\xBD\":\"\\\"\\\\\\n\\u0000\xC3\xA9\xEF\xBF\xBD\"}");
}

TEST(JsonWriter, EveryControlCharacterIsEscapedHoweverLongTheText) {
  for (char c = 0; c < ' '; ++c) {
    const std::string text(100, c);
    JsonWriter writer;
    writer.BeginObject().Member(text, std::string_view(text)).EndObject();
    for (const char written : writer.text()) EXPECT_GE(written, ' ') << static_cast<int>(c);
    EXPECT_EQ(JsonDocument::Parse(writer.text()).root()[text].AsString(), text);
  }
}

TEST(JsonWriter, AnEmptyViewIsAnEmptyText) {
  JsonWriter writer;
  writer.BeginObject().Member("", std::string_view()).EndObject();
  EXPECT_EQ(writer.text(), R"({"":""})");
}

TEST(JsonWriter, RawTextIsTakenAsItIs) {
  JsonWriter writer;
  writer.BeginObject().Key("m").Raw(R"({"x": 1.50})").Member("n", 2).EndObject();
  EXPECT_EQ(writer.text(), R"({"m":{"x": 1.50},"n":2})");
}

TEST(JsonWriter, CanBeUsedAgainAfterClear) {
  for (const auto style : {JsonWriter::Style::kCompact, JsonWriter::Style::kPretty}) {
    JsonWriter writer(style);
    writer.BeginArray().Int(1).Int(2);
    writer.Clear();
    EXPECT_EQ(writer.text(), "");
    EXPECT_EQ(writer.BeginArray().EndArray().text(), "[]");
  }
}

}  // namespace
}  // namespace sseprof::json_writer_test
