#include "sim/api_bodies.h"

#include <gtest/gtest.h>

#include "wire/json.h"

namespace sseprof::api_bodies_test {
namespace {

TEST(ApiBodies, ErrorIsAnObjectWithANumericCode) {
  EXPECT_EQ(ErrorBody({404, "No \"x\"."}),
            R"({"error":{"message":"No \"x\".","type":"NotFoundError","param":null,"code":404}})");
  EXPECT_EQ(ErrorBody({400, "Bad."}),
            R"({"error":{"message":"Bad.","type":"BadRequestError","param":null,"code":400}})");
}

TEST(ApiBodies, ModelsListsTheOneModel) {
  const auto body = JsonDocument::Parse(ModelsBody("a/b", 12));
  ASSERT_EQ(body.root()["data"].size(), 1);
  EXPECT_EQ(body.root()["data"].At(0)["id"].AsString(), "a/b");
  EXPECT_EQ(body.root()["data"].At(0)["created"].AsInt(), 12);
  EXPECT_EQ(body.root()["data"].At(0)["max_model_len"].AsInt(), 40960);
}

}  // namespace
}  // namespace sseprof::api_bodies_test
