#include "net/curl_transport.h"

#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <span>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "net/arrivals.h"
#include "net/clock.h"
#include "net/curl_easy.h"
#include "net/curl_transfer.h"
#include "net/epoll.h"
#include "net/kernel_stamp.h"
#include "net/queue_look.h"

namespace sseprof {
namespace {

// A launch costs far more than a read; so many at most between two turns of reading.
constexpr int kLaunchesPerTurn = 8;

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

struct Socket {
  CurlTransfer* transfer = nullptr;
  SocketArrivals arrivals;
  std::size_t record_left = 0;  ///< of a TLS record that was read in part
  std::uint64_t last_wait = 0;  ///< the last wait that reported it, or came before it was watched
  bool watched = false;
};

struct Queued {
  Submission submission;
  StreamObserver* observer;
};

bool IsLoopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

}  // namespace

struct CurlTransport::State {
  explicit State(const CurlOptions& o) : options(o), tls(IsTls(o)), looker(kReadBuffer) {}

  CurlOptions options;
  bool tls;
  Epoll epoll;
  StampingHeldOn stamping;
  HeaderList resolve;
  std::deque<CurlTransfer> transfers;  ///< all that were ever made; outlive the multi handle
  std::deque<Socket> sockets;          ///< by file descriptor
  std::unique_ptr<CURLM, MultiDeleter> multi;
  std::vector<CurlTransfer*> idle;
  std::deque<Queued> queued;
  std::unordered_map<StreamObserver*, CurlTransfer*> running;
  Instant curl_due = kNever;

  ClockMap clocks;
  QueueLooker looker;
  std::size_t waiting = 0;  ///< places in the present look
  Instant began{};
  Nanos waited{};
  ClientStats stats;
  bool remote = false;

  bool Stamping() const { return options.http == HttpVersion::k1_1 && stamping.works(); }
  Socket& At(int fd) {
    while (sockets.size() <= static_cast<std::size_t>(fd)) sockets.emplace_back();
    return sockets[static_cast<std::size_t>(fd)];
  }

  CurlTransfer& Idle();
  void Launch(const Queued& next);
  std::span<const epoll_event> Wait(Instant until);
  void OnReady(int fd, std::uint32_t events);
  void BusyWait() const;
  void LookAndBegin(Socket& socket, int fd, Instant before);
  void Act(int fd, int mask);
  void AfterAction(CurlTransfer& transfer);
  void DrainDone();
  void End(CurlTransfer& transfer, CURLcode code, TransferEnd::Result* result);

  static int OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void*);
  static int OnTimer(CURLM*, long milliseconds, void* self);
  static curl_socket_t OpenSocket(void* self, curlsocktype, curl_sockaddr* address);
  static int CloseSocket(void* self, curl_socket_t fd);
};

CurlTransport::CurlTransport(const CurlOptions& options) {
  InitCurl();
  state_ = std::make_unique<State>(options);
  State& s = *state_;
  s.multi.reset(curl_multi_init());
  if (!s.multi) throw std::runtime_error("libcurl cannot make a multi handle");
  curl_multi_setopt(s.multi.get(), CURLMOPT_SOCKETFUNCTION, &State::OnSocket);
  curl_multi_setopt(s.multi.get(), CURLMOPT_SOCKETDATA, &s);
  curl_multi_setopt(s.multi.get(), CURLMOPT_TIMERFUNCTION, &State::OnTimer);
  curl_multi_setopt(s.multi.get(), CURLMOPT_TIMERDATA, &s);
  curl_multi_setopt(s.multi.get(), CURLMOPT_MAXCONNECTS, 1L << 20);
  curl_multi_setopt(s.multi.get(), CURLMOPT_PIPELINING,
                    options.http == HttpVersion::k2 ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING);
  if (const std::string resolved = ResolveOnce(options.url); !resolved.empty()) {
    AppendHeader(s.resolve, resolved);
  }
  s.clocks.Refresh();
}

CurlTransport::~CurlTransport() {
  for (const auto& [observer, transfer] : state_->running) {
    curl_multi_remove_handle(state_->multi.get(), transfer->easy());
  }
}

Instant CurlTransport::Now() const { return MonotonicNow(); }

void CurlTransport::Submit(const Submission& submission, StreamObserver& observer) {
  state_->queued.push_back({submission, &observer});
}

void CurlTransport::Cancel(StreamObserver& observer) {
  State& s = *state_;
  if (const auto it = s.running.find(&observer); it != s.running.end()) {
    TransferEnd::Result cancelled = TransferEnd::Result::kCancelled;
    s.End(*it->second, CURLE_OK, &cancelled);
    return;
  }
  const auto it = std::find_if(s.queued.begin(), s.queued.end(),
                               [&](const Queued& q) { return q.observer == &observer; });
  if (it == s.queued.end()) return;
  s.queued.erase(it);
  observer.OnEnd({.result = TransferEnd::Result::kCancelled, .at = Now()});
}

void CurlTransport::Poll(Instant until) {
  State& s = *state_;
  for (const epoll_event& ready : s.Wait(until)) s.OnReady(ready.data.fd, ready.events);
  if (MonotonicNow() >= s.curl_due) {
    s.curl_due = kNever;
    s.Act(CURL_SOCKET_TIMEOUT, 0);
  }
  for (int i = 0; i < kLaunchesPerTurn && !s.queued.empty(); ++i) {
    const Queued next = std::move(s.queued.front());
    s.queued.pop_front();
    s.Launch(next);
  }
}

void CurlTransport::Wake() noexcept { state_->epoll.Wake(); }

ClientStats CurlTransport::Stats() const {
  ClientStats stats = state_->stats;
  if (state_->began != Instant{}) stats.elapsed = MonotonicNow() - state_->began;
  stats.busy = stats.elapsed - state_->waited;
  return stats;
}

TimestampKind CurlTransport::timestamps() const {
  const State& s = *state_;
  const bool stamped = s.stats.client_delay.count() > 0 || s.stats.stamps_missing == 0;
  return s.options.timestamps == TimestampKind::kKernel && s.Stamping() && stamped
             ? TimestampKind::kKernel
             : TimestampKind::kUser;
}

bool CurlTransport::left_loopback() const { return state_->remote; }

CurlTransfer& CurlTransport::State::Idle() {
  if (idle.empty()) {
    CurlOptions own = options;
    if (!Stamping()) own.timestamps = TimestampKind::kUser;
    CurlTransfer& made = transfers.emplace_back(own, resolve.get());
    curl_easy_setopt(made.easy(), CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
    curl_easy_setopt(made.easy(), CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(made.easy(), CURLOPT_CLOSESOCKETFUNCTION, &CloseSocket);
    curl_easy_setopt(made.easy(), CURLOPT_CLOSESOCKETDATA, this);
    return made;
  }
  CurlTransfer& transfer = *idle.back();
  idle.pop_back();
  return transfer;
}

void CurlTransport::State::Launch(const Queued& next) {
  CurlTransfer& transfer = Idle();
  running[next.observer] = &transfer;
  transfer.Begin(next.submission, *next.observer, MonotonicNow());
  curl_multi_add_handle(multi.get(), transfer.easy());
  int count = 0;
  curl_multi_socket_action(multi.get(), CURL_SOCKET_TIMEOUT, 0, &count);
  AfterAction(transfer);
  DrainDone();
}

std::span<const epoll_event> CurlTransport::State::Wait(Instant until) {
  const Instant before = MonotonicNow();
  if (began == Instant{}) began = before;
  const auto ready = epoll.Wait(before, queued.empty() ? std::min(until, curl_due) : before);
  waited += MonotonicNow() - before;
  if (!ready.empty()) clocks.Refresh();
  return ready;
}

void CurlTransport::State::OnReady(int fd, std::uint32_t events) {
  Socket& socket = At(fd);
  if (!socket.watched) return;  // closed by an earlier action of this turn
  const bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
  if (socket.last_wait + 1 < epoll.wait()) socket.arrivals.EmptyAt(epoll.wait_before_began());
  socket.last_wait = epoll.wait();
  CurlTransfer* transfer = socket.transfer;
  Instant before{};
  if (readable && transfer != nullptr) {
    BusyWait();
    before = MonotonicNow();
    LookAndBegin(socket, fd, before);
  }
  int mask = 0;
  if ((events & EPOLLIN) != 0) mask |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) mask |= CURL_CSELECT_IN | CURL_CSELECT_ERR;
  int count = 0;
  curl_multi_socket_action(multi.get(), fd, mask, &count);
  if (transfer != nullptr) {
    if (readable) {
      const std::size_t passed = transfer->EndRead();
      socket.arrivals.End(passed > 0 && passed >= waiting && waiting < kReadBuffer, before);
      if (passed > waiting) socket.record_left = 0;
    }
    AfterAction(*transfer);
  }
  DrainDone();
}

void CurlTransport::State::BusyWait() const {
  if (options.test_read_delay <= Nanos{0}) return;
  const Instant until = MonotonicNow() + options.test_read_delay;
  while (MonotonicNow() < until) continue;
}

void CurlTransport::State::LookAndBegin(Socket& socket, int fd, Instant before) {
  CurlTransfer& transfer = *socket.transfer;
  socket.arrivals.EmptyAt(transfer.asked_at());
  // Before the body of a TLS response, records of the handshake can come in the same read.
  const bool unknown_records = tls && !transfer.head_done();
  if (!Stamping() || unknown_records) {
    waiting = SIZE_MAX;
    socket.arrivals.Begin({}, before);
    transfer.BeginRead(0, std::nullopt);
    return;
  }
  const QueueLook& look =
      looker.Look(fd, clocks,
                  {.kind = tls ? Framing::Kind::kRecords : Framing::Kind::kBytes,
                   .chunks = transfer.decoder(),
                   .record_left = std::exchange(socket.record_left, 0)});
  socket.record_left = look.record_left;
  waiting = tls ? look.records : look.bytes;
  std::optional<Instant> last_stamp;
  if (!look.points.empty()) {
    // The look itself took time, in which more may have come.
    if (socket.arrivals.Begin(look, MonotonicNow())) {
      last_stamp = look.points.back().stamp;
    } else {
      ++stats.clock_rejected;
    }
  } else {
    socket.arrivals.Begin({}, before);
    if (look.bytes > 0 && !tls) ++stats.stamps_missing;
  }
  transfer.BeginRead(look.bytes, last_stamp);
}

void CurlTransport::State::Act(int fd, int mask) {
  int count = 0;
  curl_multi_socket_action(multi.get(), fd, mask, &count);
  DrainDone();
}

void CurlTransport::State::AfterAction(CurlTransfer& transfer) {
  if (transfer.observer() == nullptr) return;
  transfer.NoteSent(MonotonicNow());
  if (const auto delay = transfer.TakeDelay()) stats.client_delay.Record(*delay);
  if (!remote && !transfer.peer().empty()) remote = !IsLoopback(transfer.peer());
}

void CurlTransport::State::DrainDone() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* self = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
    const CURLcode code = message->data.result;
    End(*reinterpret_cast<CurlTransfer*>(self), code, nullptr);
  }
}

void CurlTransport::State::End(CurlTransfer& transfer, CURLcode code, TransferEnd::Result* result) {
  TransferEnd end;
  curl_multi_remove_handle(multi.get(), transfer.easy());
  StreamObserver* observer = transfer.Finish(code, MonotonicNow(), end);
  if (result != nullptr) end.result = *result;
  running.erase(observer);
  idle.push_back(&transfer);
  observer->OnEnd(end);
}

int CurlTransport::State::OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void*) {
  State& s = *static_cast<State*>(self);
  Socket& socket = s.At(fd);
  if (what == CURL_POLL_REMOVE) {
    if (std::exchange(socket.watched, false)) s.epoll.Unwatch(fd);
    socket.transfer = nullptr;
    return 0;
  }
  char* transfer = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  socket.transfer = reinterpret_cast<CurlTransfer*>(transfer);
  socket.transfer->Attach(&socket.arrivals);
  std::uint32_t events = 0;
  if ((what & CURL_POLL_IN) != 0) events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) events |= EPOLLOUT;
  const bool known = std::exchange(socket.watched, true);
  s.epoll.Watch(fd, events, known ? Epoll::Change::kModify : Epoll::Change::kAdd);
  socket.last_wait = s.epoll.wait();
  return 0;
}

int CurlTransport::State::OnTimer(CURLM*, long milliseconds, void* self) {
  State& s = *static_cast<State*>(self);
  s.curl_due = milliseconds < 0 ? kNever : MonotonicNow() + std::chrono::milliseconds{milliseconds};
  return 0;
}

curl_socket_t CurlTransport::State::OpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
  State& s = *static_cast<State*>(self);
  const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  ++s.stats.connections;
  if (s.Stamping()) EnableReceiveStamps(fd);
  Socket& socket = s.At(fd);
  socket = Socket();
  socket.arrivals.EmptyAt(MonotonicNow());
  return fd;
}

int CurlTransport::State::CloseSocket(void* self, curl_socket_t fd) {
  State& s = *static_cast<State*>(self);
  Socket& socket = s.At(fd);
  if (socket.watched) s.epoll.Closed();
  socket = Socket();
  return close(fd);
}

}  // namespace sseprof
