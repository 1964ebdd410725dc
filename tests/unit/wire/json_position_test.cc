#include "wire/json_position.h"

#include <gtest/gtest.h>

#include "wire/json.h"

namespace sseprof::json_position_test {
namespace {

constexpr char kText[] = R"({
  // the first
  "name": "x",
  "variants": [
    {"name": "a"}, /* and
    */ {"name": "b", "list": [1, "zwei", {"deep": null}],},
  ],
  "größe": 3
})";

TEST(JsonPosition, IsWhereAValueBegins) {
  EXPECT_EQ(PositionOf(kText, {}), (TextPosition{1, 1}));
  EXPECT_EQ(PositionOf(kText, {"name"}), (TextPosition{3, 11}));
  EXPECT_EQ(PositionOf(kText, {"variants"}), (TextPosition{4, 15}));
  EXPECT_EQ(PositionOf(kText, {"variants", "0", "name"}), (TextPosition{5, 14}));
  EXPECT_EQ(PositionOf(kText, {"variants", "1"}), (TextPosition{6, 8}));
  EXPECT_EQ(PositionOf(kText, {"variants", "1", "list", "1"}), (TextPosition{6, 34}));
  EXPECT_EQ(PositionOf(kText, {"variants", "1", "list", "2", "deep"}), (TextPosition{6, 51}));
  EXPECT_EQ(PositionOf(kText, {"größe"}), (TextPosition{8, 12}));
}

TEST(JsonPosition, IsThatOfTheLastValueOnTheWayWhereThereIsNone) {
  EXPECT_EQ(PositionOf(kText, {"variants", "0", "command"}), (TextPosition{5, 5}));
  EXPECT_EQ(PositionOf(kText, {"variants", "7", "name"}), (TextPosition{4, 15}));
  EXPECT_EQ(PositionOf(kText, {"none"}), (TextPosition{1, 1}));
}

TEST(JsonWithComments, IsReadWhereItIsAskedFor) {
  const JsonDocument document = JsonDocument::Parse(kText, JsonDocument::Dialect::kWithComments);
  EXPECT_EQ(document.root()["variants"].size(), 2u);
  EXPECT_EQ(document.root()["variants"].At(1)["list"].size(), 3u);
  EXPECT_THROW(JsonDocument::Parse(kText), JsonError);
}

}  // namespace
}  // namespace sseprof::json_position_test
