#include "selfcheck/core_load.h"

#include <gtest/gtest.h>

namespace sseprof::core_load_test {
namespace {

TEST(ParseProcStat, ReadsEveryCore) {
  const auto cores = ParseProcStat(
      "cpu  3 0 3 30 3 3 3 3 0 0\n"
      "cpu0 1 2 3 40 5 6 7 8 9 10\n"
      "cpu12 10 20 30 400 50 60 70 80\n"
      "intr 12 0\n");
  ASSERT_EQ(cores.size(), 2u);
  EXPECT_EQ(cores.at(0).idle, 45);
  EXPECT_EQ(cores.at(0).interrupts, 13);
  EXPECT_EQ(cores.at(0).stolen, 8);
  EXPECT_EQ(cores.at(12).idle, 450);
}

TEST(ParseProcStat, GivesUpOnAnotherForm) {
  EXPECT_TRUE(ParseProcStat("").empty());
  EXPECT_TRUE(ParseProcStat("cpu0 1 2 3\n").empty());
}

/// Ten seconds on two cores; each was idle for so many.
class Others : public testing::Test {
 protected:
  void Idle(int core, double seconds, double stolen_s = 0) {
    window_.before[core] = {.idle = 1000, .interrupts = 100, .stolen = 10};
    window_.after[core] = {.idle = 1000 + static_cast<std::int64_t>(seconds * 100),
                           .interrupts = 100,
                           .stolen = 10 + static_cast<std::int64_t>(stolen_s * 100)};
  }
  CoreLoad Load() const { return LoadOfOthers(window_, cores_).value(); }

  CoreWindow window_{.wall_s = 10, .server_cpu_s = 1, .client_cpu_s = 2};
  CorePlan cores_{.server = {0}, .client = {1}};
};

TEST_F(Others, AreWhatIsBusyWithoutUs) {
  Idle(0, 9);
  Idle(1, 5);
  EXPECT_NEAR(Load().server, 0, 1e-9);
  EXPECT_NEAR(Load().client, 0.3, 1e-9);
  EXPECT_EQ(Load().stolen, 0);
}

TEST_F(Others, AreNeverLessThanNone) {
  Idle(0, 9.5);
  Idle(1, 10);
  EXPECT_EQ(Load().server, 0);
  EXPECT_EQ(Load().client, 0);
}

TEST_F(Others, AreNotInterrupts) {
  Idle(0, 5);
  Idle(1, 8);
  window_.after[0].interrupts += 400;
  EXPECT_NEAR(Load().server, 0, 1e-9);
}

TEST_F(Others, AreNotTheHost) {
  Idle(0, 8, 1);
  Idle(1, 8);
  EXPECT_NEAR(Load().server, 0, 1e-9);
  EXPECT_NEAR(Load().stolen, 0.1, 1e-9);
}

TEST_F(Others, MayHaveTheCoresThatWeDoNotNeed) {
  cores_.client = {1, 2, 3};
  Idle(0, 9);
  Idle(1, 8);
  Idle(2, 0);
  Idle(3, 0);
  EXPECT_NEAR(Load().client, 0, 1e-9);
  window_.threads = 2;
  EXPECT_NEAR(Load().client, 0.5, 1e-9);
}

TEST_F(Others, ShareOneCoreWithBothOfUs) {
  cores_ = {.server = {0}, .client = {0}, .shared = true};
  Idle(0, 6);
  EXPECT_NEAR(Load().server, 0.1, 1e-9);
  EXPECT_NEAR(Load().client, 0.1, 1e-9);
}

TEST_F(Others, AreUnknownWithoutFigures) {
  Idle(0, 9);
  EXPECT_FALSE(LoadOfOthers(window_, cores_).has_value());
  Idle(1, 9);
  window_.wall_s = 0;
  EXPECT_FALSE(LoadOfOthers(window_, cores_).has_value());
}

}  // namespace
}  // namespace sseprof::core_load_test
