#include "load/live_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "unit/load/live_request_fixture.h"

namespace sseprof::live_request_test {
namespace {

using ::testing::ElementsAre;

TEST_F(LiveRequestTest, GoodStream) {
  const RequestRecord& record = Stream(kRole + kText + kFinish + kUsage + kDoneMark);
  EXPECT_EQ(record.outcome, Outcome::kOk);
  EXPECT_EQ(record.message, "");
  EXPECT_EQ(record.http_status, 200);
  EXPECT_EQ(record.server_id, "c1");
  EXPECT_THAT(record.finish_reasons, ElementsAre("stop"));
  EXPECT_EQ(record.usage, (Usage{.prompt_tokens = 3, .completion_tokens = 2}));
  EXPECT_FALSE(record.done_missing);
  EXPECT_EQ(Kinds(), "evfud");
  EXPECT_EQ(live_, "evfud");
  EXPECT_EQ(ended_, 1);
}

TEST_F(LiveRequestTest, OnlyTheEventThatEndsABufferIsExact) {
  request_->OnHead(StreamHead());
  Body(kRole, 2ms, 300us, true);
  Body(kText + kText, 3ms, 400us, true);
  Body(kText, 4ms, 500us, false);
  Body(kText + kFinish.substr(0, 20), 5ms, 600us, true);
  Body(kFinish.substr(20), 6ms, 700us, true);
  Body(kUsage, 7ms, 0ns, false);
  Body(kDoneMark, 8ms, 1h, false);
  const RequestRecord& record = End();
  std::vector<std::pair<Nanos, Nanos>> times;
  for (const StreamEvent& event : record.events) times.emplace_back(event.at, event.width);
  using Pair = std::pair<Nanos, Nanos>;
  EXPECT_THAT(times, ElementsAre(Pair(2ms, 0ns), Pair(3ms, 400us), Pair(3ms, 0ns), Pair(4ms, 500us),
                                 Pair(5ms, 600us), Pair(6ms, 0ns), Pair(7ms, 0ns),
                                 Pair(8ms, 8ms)));  // nothing arrives before the start
  EXPECT_EQ(Ttft(record), 3ms);
}

TEST_F(LiveRequestTest, EndIsDoneElseTheLastEvent) {
  request_->OnHead(StreamHead());
  Body(kText, 2ms);
  Body(kFinish, 3ms);
  Body(kDoneMark, 4ms);
  Body(kUsage, 5ms);
  EXPECT_EQ(End().end, 4ms);
  EXPECT_EQ(request_->record().closed, 9ms);
  EXPECT_EQ(Kinds(), "vfd.") << "data after [DONE] say nothing";
  EXPECT_EQ(request_->record().usage, std::nullopt);

  Begin();
  request_->OnHead(StreamHead());
  Body(kText, 2ms);
  Body(kFinish, 3ms);
  EXPECT_EQ(End().end, 3ms);
  EXPECT_TRUE(request_->record().good());
  EXPECT_TRUE(request_->record().done_missing);

  EXPECT_EQ(Stream("").end, std::nullopt);
}

TEST_F(LiveRequestTest, TransferTimesBecomeOffsets) {
  request_->OnHead(StreamHead());
  Body(kText + kFinish + kDoneMark);
  request_->OnEnd({.at = kStart + 9ms,
                   .connect_started = kStart + 1us,
                   .connected = kStart + 2us,
                   .tls_done = kStart + 3us,
                   .sent = kStart + 4us,
                   .first_byte = kStart + 5us,
                   .client_delay = 6us,
                   .retried = true});
  const RequestRecord& record = request_->record();
  EXPECT_EQ(record.connect_start, 1us);
  EXPECT_EQ(record.connect, 2us);
  EXPECT_EQ(record.tls, 3us);
  EXPECT_EQ(record.sent, 4us);
  EXPECT_EQ(record.first_byte, 5us);
  EXPECT_EQ(record.client_delay, 6us);
  EXPECT_EQ(record.closed, 9ms);
  EXPECT_TRUE(record.retried);
  EXPECT_FALSE(record.reused);
}

TEST_F(LiveRequestTest, RetryAfterIsKept) {
  Answer({.status = 429, .retry_after = 2s}, "");
  EXPECT_EQ(request_->retry_after(), 2s);
  Begin();
  EXPECT_EQ(request_->retry_after(), std::nullopt);
}

TEST_F(LiveRequestTest, SeveralChoicesInOneEventAreNoted) {
  const RequestRecord& record = Stream(
      Event(R"({"choices":[{"index":0,"delta":{"content":""}},{"index":1,"delta":{"content":"a"}},)"
            R"({"index":2,"delta":{"content":"b"}}]})"));
  ASSERT_EQ(record.events.size(), 1u);
  EXPECT_EQ(record.events[0].choice, 1);
  ASSERT_EQ(record.extra_choices.size(), 1u);
  EXPECT_EQ(record.extra_choices[0].event, 0u);
  EXPECT_EQ(record.extra_choices[0].choice, 2);
}

TEST_F(LiveRequestTest, TellsArrivalsToTheRunner) {
  EXPECT_EQ(request_->last_arrival(), kStart);
  request_->OnHead(StreamHead());
  Body(kRole, 2ms);
  EXPECT_EQ(request_->last_arrival(), kStart + 2ms);
  EXPECT_FALSE(request_->has_output());
  Body(": ping\n\n", 3ms);
  EXPECT_EQ(request_->last_arrival(), kStart + 3ms);
  Body(kText, 4ms);
  EXPECT_TRUE(request_->has_output());
}

TEST_F(LiveRequestTest, LastUsageWinsAndMetricsAreVerbatim) {
  const RequestRecord& record = Stream(
      kText + kFinish +
      Event(
          R"({"choices":[],"usage":{"completion_tokens":1},"metrics":{ "queue_time_ms" : 1.50 }})") +
      Event(R"({"choices":[],"usage":null})") + kUsage + kDoneMark);
  EXPECT_EQ(record.usage->completion_tokens, 2);
  EXPECT_EQ(record.server_metrics, R"({ "queue_time_ms" : 1.50 })");
}

TEST_F(LiveRequestTest, PredictedTokensStandInForMissingUsage) {
  const std::string timings = Event(R"({"choices":[],"timings":{"predicted_n":9}})");
  EXPECT_EQ(Stream(kText + kFinish + timings + kDoneMark).usage, (Usage{.completion_tokens = 9}));
  EXPECT_EQ(Stream(kText + kFinish + timings + kUsage + kDoneMark).usage->completion_tokens, 2);
}

TEST_F(LiveRequestTest, TextIsKeptOnlyWhereAskedFor) {
  const std::string body = Delta(R"({"reasoning":"hm"})") + kText + kText + kFinish + kDoneMark;
  EXPECT_EQ(Stream(body).text, std::nullopt);
  Make({.stream = true, .save_text = true});
  EXPECT_EQ(Stream(body).text, "hihi");
  EXPECT_EQ(request_->record().reasoning, "hm");
  EXPECT_EQ(Kinds(), "ovvfd");
  EXPECT_EQ(Stream(kFinish + kDoneMark).text, std::nullopt);
}

TEST_F(LiveRequestTest, BlankDataIsNoError) {
  EXPECT_TRUE(Stream("data:\n\n" + kText + "data:  \n\n" + kFinish + kDoneMark).good());
  EXPECT_EQ(Kinds(), ".v.fd");
}

TEST_F(LiveRequestTest, KnowsWhatItGuessedOfOutputEventsAsTheyCame) {
  const auto counted = [](const std::string& delta, int running) {
    return Event(R"({"choices":[{"index":0,"delta":)" + delta +
                 R"(}],"usage":{"completion_tokens":)" + std::to_string(running) + "}}");
  };
  const std::string text = R"({"content":"a"})";
  // It falls, so that in the end one token is taken for each event.
  Stream(counted("{}", 0) + counted(text, 1) + counted(text, 4) + counted(text, 2) + kFinish +
         kDoneMark);
  EXPECT_THAT(live_tokens_, testing::ElementsAre(0, 1, 3, 1, 0, 0));
  EXPECT_EQ(request_->guessed_tokens(), 5);
  EXPECT_EQ(CountedTokens(request_->record()), 3);
  Stream(kText + kFinish + kDoneMark);
  EXPECT_EQ(request_->guessed_tokens(), 1);
}

TEST_F(LiveRequestTest, NothingOfTheRequestBeforeRemains) {
  Stream(kRole + kText);
  const RequestRecord& record = Stream(kFinish + kDoneMark);
  EXPECT_TRUE(record.good());
  EXPECT_EQ(Kinds(), "fd");
  EXPECT_EQ(Ttft(record), std::nullopt);
  EXPECT_FALSE(request_->has_output());
}

TEST_F(LiveRequestTest, EventsNeedNoMemoryBeyondWhatWasMadeReady) {
  request_->OnHead(StreamHead());
  Body(kText);
  const StreamEvent* where = request_->record().events.data();
  for (int i = 0; i < 20; ++i) Body(kText);
  EXPECT_EQ(request_->record().events.data(), where);
}

}  // namespace
}  // namespace sseprof::live_request_test
