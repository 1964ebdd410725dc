#include "net/loop_teller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "net/loop_log.h"

namespace sseprof {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr Instant kBegin{3s};

TEST(LoopTellerTest, WithoutASinkItNeverAsksTheLoopToTurn) {
  LoopTeller silent(nullptr);
  EXPECT_FALSE(silent.tells());
  EXPECT_FALSE(silent.is_new());
  EXPECT_EQ(silent.due(), kNever);
  silent.Read(1ms);
  silent.Opened();
  silent.Closed();
}

TEST(LoopTellerTest, PassesOnReadsAndConnections) {
  LoopLog log;
  LoopTeller teller(&log);
  teller.Opened();
  teller.Opened();
  teller.Closed();
  teller.Read(3us);
  EXPECT_EQ(log.opened, 2);
  EXPECT_EQ(log.closed, 1);
  EXPECT_THAT(log.reads, ElementsAre(3us));
}

TEST(LoopTellerTest, LooksFirstOnePeriodAfterTheBegin) {
  LoopLog log;
  LoopTeller teller(&log);
  EXPECT_TRUE(teller.is_new());
  teller.Begin(kBegin);
  EXPECT_FALSE(teller.is_new());
  EXPECT_EQ(teller.due(), kBegin + 50ms);
  teller.Turned(kBegin + 50ms - 1ns, 0ns);
  EXPECT_TRUE(log.lags.empty());
  teller.Turned(kBegin + 50ms, 0ns);
  EXPECT_THAT(log.lags, ElementsAre(0ns));
  EXPECT_EQ(teller.due(), kBegin + 100ms);
}

TEST(LoopTellerTest, TellsOnlyTheLongestOfWhatWasDueMeanwhileAndKeepsItsBeat) {
  LoopLog log;
  LoopTeller teller(&log);
  teller.Begin(kBegin);
  teller.Turned(kBegin + 175ms, 0ns);
  EXPECT_THAT(log.lags, ElementsAre(125ms));
  EXPECT_EQ(teller.due(), kBegin + 200ms);
  teller.Turned(kBegin + 250ms, 0ns);
  EXPECT_THAT(log.lags, ElementsAre(125ms, 50ms));
  EXPECT_EQ(teller.due(), kBegin + 300ms);
}

TEST(LoopTellerTest, TellsWhatBusyTimeHasComeSinceTheLastTurn) {
  LoopLog log;
  LoopTeller teller(&log);
  teller.Begin(kBegin);
  teller.Turned(kBegin, 2ms);
  teller.Turned(kBegin, 2ms);
  teller.Turned(kBegin, 7ms);
  EXPECT_THAT(log.busies, ElementsAre(2ms, 0ms, 5ms));
}

}  // namespace
}  // namespace sseprof
