#include "net/kernel_stamp.h"

#include <gtest/gtest.h>

#include "net/clock.h"
#include "net/raw_server.h"

namespace sseprof::kernel_stamp_test {
namespace {

using namespace std::chrono_literals;

/// A client's end of a loopback connection, with stamps on.
class StampedPair {
 public:
  StampedPair() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    EXPECT_TRUE(EnableReceiveStamps(fd_));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(server_.port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~StampedPair() { close(fd_); }
  int client() const { return fd_; }
  RawServer& server() { return server_; }

 private:
  StampingHeldOn held_;
  RawServer server_;
  int fd_;
};

TEST(KernelStamp, APeekGivesTheArrivalAndTakesNothing) {
  StampedPair pair;
  RawConnection peer = pair.server().Accept();
  EXPECT_EQ(PeekStamp(pair.client(), 100).bytes, 0u);
  const SendTime time = peer.Send("hello");
  ClockMap clocks;
  clocks.Refresh();
  const Peek peek = PeekStamp(pair.client(), 100);
  EXPECT_EQ(peek.bytes, 5u);
  ASSERT_TRUE(peek.stamp);
  EXPECT_GE(clocks.ToMonotonic(*peek.stamp), time.before - 50us);
  EXPECT_LE(clocks.ToMonotonic(*peek.stamp), MonotonicNow());
  char copy[3];
  EXPECT_EQ(PeekCopy(pair.client(), copy).bytes, 3u);
  EXPECT_EQ(std::string_view(copy, 3), "hel");
  EXPECT_EQ(PeekStamp(pair.client(), 100).bytes, 5u);
}

TEST(KernelStamp, TheMapPlacesTheRealClockOnTheMonotonicOne) {
  ClockMap clocks;
  clocks.Refresh();
  const Instant before = MonotonicNow();
  const Instant mapped = clocks.ToMonotonic(RealNow());
  const Instant after = MonotonicNow();
  EXPECT_GE(mapped, before - 50us);
  EXPECT_LE(mapped, after + 50us);
}

}  // namespace
}  // namespace sseprof::kernel_stamp_test
