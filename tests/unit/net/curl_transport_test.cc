#include "net/curl_transport.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "net/clock.h"
#include "net/curl_transport_fixture.h"

namespace sseprof::curl_transport_test {
namespace {

constexpr Nanos kTolerance = 100us;

TEST_F(CurlTransportTest, SendsOneJsonPostWithTheRequestId) {
  options_.headers = {"X-Custom: yes"};
  options_.api_key = "secret";
  Recorder recorder;
  RawConnection peer = Ask(recorder, R"({"a":1})");
  const std::string request = peer.Received();
  EXPECT_TRUE(request.starts_with("POST /v1 HTTP/1.1\r\n")) << request;
  for (const char* line :
       {"X-Request-Id: run-1\r\n", "Content-Type: application/json\r\n",
        "Accept: text/event-stream\r\n", "Accept-Encoding: identity\r\n", "X-Custom: yes\r\n",
        "Authorization: Bearer secret\r\n", "Content-Length: 7\r\n"}) {
    EXPECT_NE(request.find(line), std::string::npos) << line << " not in " << request;
  }
  EXPECT_EQ(request.find("Expect:"), std::string::npos);
}

TEST_F(CurlTransportTest, BringsHeadBodyAndInstants) {
  Recorder recorder;
  const Instant before = MonotonicNow();
  RawConnection peer = Ask(recorder);
  const SendTime head = peer.Send(kHead);
  PollUntil([&] { return recorder.head.has_value(); });
  EXPECT_EQ(recorder.head->status, 200);
  EXPECT_EQ(recorder.head->content_type, "text/event-stream");
  const SendTime sent = peer.Send(Chunk("data: x\n\n"));
  PollUntil([&] { return !recorder.spans.empty(); });
  EXPECT_EQ(recorder.spans[0].bytes, "data: x\n\n");
  EXPECT_TRUE(recorder.spans[0].closes_buffer);
  EXPECT_GE(recorder.spans[0].at, sent.before - kTolerance);
  EXPECT_LE(recorder.spans[0].at, MonotonicNow());
  peer.Send("0\r\n\r\n");
  PollUntil([&] { return recorder.end.has_value(); });
  const TransferEnd& end = *recorder.end;
  EXPECT_EQ(end.result, TransferEnd::Result::kComplete);
  EXPECT_FALSE(end.reused);
  EXPECT_FALSE(end.retried);
  ASSERT_TRUE(end.connect_started && end.connected && end.sent && end.first_byte);
  EXPECT_GE(*end.connect_started, before);
  EXPECT_GE(*end.sent, *end.connect_started);
  EXPECT_GE(*end.first_byte, head.before - kTolerance);
  EXPECT_FALSE(end.tls_done);
  EXPECT_TRUE(end.client_delay);
  EXPECT_EQ(recorder.body, "data: x\n\n");
  EXPECT_EQ(transport().Stats().connections, 1u);
  EXPECT_FALSE(transport().left_loopback());
}

// Whatever the kernel merged: the true send lies in every interval that is stated, and what is
// called exact is exact.
TEST_F(CurlTransportTest, EventsThatWaitedForALateReadKeepTheirTimes) {
  Recorder recorder;
  RawConnection peer = Ask(recorder);
  peer.Send(kHead);
  PollUntil([&] { return recorder.head.has_value(); });
  std::vector<SendTime> times;
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 5; ++i) times.push_back(peer.Send(Chunk("data: event\n\n")));
    PollUntil([&] { return recorder.spans.size() == times.size(); });
  }
  std::size_t exact = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Span& span = recorder.spans[i];
    EXPECT_GE(span.at, times[i].before - kTolerance) << i;
    if (span.closes_buffer) ++exact;
    EXPECT_LE(span.at - span.width, times[i].after + kTolerance) << i;
  }
  EXPECT_GE(exact, 40u);
}

TEST_F(CurlTransportTest, AHeadCutAnywhereChangesNothing) {
  const std::string wire = kHead + Chunk("data: a\n\n") + Chunk("data: b\n\n");
  const std::size_t body_end = wire.size() - std::string_view("\r\n").size();
  for (std::size_t cut = 1; cut < wire.size(); cut += 3) {
    Recorder recorder;
    RawConnection peer = Ask(recorder);
    const SendTime first = peer.Send(std::string_view(wire).substr(0, cut));
    transport().Poll(MonotonicNow());
    transport().Poll(MonotonicNow());
    const SendTime second = peer.Send(std::string_view(wire).substr(cut));
    PollUntil([&] { return recorder.body == "data: a\n\ndata: b\n\n"; });
    const Instant completed = cut < body_end ? second.before : first.before;
    EXPECT_GE(recorder.spans.back().at, completed - kTolerance) << cut;
    EXPECT_GE(recorder.spans.front().at, first.before - kTolerance) << cut;
    EXPECT_TRUE(recorder.spans.back().closes_buffer) << cut;
    transport().Cancel(recorder);
  }
}

TEST_F(CurlTransportTest, ReusesItsConnection) {
  RawConnection peer = KeptAlive();
  Recorder second;
  transport().Submit({.body = "{}", .request_id = "run-2"}, second);
  AwaitRequest(peer);
  EXPECT_NE(peer.Received().find("X-Request-Id: run-2\r\n"), std::string::npos);
  peer.Send(kHead + Chunk("data: 2\n\n") + "0\r\n\r\n");
  PollUntil([&] { return second.end.has_value(); });
  EXPECT_TRUE(second.end->reused);
  EXPECT_FALSE(second.end->connected);
  EXPECT_TRUE(second.end->sent);
  EXPECT_EQ(second.body, "data: 2\n\n");
  EXPECT_EQ(transport().Stats().connections, 1u);
}

TEST_F(CurlTransportTest, ARetryOnADeadConnectionIsSeen) {
  RawConnection peer = KeptAlive();
  Recorder second;
  transport().Submit({.body = "{}", .request_id = "run-2"}, second);
  AwaitRequest(peer);
  peer.Close();  // after the request, before a byte of the answer
  PollUntil([&] { return server_.Waiting(); });
  RawConnection again = server_.Accept();
  AwaitRequest(again);
  again.Send(kHead + Chunk("data: 2\n\n") + "0\r\n\r\n");
  PollUntil([&] { return second.end.has_value(); });
  EXPECT_EQ(second.end->result, TransferEnd::Result::kComplete);
  EXPECT_TRUE(second.end->retried);
  EXPECT_EQ(second.body, "data: 2\n\n");
}

TEST_F(CurlTransportTest, ARetryGoesOverANewConnection) {
  Recorder first;
  RawConnection one = Ask(first);
  Recorder second;
  RawConnection other = Ask(second);
  for (RawConnection* peer : {&one, &other}) {
    peer->Send(kHead + Chunk("data: 1\n\n") + "0\r\n\r\n");
    peer->Forget();
  }
  PollUntil([&] { return first.end && second.end; });
  Recorder third;
  transport().Submit({.body = "{}", .request_id = "run-3"}, third);
  PollUntil([&] { return !one.Received().empty() || !other.Received().empty(); });
  const bool took_one = !one.Received().empty();
  (took_one ? one : other).Close();
  PollUntil([&] { return server_.Waiting(); });
  EXPECT_EQ((took_one ? other : one).Received(), "");
  ASSERT_TRUE(server_.Waiting());
  RawConnection fresh = server_.Accept();
  AwaitRequest(fresh);
  fresh.Send(kHead + Chunk("data: 3\n\n") + "0\r\n\r\n");
  PollUntil([&] { return third.end.has_value(); });
  EXPECT_EQ(third.end->result, TransferEnd::Result::kComplete);
  EXPECT_TRUE(third.end->retried);
  EXPECT_FALSE(third.end->reused);
}

TEST_F(CurlTransportTest, AResetBreaksTheTransferAndKeepsWhatCame) {
  Recorder recorder;
  RawConnection peer = Ask(recorder);
  peer.Send(kHead + Chunk("data: 1\n\n"));
  PollUntil([&] { return !recorder.body.empty(); });
  peer.Reset();
  PollUntil([&] { return recorder.end.has_value(); });
  EXPECT_EQ(recorder.end->result, TransferEnd::Result::kBroken);
  EXPECT_FALSE(recorder.end->message.empty());
}

TEST_F(CurlTransportTest, AnEofBeforeTheLastChunkBreaksTheTransfer) {
  Recorder recorder;
  RawConnection peer = Ask(recorder);
  peer.Send(kHead + Chunk("data: 1\n\n"));
  peer.Close();
  PollUntil([&] { return recorder.end.has_value(); });
  EXPECT_EQ(recorder.end->result, TransferEnd::Result::kBroken);
  EXPECT_EQ(recorder.body, "data: 1\n\n");
}

TEST_F(CurlTransportTest, ABodyWithALengthIsPassedOnAsItIs) {
  Recorder recorder;
  RawConnection peer = Ask(recorder);
  peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ndata: 1\n\n");
  PollUntil([&] { return recorder.end.has_value(); });
  EXPECT_EQ(recorder.end->result, TransferEnd::Result::kComplete);
  EXPECT_EQ(recorder.body, "data: 1\n\n");
  EXPECT_TRUE(recorder.spans.back().closes_buffer);
}

TEST_F(CurlTransportTest, NobodyListeningIsAConnectFailure) {
  options_.url = "http://127.0.0.1:1/v1";
  CurlTransport nowhere(options_);
  Recorder recorder;
  nowhere.Submit({.body = "{}", .request_id = "r"}, recorder);
  while (!recorder.end) nowhere.Poll(MonotonicNow() + 1s);
  EXPECT_EQ(recorder.end->result, TransferEnd::Result::kConnect);
}

TEST_F(CurlTransportTest, AnObserverCanEndTheTransfer) {
  Recorder recorder;
  recorder.go_on = false;
  RawConnection peer = Ask(recorder);
  peer.Send(kHead + Chunk("data: 1\n\n"));
  PollUntil([&] { return recorder.end.has_value(); });
  EXPECT_EQ(recorder.end->result, TransferEnd::Result::kCancelled);
}

TEST_F(CurlTransportTest, CancelEndsAtOnceWhatRunsAndWhatWasJustSubmitted) {
  Recorder running, submitted;
  RawConnection peer = Ask(running);
  transport().Submit({.body = "{}", .request_id = "q"}, submitted);
  transport().Cancel(submitted);
  transport().Cancel(running);
  ASSERT_TRUE(running.end && submitted.end);
  EXPECT_EQ(running.end->result, TransferEnd::Result::kCancelled);
  EXPECT_EQ(submitted.end->result, TransferEnd::Result::kCancelled);
}

TEST_F(CurlTransportTest, OnLoopbackARequestIsSentAtOnce) {
  transport().Poll(MonotonicNow());
  Recorder recorder;
  transport().Submit({.body = "{}", .request_id = "q"}, recorder);
  RawConnection peer = server_.Accept();
  EXPECT_TRUE(peer.Received().ends_with("\r\n\r\n{}")) << peer.Received();
}

TEST_F(CurlTransportTest, NeedsNoMoreFilesThanItSays) {
  const auto open_files = [] {
    const std::filesystem::directory_iterator files("/proc/self/fd");
    return std::distance(begin(files), end(files));
  };
  transport();  // with all that libcurl keeps for the process
  const auto before = open_files();
  constexpr int kStreams = 640;
  const CurlTransport many(options_, kStreams);
  EXPECT_LE(open_files() - before, CurlTransport::FilesFor(kStreams) - kStreams);
}

TEST_F(CurlTransportTest, WakeEndsAPoll) {
  transport().Poll(MonotonicNow());
  transport().Wake();
  const Instant before = MonotonicNow();
  transport().Poll(before + 60s);
  EXPECT_LT(MonotonicNow(), before + 30s);
}

TEST_F(CurlTransportTest, UserStampsAreTakenAtTheRead) {
  options_.timestamps = TimestampKind::kUser;
  Recorder recorder;
  RawConnection peer = Ask(recorder);
  peer.Send(kHead);
  PollUntil([&] { return recorder.head.has_value(); });
  peer.Send(Chunk("data: 1\n\n"));
  const Instant before_read = MonotonicNow();
  PollUntil([&] { return !recorder.spans.empty(); });
  EXPECT_GE(recorder.spans[0].at, before_read);
  EXPECT_TRUE(recorder.spans[0].closes_buffer);
  EXPECT_GT(transport().Stats().client_delay.count(), 0u);
}

TEST_F(CurlTransportTest, ManyRequestsAtOnceAllEnd) {
  std::vector<Recorder> recorders(100);
  std::vector<RawConnection> peers;
  for (Recorder& recorder : recorders) {
    transport().Submit({.body = "{}", .request_id = "r"}, recorder);
  }
  std::size_t answered = 0;
  PollUntil([&] {
    while (server_.Waiting()) peers.push_back(server_.Accept());
    return peers.size() == recorders.size();
  });
  for (RawConnection& peer : peers) {
    AwaitRequest(peer);
    peer.Send(kHead + Chunk("data: " + std::to_string(answered++) + "\n\n") + "0\r\n\r\n");
  }
  for (Recorder& recorder : recorders) {
    PollUntil([&] { return recorder.end.has_value(); });
    EXPECT_EQ(recorder.end->result, TransferEnd::Result::kComplete);
  }
}

}  // namespace
}  // namespace sseprof::curl_transport_test
