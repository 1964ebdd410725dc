#include "cli/core_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace sseprof::core_plan_test {
namespace {

using testing::ElementsAre;

TEST(PlanCores, GivesTheServerTheFirst) {
  const CorePlan plan = PlanCores({2, 5, 6});
  EXPECT_THAT(plan.server, ElementsAre(2));
  EXPECT_THAT(plan.client, ElementsAre(5, 6));
  EXPECT_FALSE(plan.shared);
}

TEST(PlanCores, SharesTheOnlyOne) {
  const CorePlan plan = PlanCores({4});
  EXPECT_THAT(plan.server, ElementsAre(4));
  EXPECT_THAT(plan.client, ElementsAre(4));
  EXPECT_TRUE(plan.shared);
}

TEST(PinTo, KeepsAThreadThere) {
  const std::vector<int> before = AllowedCores();
  ASSERT_FALSE(before.empty());
  std::thread([&] {
    EXPECT_TRUE(PinTo({before.back()}));
    EXPECT_THAT(AllowedCores(), ElementsAre(before.back()));
  }).join();
  EXPECT_EQ(AllowedCores(), before);
}

TEST(PinTo, SaysWhereItCannot) { EXPECT_FALSE(PinTo({1023})); }

}  // namespace
}  // namespace sseprof::core_plan_test
