#include "sseprof/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "unit/load/runner_fixture.h"

namespace sseprof::runner_test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

TEST_F(RunnerTest, TimesAreExact) {
  Run({.concurrency = 1, .requests = 1}, [](const auto&) { return Good(250ms, 20ms, 4); });
  ASSERT_EQ(records().size(), 1u);
  const RequestRecord& record = records()[0];
  EXPECT_TRUE(record.good()) << record.message;
  EXPECT_EQ(record.request_id, "r-0");
  EXPECT_EQ(record.max_tokens, 8);
  EXPECT_EQ(Ttft(record), 250ms);
  EXPECT_EQ(LastOutput(record), 310ms);
  EXPECT_EQ(Latency(record), 310ms);
  EXPECT_EQ(record.sent, 0ns);
  EXPECT_EQ(record.first_byte, 0ns);
  std::vector<Nanos> gaps;
  ForEachGap(record, [&gaps](const Gap& gap) { gaps.push_back(gap.length); });
  EXPECT_THAT(gaps, ElementsAre(20ms, 20ms, 20ms));
  EXPECT_EQ(live_starts_, 1u);
  EXPECT_EQ(live_events_, record.events.size());
  EXPECT_EQ(live_finishes_, 1u);
}

TEST_F(RunnerTest, EveryEndTellsWhatWasGuessedOfItsOwnEvents) {
  Run({.concurrency = 1, .requests = 3}, [](const ScriptedTransport::Sent& sent) {
    return sent.number == 1 ? HttpError(400) : Good(1ms, 1ms, 2 + static_cast<int>(sent.number));
  });
  EXPECT_THAT(guessed_, ElementsAre(2, 0, 4));
  EXPECT_EQ(live_tokens_, 6);
}

TEST_F(RunnerTest, ASlotThatEndsStartsTheNextAtOnce) {
  Run({.concurrency = 2, .requests = 5}, [](const ScriptedTransport::Sent& sent) {
    return Good(sent.number % 2 == 0 ? 100ms : 300ms, 0ns, 1);
  });
  EXPECT_THAT(Starts(), ElementsAre(0ms, 0ms, 100ms, 200ms, 300ms));
  EXPECT_EQ(Starts(), Readies());
  EXPECT_THAT(Outcomes(), Each(Outcome::kOk));
  for (std::size_t n = 0; n < records().size(); ++n) {
    EXPECT_EQ(transport().sent()[n].request_id, "r-" + std::to_string(n)) << "order of sending";
  }
}

TEST_F(RunnerTest, WarmUpHandsOverWithoutDraining) {
  Run({.concurrency = 2, .requests = 3, .warmup_requests = 3},
      [](const ScriptedTransport::Sent& sent) {
        return Good(sent.number == 1 ? 1s : 100ms, 0ns, 1);
      });
  ASSERT_EQ(records().size(), 6u);
  // Request 1, a warm-up, is in flight while measured ones run in the other slot.
  EXPECT_THAT(Starts(), ElementsAre(0ms, 0ms, 100ms, 200ms, 300ms, 400ms));
  for (const RequestRecord& record : records()) EXPECT_EQ(record.warmup, record.n < 3);
  EXPECT_EQ(plan().origin(), transport().begin());
}

TEST_F(RunnerTest, MoreSlotsThanRequests) {
  Run({.concurrency = 8, .requests = 3}, [](const auto&) { return Good(1ms); });
  EXPECT_EQ(records().size(), 3u);
}

TEST_F(RunnerTest, NothingStartsAfterTheDurationAndTheRestFinishes) {
  Run({.concurrency = 1, .duration = 1s}, [](const auto&) { return Good(300ms, 0ns, 1); });
  EXPECT_THAT(Starts(), ElementsAre(0ms, 300ms, 600ms, 900ms));
  EXPECT_THAT(Outcomes(), Each(Outcome::kOk));
}

TEST_F(RunnerTest, RequestsEndARunBeforeItsDuration) {
  Run({.concurrency = 1, .requests = 2, .duration = 1h},
      [](const auto&) { return Good(300ms, 0ns, 1); });
  EXPECT_EQ(records().size(), 2u);
  EXPECT_EQ(Since(transport().Now()), 600ms);
}

TEST_F(RunnerTest, StopCancelsAllInFlightAndKeepsTheirTimes) {
  Prepare({.concurrency = 2, .requests = 100}, [](const auto&) { return Good(100ms, 50ms, 100); });
  transport().At(260ms, [this] {
    plan().Stop();
    transport().Wake();
  });
  Run();
  ASSERT_EQ(records().size(), 2u);
  for (const RequestRecord& record : records()) {
    EXPECT_EQ(record.outcome, Outcome::kCancelled);
    EXPECT_EQ(record.message, "the run was stopped");
    EXPECT_EQ(Ttft(record), 100ms);
    EXPECT_EQ(LastOutput(record), 250ms);
    EXPECT_EQ(record.closed, 260ms);
  }
  EXPECT_EQ(live_finishes_, 2u);
}

TEST_F(RunnerTest, StopBeforeTheBeginSendsNothing) {
  Prepare({.concurrency = 2, .requests = 100}, [](const auto&) { return Good(1ms); });
  plan().Stop();
  Run();
  EXPECT_TRUE(transport().sent().empty());
  EXPECT_TRUE(records().empty());
}

TEST_F(RunnerTest, AThousandRequestsKeepEverySlotBusy) {
  Run({.concurrency = 64, .requests = 1000, .warmup_requests = 50, .timeout = 60s},
      [](const ScriptedTransport::Sent& sent) {
        const auto number = static_cast<int>(sent.number);
        return Good(Nanos(1ms) * (1 + number % 37), Nanos(1us) * (500 + number % 11), 8);
      });
  ASSERT_EQ(records().size(), 1050u);
  EXPECT_EQ(live_starts_, 1050u);
  EXPECT_EQ(live_finishes_, 1050u);
  for (std::size_t n = 0; n < records().size(); ++n) {
    const RequestRecord& record = records()[n];
    const auto number = static_cast<int>(n);
    ASSERT_EQ(record.n, number);
    ASSERT_TRUE(record.good()) << record.message;
    const Nanos ttft = Nanos(1ms) * (1 + number % 37);
    EXPECT_EQ(Ttft(record), ttft);
    EXPECT_EQ(Latency(record), ttft + 7 * Nanos(1us) * (500 + number % 11));
    EXPECT_EQ(record.start, record.ready);
    EXPECT_GE(record.start, records()[n > 0 ? n - 1 : 0].start);
    EXPECT_EQ(transport().sent()[n].in_flight, std::min<std::size_t>(n + 1, 64));
  }
}

TEST_F(RunnerTest, AnHourOfLoadNeedsNoHour) {
  Run({.concurrency = 1, .duration = 1h, .timeout = 20min},
      [](const auto&) { return Good(9s, 500ms, 3); });
  EXPECT_EQ(records().size(), 360u);
  EXPECT_EQ(Since(transport().Now()), 1h);
}

/// Takes records from several threads.
class SharedSink : public RecordSink {
 public:
  void Take(RequestRecord&& record) override {
    const std::lock_guard lock(mutex_);
    numbers_.insert(record.n);
    good_ += record.good() ? 1 : 0;
  }
  std::mutex mutex_;
  std::set<std::int64_t> numbers_;
  int good_ = 0;
};

/// Runs two runners of two slots each on one plan, each on its thread and its own virtual time.
void RunOnTwoThreads(LoadPlan& plan, SharedSink& sink, const ScriptedTransport::Script& script) {
  const auto loop = [&] {
    ScriptedTransport transport(script);
    Runner(plan, 2, transport, sink, nullptr).Run();
  };
  std::thread other(loop);
  loop();
  other.join();
}

TEST(RunnersTest, ShareThePlanBetweenThreads) {
  const PromptSet prompts = PromptSet::FromText("p");
  LoadPlan plan({.concurrency = 4, .requests = 2000}, ChatOptions{.model = "m"}, {}, prompts);
  SharedSink sink;
  RunOnTwoThreads(plan, sink, [](const auto&) { return Good(1ms, 1ms, 2); });
  EXPECT_EQ(sink.numbers_.size(), 2000u);
  EXPECT_EQ(*sink.numbers_.rbegin(), 1999);
  EXPECT_EQ(sink.good_, 2000);
}

TEST(RunnersTest, GiveUpTogether) {
  const PromptSet prompts = PromptSet::FromText("p");
  LoadPlan plan({.concurrency = 4, .requests = 1000000, .max_failures = 20},
                ChatOptions{.model = "m"}, {}, prompts);
  SharedSink sink;
  RunOnTwoThreads(plan, sink, [](const auto&) { return Refused(); });
  EXPECT_TRUE(plan.gave_up());
  EXPECT_EQ(sink.good_, 0);
  EXPECT_GE(sink.numbers_.size(), 20u);
  EXPECT_LE(sink.numbers_.size(), 24u);
}

/// Where reading and sending take their time; whatever was sent ends once all is.
class BusyTransport final : public Transport {
 public:
  Instant Now() const override { return now_; }
  void Submit(const Submission&, StreamObserver& observer) override {
    now_ += 100us;
    sent_.push_back(&observer);
    ++batches_.back();
  }
  void Cancel(StreamObserver&) override {}
  void Poll(Instant) override {
    now_ += 2ms;
    batches_.push_back(0);
    if (sent_.size() < 100) return;
    for (StreamObserver* observer : std::exchange(sent_, {})) {
      observer->OnEnd({.result = Result::kBroken, .at = now_});
    }
  }
  void Wake() noexcept override {}
  const std::vector<int>& batches() const { return batches_; }

 private:
  Instant now_{1s};
  std::vector<StreamObserver*> sent_;
  std::vector<int> batches_ = {0};
};

TEST_F(RunnerTest, StartsAreAFewOrTakeAsLongAsTheReading) {
  Prepare({.concurrency = 100, .requests = 100}, {});
  BusyTransport busy;
  Runner(plan(), 100, busy, *this, nullptr).Run();
  ASSERT_GE(busy.batches().size(), 3U);
  EXPECT_EQ(busy.batches()[0], 8);
  EXPECT_EQ(busy.batches()[1], 20);
  EXPECT_EQ(busy.batches()[2], 20);
  EXPECT_EQ(records().size(), 100U);
}

}  // namespace
}  // namespace sseprof::runner_test
