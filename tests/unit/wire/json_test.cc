#include "wire/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sseprof::json_test {
namespace {

std::string Problem(std::string_view text) {
  try {
    JsonDocument::Parse(text);
  } catch (const JsonError& error) {
    return error.what();
  }
  return "";
}

TEST(Json, ReadsEveryTypeOfValue) {
  const auto doc = JsonDocument::Parse(R"({"n":null,"b":true,"i":-7,"d":1.5,"s":"x","a":[1,2]})");
  const JsonView root = doc.root();
  EXPECT_TRUE(root.IsObject());
  EXPECT_EQ(root.size(), 6U);
  EXPECT_TRUE(root["n"].IsNull());
  EXPECT_TRUE(root.Has("n"));
  EXPECT_EQ(root["b"].AsBool(), true);
  EXPECT_EQ(root["i"].AsInt(), -7);
  EXPECT_EQ(root["i"].AsDouble(), -7.0);
  EXPECT_EQ(root["d"].AsDouble(), 1.5);
  EXPECT_EQ(root["s"].AsString(), "x");
  EXPECT_TRUE(root["a"].IsArray());
  EXPECT_EQ(root["a"].At(1).AsInt(), 2);
}

TEST(Json, WhatIsMissingReadsAsNull) {
  const auto doc = JsonDocument::Parse(R"({"a":[1]})");
  const JsonView root = doc.root();
  EXPECT_TRUE(root["x"]["y"].At(3)["z"].IsNull());
  EXPECT_FALSE(root.Has("x"));
  EXPECT_TRUE(root["a"].At(1).IsNull());
  EXPECT_TRUE(root["a"]["key"].IsNull());
  EXPECT_EQ(JsonView().AsString(), std::nullopt);
  EXPECT_EQ(JsonView().size(), 0U);
  EXPECT_TRUE(JsonView().Members().empty());
}

TEST(Json, ValuesOfAnotherTypeAreAbsent) {
  const auto doc = JsonDocument::Parse(R"({"s":"1","d":2.0,"u":18446744073709551615,"i":1})");
  const JsonView root = doc.root();
  EXPECT_EQ(root["s"].AsInt(), std::nullopt);
  EXPECT_EQ(root["d"].AsInt(), std::nullopt);
  EXPECT_EQ(root["u"].AsInt(), std::nullopt);
  EXPECT_EQ(root["u"].AsDouble(), 18446744073709551615.0);
  EXPECT_EQ(root["i"].AsBool(), std::nullopt);
  EXPECT_EQ(root["i"].AsString(), std::nullopt);
}

TEST(Json, MembersKeepTheirOrder) {
  const auto doc = JsonDocument::Parse(R"({"z":1,"a":2})");
  const auto members = doc.root().Members();
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].name, "z");
  EXPECT_EQ(members[1].value.AsInt(), 2);
}

TEST(Json, TextIsCompactJsonOfTheValue) {
  const std::string text =
      R"({"a":[1,-2,18446744073709551615,0.1,1e+300,true,false,null,[],{}],"s":"\n\u0000é","o":{"k":"v"}})";
  EXPECT_EQ(JsonDocument::Parse(text).root().Text(), text);
  EXPECT_EQ(JsonDocument::Parse(R"( { "a" : [ 1 , 2 ] } )").root()["a"].Text(), "[1,2]");
  EXPECT_EQ(JsonView().Text(), "null");
}

TEST(Json, SaysWhereTheTextIsBad) {
  EXPECT_EQ(Problem(""), "The document is empty at line 1, column 1");
  EXPECT_EQ(Problem("{\"a\": tru}"), "Invalid value at line 1, column 10");
  EXPECT_EQ(Problem("{\n  \"é\": x}"), "Invalid value at line 2, column 8");
  EXPECT_EQ(Problem("{} {}"),
            "The document root must not be followed by other values at line 1, column 4");
}

TEST(Json, IsStrict) {
  const std::vector<std::string_view> bad = {
      "NaN", "[Infinity]", "[1,]", "{'a':1}", "// x\n1", "[01]", "\"\xFF\"", "\"\t\"", "nul",
  };
  for (const std::string_view text : bad) EXPECT_NE(Problem(text), "") << text;
}

TEST(Json, AControlCharacterInAStringIsRefusedAtEveryPlace) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text = "{\"k\":\"" + std::string(size, 'x') + "\"}";
      ASSERT_EQ(Problem(text), "");
      for (char bad = 0; bad < 0x20; ++bad) {
        text[6 + at] = bad;
        ASSERT_NE(Problem(text), "") << int{bad} << " at " << at << " of " << size;
      }
    }
  }
}

TEST(Json, NumbersAreTheNearestDoubles) {
  const std::vector<std::pair<std::string, double>> cases = {
      {"0.1", 0.1},
      {"-0.0", -0.0},
      {"1e23", 1e23},
      {"9007199254740993.0", 9007199254740992.0},
      {"2.2250738585072011e-308", 2.2250738585072011e-308},
      {"4.9e-324", std::numeric_limits<double>::denorm_min()},
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"36893488147419103232", 36893488147419103232.0},
  };
  for (const auto& [text, value] : cases) {
    EXPECT_EQ(JsonDocument::Parse(text).root().AsDouble(), value) << text;
  }
}

TEST(Json, ANumberBelowAllDoublesIsZeroAndOneAboveThemIsRefused) {
  EXPECT_EQ(JsonDocument::Parse("1e-999").root().AsDouble(), 0.0);
  EXPECT_EQ(JsonDocument::Parse("-1e-400").root().AsDouble(), 0.0);
  for (const std::string_view text : {"1e309", "-1e309", "1.8e308", "1e99999999999"}) {
    EXPECT_THAT(Problem(text), testing::StartsWith("Number too big")) << text;
  }
}

TEST(Json, ZeroMayHaveAnyExponent) {
  for (const std::string_view text : {"0e090", "0E-5", "0e+7", "0.000e90"}) {
    EXPECT_EQ(JsonDocument::Parse(text).root().AsDouble(), 0.0) << text;
  }
  EXPECT_NE(Problem("0e090\xFF"), "");
}

TEST(Json, ANulByteDoesNotHideWhatFollows) {
  EXPECT_EQ(Problem(std::string_view("{}\0{}", 5)), "Invalid character (NUL) at line 1, column 3");
}

TEST(Json, DepthDoesNotMatter) {
  constexpr std::size_t kDepth = 1'000'000;
  const std::string text = std::string(kDepth, '[') + std::string(kDepth, ']');
  EXPECT_EQ(JsonDocument::Parse(text).root().Text(), text);
  EXPECT_NE(Problem(std::string(kDepth, '[')), "");
}

TEST(Json, ADocumentCanBeMoved) {
  auto doc = JsonDocument::Parse("[1]");
  const JsonView root = doc.root();
  const JsonDocument moved = std::move(doc);
  EXPECT_EQ(root.At(0).AsInt(), 1);
  EXPECT_EQ(moved.root().At(0).AsInt(), 1);
}

}  // namespace
}  // namespace sseprof::json_test
