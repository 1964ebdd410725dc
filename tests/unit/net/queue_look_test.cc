#include "net/queue_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/raw_server.h"

namespace sseprof::queue_look_test {
namespace {

using ::testing::ElementsAre;

/// What `find` finds in `wire`, whatever was found before.
template <class Find, class... Standing>
WireEnds Ends(Find find, std::string_view wire, Standing... standing) {
  WireEnds ends = {17};
  find(wire, standing..., ends);
  return ends;
}

TEST(QueueLook, ChunkEndsFromTheStart) {
  EXPECT_THAT(Ends(FindChunkEnds, "2\r\nab\r\n1\r\nc\r\n", ChunkDecoder()), ElementsAre(7, 13));
}

TEST(QueueLook, ChunkEndsFromTheMiddleOfAChunk) {
  ChunkDecoder decoder;
  decoder.Next("5\r\nab");
  EXPECT_THAT(Ends(FindChunkEnds, "cde\r\n1\r\nx\r\n3\r\nab", decoder), ElementsAre(5, 11, 16));
}

TEST(QueueLook, TheEndOfTheBodyBelongsToItsLastChunk) {
  EXPECT_THAT(Ends(FindChunkEnds, "1\r\na\r\n0\r\n\r\n", ChunkDecoder()), ElementsAre(6, 11));
}

TEST(QueueLook, BlankLineEndsOfAnyKind) {
  EXPECT_THAT(Ends(FindBlankLineEnds, "a\n\nb\r\n\r\nc"), ElementsAre(3, 8, 9));
  EXPECT_THAT(Ends(FindBlankLineEnds, "abc"), ElementsAre(3));
}

TEST(QueueLook, TlsRecordsEndWhereTheirHeadersSay) {
  const std::string record("\x17\x03\x03\0\x04rest", 9);
  EXPECT_THAT(Ends(FindRecordEnds, record + record, 0), ElementsAre(9, 18));
  EXPECT_THAT(Ends(FindRecordEnds, record.substr(0, 7), 0), ElementsAre(9));
  EXPECT_THAT(Ends(FindRecordEnds, "st" + record, 2), ElementsAre(2, 11));
  EXPECT_THAT(Ends(FindRecordEnds, "st", 40), ElementsAre(40));
  EXPECT_THAT(Ends(FindRecordEnds, record + "GET /", 0), ElementsAre());
}

/// A warm connection, on which the kernel often keeps segments apart.
TEST(QueueLook, StampsOfSeparateSendsAreInOrderAndBracketed) {
  const StampingHeldOn held;
  RawServer server;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_TRUE(EnableReceiveStamps(fd));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(server.port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  RawConnection peer = server.Accept();
  QueueLooker looker(16384);
  ClockMap clocks;
  char sink[64];
  for (int round = 0; round < 50; ++round) {
    std::vector<SendTime> times;
    for (int i = 0; i < 3; ++i) times.push_back(peer.Send("3\r\nabc\r\n"));
    clocks.Refresh();
    const QueueLook look = looker.Look(fd, clocks, {});
    const ChunkDecoder decoder;
    const QueueLook by_chunk = looker.Look(fd, clocks, {.chunks = &decoder});
    ASSERT_FALSE(look.points.empty());
    ASSERT_FALSE(by_chunk.points.empty());
    EXPECT_EQ(by_chunk.points.back().length, 24u);
    Instant last{};
    for (const QueueLook::Point& point : by_chunk.points) {
      EXPECT_GE(point.stamp, last);
      last = point.stamp;
      const std::size_t send = (point.length + 7) / 8 - 1;
      EXPECT_GE(point.stamp, times[send].before - std::chrono::microseconds{100});
    }
    ASSERT_EQ(recv(fd, sink, sizeof sink, 0), 24);
  }
  close(fd);
}

}  // namespace
}  // namespace sseprof::queue_look_test
