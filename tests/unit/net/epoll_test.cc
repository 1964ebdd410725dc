#include "net/epoll.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "net/clock.h"

namespace sseprof::epoll_test {
namespace {

using namespace std::chrono_literals;

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_), 0); }
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }
  int in() const { return ends_[0]; }
  void Fill() { EXPECT_EQ(write(ends_[1], "x", 1), 1); }

 private:
  int ends_[2];
};

TEST(Epoll, ReportsWhatIsReadyAndAllOfIt) {
  Epoll epoll;
  Pipe pipes[40];
  for (Pipe& p : pipes) epoll.Watch(p.in(), EPOLLIN, Epoll::Change::kAdd);
  EXPECT_TRUE(epoll.Wait(MonotonicNow(), MonotonicNow()).empty());
  for (Pipe& p : pipes) p.Fill();
  EXPECT_EQ(epoll.Wait(MonotonicNow(), kNever).size(), 40u);
  epoll.Unwatch(pipes[0].in());
  EXPECT_EQ(epoll.Wait(MonotonicNow(), kNever).size(), 39u);
}

TEST(Epoll, AWakeEndsAWaitOnceAndIsNoSocket) {
  Epoll epoll;
  Pipe filled;
  epoll.Watch(filled.in(), EPOLLIN, Epoll::Change::kAdd);
  filled.Fill();
  epoll.Wake();
  epoll.Wake();
  const auto ready = epoll.Wait(MonotonicNow(), kNever);
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_EQ(ready[0].data.fd, filled.in());
  epoll.Unwatch(filled.in());
  const Instant until = MonotonicNow() + 1ms;
  EXPECT_TRUE(epoll.Wait(MonotonicNow(), until).empty());
  EXPECT_GE(MonotonicNow(), until);
}

TEST(Epoll, RemembersWhenTheWaitBeforeTheLastOneBegan) {
  Epoll epoll;
  const Instant first = MonotonicNow();
  epoll.Wait(first, first);
  epoll.Wait(first + 1ms, first);
  EXPECT_EQ(epoll.wait(), 2u);
  EXPECT_EQ(epoll.wait_before_began(), first);
}

}  // namespace
}  // namespace sseprof::epoll_test
