#include "out/json_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace sseprof::json_fields_test {
namespace {

using testing::HasSubstr;

class JsonFieldsTest : public testing::Test {
 protected:
  const JsonDocument document_ = JsonDocument::Parse(
      R"({"int":-5,"text":"x","flag":true,"double":0.5,"null":null,"array":[1],"object":{"a":1},)"
      R"("huge":1152921504606846977,"whole":7})");
  const JsonFields fields_{document_.root()};
};

TEST_F(JsonFieldsTest, TakesWhatMayBeMissing) {
  EXPECT_EQ(fields_.MaybeDouble("double"), 0.5);
  EXPECT_EQ(fields_.MaybeDouble("null"), std::nullopt);
  EXPECT_EQ(fields_.CountOr("whole", 9), 7u);
  EXPECT_EQ(fields_.CountOr("missing", 9), 9u);
  EXPECT_FALSE(fields_.MaybeObject("missing").has_value());
  EXPECT_EQ(fields_.MaybeObject("object")->Int("a"), 1);
  EXPECT_TRUE(fields_.Texts("missing").empty());
}

TEST_F(JsonFieldsTest, TakesTexts) {
  const JsonDocument document =
      JsonDocument::Parse(R"({"list":["b","a"],"map":{"z":"1","y":"2"},"mixed":["b",1]})");
  const JsonFields fields(document.root());
  EXPECT_THAT(fields.Texts("list"), testing::ElementsAre("b", "a"));
  EXPECT_THAT(fields.TextMembers("map"),
              testing::ElementsAre(testing::Pair("z", "1"), testing::Pair("y", "2")));
  EXPECT_THROW(fields.Texts("mixed"), FormatError);
  EXPECT_THROW(fields.TextMembers("list"), FormatError);
}

TEST_F(JsonFieldsTest, TakesValuesByType) {
  EXPECT_EQ(fields_.Int("int"), -5);
  EXPECT_EQ(fields_.IntOr("null", 9), 9);
  EXPECT_EQ(fields_.IntOr("whole", 9), 7);
  EXPECT_EQ(fields_.MaybeInt("missing"), std::nullopt);
  EXPECT_EQ(fields_.Count("whole"), 7u);
  EXPECT_EQ(fields_.SmallInt("whole"), 7);
  EXPECT_EQ(fields_.Double("double"), 0.5);
  EXPECT_EQ(fields_.Double("whole"), 7.0);
  EXPECT_TRUE(fields_.Flag("flag"));
  EXPECT_FALSE(fields_.Flag("missing"));
  EXPECT_EQ(fields_.Text("text"), "x");
  EXPECT_EQ(fields_.TextOr("null", "y"), "y");
  EXPECT_EQ(fields_.MaybeText("null"), std::nullopt);
  EXPECT_EQ(fields_.At("whole"), Instant{Nanos{7}});
  EXPECT_EQ(fields_.MaybeAt("null"), std::nullopt);
  EXPECT_EQ(fields_.MaybeSpan("whole"), Nanos{7});
  EXPECT_EQ(fields_.MaybeSeconds("double"), Nanos{500'000'000});
  EXPECT_EQ(fields_.MaybeSeconds("whole"), Nanos{7'000'000'000});
  EXPECT_EQ(fields_.MaybeSeconds("null"), std::nullopt);
  EXPECT_EQ(fields_.MaybeSeconds("missing"), std::nullopt);
  EXPECT_EQ(fields_.Array("array").size(), 1u);
  EXPECT_EQ(fields_.Object("object").Int("a"), 1);
}

TEST_F(JsonFieldsTest, NamesTheKeyThatIsWrong) {
  const std::vector<std::pair<const char*, std::function<void()>>> wrong = {
      {"'text'", [&] { fields_.Int("text"); }},
      {"'missing'", [&] { fields_.Int("missing"); }},
      {"'double'", [&] { fields_.MaybeInt("double"); }},
      {"'int'", [&] { fields_.Count("int"); }},
      {"'huge'", [&] { fields_.SmallInt("huge"); }},
      {"'huge'", [&] { fields_.At("huge"); }},
      {"'int'", [&] { fields_.MaybeSeconds("int"); }},
      {"'huge'", [&] { fields_.MaybeSeconds("huge"); }},
      {"'text'", [&] { fields_.MaybeSeconds("text"); }},
      {"'text'", [&] { fields_.Double("text"); }},
      {"'whole'", [&] { fields_.Flag("whole"); }},
      {"'whole'", [&] { fields_.Text("whole"); }},
      {"'null'", [&] { fields_.Text("null"); }},
      {"'object'", [&] { fields_.Array("object"); }},
      {"'array'", [&] { fields_.Object("array"); }},
  };
  for (const auto& [name, take] : wrong) {
    try {
      take();
      ADD_FAILURE() << name << " was taken";
    } catch (const FormatError& error) {
      EXPECT_THAT(error.what(), HasSubstr(name));
    }
  }
}

TEST_F(JsonFieldsTest, TakesObjectsOnly) {
  EXPECT_THROW(JsonFields(document_.root()["array"]), FormatError);
}

}  // namespace
}  // namespace sseprof::json_fields_test
