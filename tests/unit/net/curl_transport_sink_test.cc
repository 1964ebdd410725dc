// What CurlTransport tells its LoopSink.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "net/curl_transport.h"
#include "net/curl_transport_fixture.h"
#include "net/loop_log.h"

namespace sseprof::curl_transport_sink_test {
namespace {

using ::testing::Each;
using ::testing::Ge;

class CurlTransportSinkTest : public CurlTransportTest {
 protected:
  CurlTransportSinkTest() { sink_ = &log_; }
  ~CurlTransportSinkTest() override { transport_.reset(); }  // it tells to the last

  /// One request, answered with these bytes. @return all that the server got
  std::string Exchange(RawConnection& peer, Recorder& recorder, const std::string& answer) {
    peer.Send(answer);
    PollUntil([&] { return recorder.end.has_value(); });
    return peer.Received();
  }

  /// What it told so far, and has yet to tell.
  const LoopLog& Told() {
    if (transport_) transport_->TellRest();
    return log_;
  }

 private:
  LoopLog log_;
};

const std::string kAnswer = kHead + Chunk("data: 1\n\n") + "0\r\n\r\n";

TEST_F(CurlTransportSinkTest, CountsTheBytesThatPassOfASmallRequest) {
  Recorder recorder;
  RawConnection peer = Ask(recorder);
  const std::string got = Exchange(peer, recorder, kAnswer);
  EXPECT_EQ(Told().sent, got.size());
  EXPECT_EQ(Told().received, kAnswer.size());
}

TEST_F(CurlTransportSinkTest, CountsTheBytesOfABodyThatGoesOutInParts) {
  const std::string body(200'000, 'x');
  Recorder recorder;
  RawConnection peer = Ask(recorder, body);
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Length: 150000\r\n\r\n" + std::string(150'000, 'y');
  const std::string got = Exchange(peer, recorder, answer);
  EXPECT_GT(got.size(), body.size());
  EXPECT_EQ(Told().sent, got.size());
  EXPECT_EQ(Told().received, answer.size());
}

TEST_F(CurlTransportSinkTest, CountsEveryRequestOfAConnection) {
  std::size_t sent = 0;
  Recorder first;
  RawConnection peer = Ask(first);
  sent += Exchange(peer, first, kAnswer).size();
  peer.Forget();
  Recorder second;
  const std::string body(1'000, 'x');
  transport().Submit({.body = body, .request_id = "run-2"}, second);
  AwaitRequest(peer, body);
  sent += Exchange(peer, second, kAnswer).size();
  EXPECT_EQ(Told().sent, sent);
  EXPECT_EQ(Told().received, 2 * kAnswer.size());
  EXPECT_EQ(Told().opened, 1);
}

TEST_F(CurlTransportSinkTest, CountsARequestThatWasSentTwiceTwice) {
  RawConnection peer = KeptAlive();
  const std::size_t sent_before = Told().sent;
  Recorder second;
  transport().Submit({.body = "{}", .request_id = "run-2"}, second);
  AwaitRequest(peer);
  std::size_t sent = peer.Received().size();
  peer.Close();  // after the request, before a byte of the answer
  PollUntil([&] { return server_.Waiting(); });
  RawConnection again = server_.Accept();
  AwaitRequest(again);
  sent += Exchange(again, second, kAnswer).size();
  EXPECT_TRUE(second.end->retried);
  EXPECT_EQ(Told().sent - sent_before, sent);
  EXPECT_EQ(Told().opened, 2);
}

TEST_F(CurlTransportSinkTest, ARequestThatWasCancelledKeepsWhatHasPassed) {
  Recorder recorder;
  RawConnection peer = Ask(recorder);
  const std::string part = kHead + Chunk("data: 1\n\n");
  peer.Send(part);
  PollUntil([&] { return !recorder.body.empty(); });
  transport().Cancel(recorder);
  EXPECT_EQ(Told().sent, peer.Received().size());
  EXPECT_EQ(Told().received, part.size());
}

TEST_F(CurlTransportSinkTest, TellsConnectionsOpenedAndClosed) {
  {
    RawConnection kept = KeptAlive();
    EXPECT_EQ(Told().opened, 1);
    EXPECT_EQ(Told().closed, 0);
    transport_.reset();
    EXPECT_EQ(Told().closed, 1);
  }
  Recorder recorder;
  RawConnection peer = Ask(recorder);
  Exchange(peer, recorder,
           "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\ndata: 1\n\n");
  EXPECT_EQ(Told().opened, 2);
  PollUntil([&] { return Told().closed == 2; });
}

TEST_F(CurlTransportSinkTest, TellsEveryReadOnce) {
  Recorder recorder;
  RawConnection peer = Ask(recorder);
  peer.Send(kHead);
  for (std::size_t i = 1; i <= 20; ++i) {
    peer.Send(Chunk("data: x\n\n"));
    PollUntil([&] { return recorder.spans.size() == i; });
  }
  const std::vector<Nanos> reads = Told().reads;
  EXPECT_GE(reads.size(), 20u);
  EXPECT_EQ(reads.size(), transport().Stats().client_delay.count());
  EXPECT_THAT(reads, Each(Ge(0ns)));
  EXPECT_EQ(*std::max_element(reads.begin(), reads.end()), transport().Stats().client_delay.max());
}

TEST_F(CurlTransportSinkTest, BusyTimesAddUpToItsOwn) {
  RawConnection peer = KeptAlive();
  for (int i = 0; i < 3; ++i) transport().Poll(MonotonicNow());
  const std::vector<Nanos> busies = Told().busies;
  const Nanos told = std::accumulate(busies.begin(), busies.end(), Nanos{0});
  EXPECT_EQ(told, transport().Stats().busy);
  EXPECT_GT(told, 0ns);
  EXPECT_THAT(busies, Each(Ge(0ns)));
}

TEST_F(CurlTransportSinkTest, LooksHowLateItIsThoughNothingElseHappens) {
  const Instant begin = MonotonicNow();
  const LoopLog& log = Told();
  while (log.lags.size() < 3 && MonotonicNow() < begin + 30s) {
    transport().Poll(begin + 60s);
  }
  const Nanos passed = MonotonicNow() - begin;
  ASSERT_EQ(Told().lags.size(), 3u);
  EXPECT_GE(passed, 150ms);
  EXPECT_THAT(Told().lags, Each(Ge(0ns)));
}

TEST_F(CurlTransportSinkTest, ALoopThatWasAwayWasLateByAllThatItMissed) {
  transport().Poll(MonotonicNow());  // it begins
  ASSERT_TRUE(Told().lags.empty());
  std::this_thread::sleep_for(120ms);
  transport().Poll(MonotonicNow());
  ASSERT_EQ(Told().lags.size(), 1u);
  EXPECT_GE(Told().lags[0], 70ms);
}

}  // namespace
}  // namespace sseprof::curl_transport_sink_test
