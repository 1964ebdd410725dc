#include "net/socket_table.h"

#include <algorithm>
#include <utility>

#include "net/clock.h"

namespace sseprof {

SocketTable::SocketTable(const CurlOptions& options)
    : tls_(IsTls(options)),
      stamped_http_(options.http == HttpVersion::k1_1),
      test_read_delay_(options.test_read_delay),
      looker_(kReadBuffer) {
  clocks_.Refresh();
}

SocketTable::Socket& SocketTable::At(int fd) {
  const auto number = static_cast<std::size_t>(fd);
  if (number >= sockets_.size()) sockets_.resize(number + 1);
  return sockets_[number];
}

void SocketTable::Opened(int fd) {
  if (stamping()) EnableReceiveStamps(fd);
  Socket& socket = At(fd);
  socket = Socket();
  socket.arrivals.EmptyAt(MonotonicNow());
}

void SocketTable::Closed(int fd) {
  Socket& socket = At(fd);
  if (socket.watched) epoll_.Closed();
  socket = Socket();
}

void SocketTable::Watch(int fd, std::uint32_t events, CurlTransfer& transfer) {
  Socket& socket = At(fd);
  socket.transfer = &transfer;
  transfer.Attach(&socket.arrivals);
  const bool known = std::exchange(socket.watched, true);
  epoll_.Watch(fd, events, known ? Epoll::Change::kModify : Epoll::Change::kAdd);
  socket.last_wait = epoll_.wait();
}

void SocketTable::Unwatch(int fd) {
  Socket& socket = At(fd);
  if (std::exchange(socket.watched, false)) epoll_.Unwatch(fd);
  socket.transfer = nullptr;
}

std::span<const epoll_event> SocketTable::Wait(Instant until) {
  const Instant before = MonotonicNow();
  if (began_ == Instant{}) began_ = before;
  const auto ready = epoll_.Wait(before, until);
  last_wait_ended_ = MonotonicNow();
  waited_ += last_wait_ended_ - before;
  if (!ready.empty()) clocks_.Refresh();
  return ready;
}

Nanos SocketTable::elapsed() const { return last_wait_ended_ - began_; }

CurlTransfer* SocketTable::Reported(int fd) {
  Socket& socket = At(fd);
  if (!socket.watched) return nullptr;
  if (socket.last_wait + 1 < epoll_.wait()) socket.arrivals.EmptyAt(epoll_.wait_before_began());
  socket.last_wait = epoll_.wait();
  return socket.transfer;
}

void SocketTable::BusyWait() const {
  if (test_read_delay_ <= Nanos{0}) return;
  const Instant until = MonotonicNow() + test_read_delay_;
  while (MonotonicNow() < until) continue;
}

void SocketTable::BeginRead(int fd) {
  BusyWait();
  Socket& socket = At(fd);
  CurlTransfer& transfer = *socket.transfer;
  before_ = MonotonicNow();
  waiting_ = SIZE_MAX;
  looked_at_all_ = false;
  socket.arrivals.EmptyAt(transfer.asked_at());
  // Before the body of a TLS response, records of the handshake can come in the same read.
  const bool unknown_records = tls_ && !transfer.head_done();
  if (stamping() && !unknown_records) {
    const std::optional<Instant> last_stamp = Look(fd, socket);
    transfer.BeginRead(tls_ ? 0 : waiting_, last_stamp);
  } else {
    socket.arrivals.Begin({}, before_);
    transfer.BeginRead(0, std::nullopt);
  }
}

std::optional<Instant> SocketTable::Look(int fd, Socket& socket) {
  const Framing framing = {.kind = tls_ ? Framing::Kind::kRecords : Framing::Kind::kBytes,
                           .chunks = socket.transfer->decoder(),
                           .record_left = socket.record_left};
  const QueueLook& look = looker_.Look(fd, clocks_, framing);
  socket.record_left = look.record_left;
  waiting_ = tls_ ? look.records : look.bytes;
  const bool told_apart = !tls_ || !look.points.empty();
  looked_at_all_ = told_apart && look.bytes < kReadBuffer;
  // The look itself took time, in which more may have come.
  const bool placed = socket.arrivals.Begin(look, MonotonicNow());
  if (placed) return look.points.back().stamp;
  if (!look.points.empty()) {
    ++clock_rejected_;
  } else if (look.bytes > 0 && !tls_) {
    ++stamps_missing_;
  }
  return std::nullopt;
}

void SocketTable::EndRead(int fd, CurlTransfer& transfer) {
  Socket& socket = At(fd);
  const std::size_t passed = transfer.EndRead();
  socket.arrivals.End(looked_at_all_ && passed > 0 && passed >= waiting_, before_);
  if (passed > waiting_) socket.record_left = 0;
}

}  // namespace sseprof
