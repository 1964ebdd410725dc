#include "sim/sim_random.h"

#include <gtest/gtest.h>

namespace sseprof::sim_random_test {
namespace {

TEST(SimRandom, SameSeedAndKeyGiveTheSameNumbers) {
  SimRandom one{3, 4};
  SimRandom again{3, 4};
  SimRandom other_key{3, 5};
  SimRandom other_seed{4, 4};
  const std::uint64_t first = one.Next();
  EXPECT_EQ(first, again.Next());
  EXPECT_NE(first, other_key.Next());
  EXPECT_NE(first, other_seed.Next());
  EXPECT_NE(first, one.Next());
}

TEST(SimRandom, NumbersAreDistributedAsNamed) {
  SimRandom random{1, 0};
  constexpr int kDraws = 20000;
  double unit = 0;
  double normal = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.Unit();
    ASSERT_GT(u, 0);
    ASSERT_LE(u, 1);
    unit += u;
    const double z = random.Normal();
    normal += z;
    squares += z * z;
  }
  EXPECT_NEAR(unit / kDraws, 0.5, 0.01);
  EXPECT_NEAR(normal / kDraws, 0, 0.03);
  EXPECT_NEAR(squares / kDraws, 1, 0.05);
}

}  // namespace
}  // namespace sseprof::sim_random_test
