#include "net/loop_teller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <vector>

#include "net/loop_log.h"

namespace sseprof::loop_teller_test {
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

TEST(LoopTellerTest, TellsWhatWasOncePerPeriod) {
  LoopLog log;
  LoopTeller teller(&log);
  teller.Begin(kBegin);
  teller.Opened();
  teller.Opened();
  teller.Closed();
  teller.Read(3us);
  teller.Read(5us);
  teller.Turned(kBegin + 50ms - 1ns, 1ms);
  EXPECT_TRUE(log.busies.empty());
  teller.Turned(kBegin + 50ms, 2ms);
  teller.Turned(kBegin + 100ms, 2ms);  // with nothing new
  EXPECT_EQ(log.opened, 2);
  EXPECT_EQ(log.closed, 1);
  EXPECT_THAT(log.reads, ElementsAre(3us, 5us));
}

TEST(LoopTellerTest, TellsTheRestWhenAsked) {
  LoopLog log;
  LoopTeller teller(&log);
  teller.Begin(kBegin);
  teller.Read(3us);
  teller.TellRest(4ms);
  EXPECT_THAT(log.reads, ElementsAre(3us));
  EXPECT_THAT(log.busies, ElementsAre(4ms));
  EXPECT_TRUE(log.lags.empty());
}

TEST(LoopTellerTest, TellsWhatCameLaterWhenItEnds) {
  LoopLog log;
  {
    LoopTeller teller(&log);
    teller.Begin(kBegin);
    teller.TellRest(4ms);
    teller.Closed();
  }
  EXPECT_EQ(log.closed, 1);
  EXPECT_THAT(log.busies, ElementsAre(4ms, 0ms));
}

TEST(LoopTellerTest, LosesNoReadHoweverManyComeInAPeriod) {
  LoopLog log;
  LoopTeller teller(&log);
  teller.Begin(kBegin);
  std::vector<Nanos> all;
  for (int i = 0; i < 5'000; ++i) {
    all.emplace_back(i);
    teller.Read(all.back());
  }
  teller.Turned(kBegin + 50ms, 2ms);
  EXPECT_EQ(log.reads, all);
  EXPECT_EQ(std::accumulate(log.busies.begin(), log.busies.end(), Nanos{0}), 2ms);
  EXPECT_EQ(log.lags.size(), 1u);
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

TEST(LoopTellerTest, TellsWhatBusyTimeHasComeSinceItToldLast) {
  LoopLog log;
  LoopTeller teller(&log);
  teller.Begin(kBegin);
  teller.Turned(kBegin + 50ms, 2ms);
  teller.Turned(kBegin + 100ms, 2ms);
  teller.Turned(kBegin + 150ms, 7ms);
  EXPECT_THAT(log.busies, ElementsAre(2ms, 0ms, 5ms));
}

}  // namespace
}  // namespace sseprof::loop_teller_test
