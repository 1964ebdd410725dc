#include "net/curl_transport.h"

#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "net/clock.h"
#include "net/curl_easy.h"
#include "net/curl_transfer.h"
#include "net/socket_table.h"

namespace sseprof {
namespace {

// A launch costs far more than a read; so many at most between two turns of reading.
constexpr int kLaunchesPerTurn = 8;

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

struct Queued {
  Submission submission;
  StreamObserver* observer;
};

bool IsLoopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

CurlTransfer& TransferOf(CURL* easy) {
  char* transfer = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  return *reinterpret_cast<CurlTransfer*>(transfer);
}

}  // namespace

struct CurlTransport::State {
  explicit State(const CurlOptions& o) : options(o), sockets(o) {
    if (!sockets.stamping()) options.timestamps = TimestampKind::kUser;
  }

  CurlOptions options;
  SocketTable sockets;
  HeaderList resolve;
  std::deque<CurlTransfer> transfers;  ///< all that were ever made; outlive the multi handle
  std::unique_ptr<CURLM, MultiDeleter> multi;
  std::vector<CurlTransfer*> idle;
  std::deque<Queued> queued;
  std::unordered_map<StreamObserver*, CurlTransfer*> running;
  Instant curl_due = kNever;

  Histogram client_delay;
  std::uint64_t connections = 0;
  bool remote = false;

  CurlTransfer& NewTransfer();
  void Launch(const Queued& next);
  void OnReady(int fd, std::uint32_t events);
  void Act(int fd, int mask);
  void AfterAction(CurlTransfer& transfer);
  void DrainDone();
  void End(CurlTransfer& transfer, CURLcode code, TransferEnd::Result* result);

  static int OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void*);
  static int OnTimer(CURLM*, long milliseconds, void* self);
  static curl_socket_t OpenSocket(void* self, curlsocktype, curl_sockaddr* address);
  static int CloseSocket(void* self, curl_socket_t fd);
};

CurlTransport::CurlTransport(const CurlOptions& options, int streams) {
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
  for (int i = 0; i < streams; ++i) s.idle.push_back(&s.NewTransfer());
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
  const Instant due = s.queued.empty() ? std::min(until, s.curl_due) : Instant{};
  for (const epoll_event& ready : s.sockets.Wait(due)) s.OnReady(ready.data.fd, ready.events);
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

void CurlTransport::Wake() noexcept { state_->sockets.Wake(); }

ClientStats CurlTransport::Stats() const {
  const State& s = *state_;
  const Nanos elapsed = s.sockets.elapsed();
  return {.client_delay = s.client_delay,
          .clock_rejected = s.sockets.clock_rejected(),
          .stamps_missing = s.sockets.stamps_missing(),
          .connections = s.connections,
          .busy = elapsed - s.sockets.waited(),
          .elapsed = elapsed};
}

TimestampKind CurlTransport::timestamps() const {
  const State& s = *state_;
  const bool never_stamped = s.client_delay.count() == 0 && s.sockets.stamps_missing() > 0;
  return never_stamped ? TimestampKind::kUser : s.options.timestamps;
}

bool CurlTransport::left_loopback() const { return state_->remote; }

CurlTransfer& CurlTransport::State::NewTransfer() {
  CurlTransfer& made = transfers.emplace_back(options, resolve.get());
  curl_easy_setopt(made.easy(), CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  curl_easy_setopt(made.easy(), CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(made.easy(), CURLOPT_CLOSESOCKETFUNCTION, &CloseSocket);
  curl_easy_setopt(made.easy(), CURLOPT_CLOSESOCKETDATA, this);
  return made;
}

void CurlTransport::State::Launch(const Queued& next) {
  if (idle.empty()) idle.push_back(&NewTransfer());
  CurlTransfer& transfer = *idle.back();
  idle.pop_back();
  running[next.observer] = &transfer;
  transfer.Begin(next.submission, *next.observer, MonotonicNow());
  curl_multi_add_handle(multi.get(), transfer.easy());
  int count = 0;
  curl_multi_socket_action(multi.get(), CURL_SOCKET_TIMEOUT, 0, &count);
  AfterAction(transfer);
  DrainDone();
}

void CurlTransport::State::OnReady(int fd, std::uint32_t events) {
  CurlTransfer* transfer = sockets.Reported(fd);
  if (transfer == nullptr) return;  // closed by an earlier action of this turn
  const bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
  if (readable) sockets.BeginRead(fd);
  int mask = 0;
  if ((events & EPOLLIN) != 0) mask |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) mask |= CURL_CSELECT_IN | CURL_CSELECT_ERR;
  int count = 0;
  curl_multi_socket_action(multi.get(), fd, mask, &count);
  if (readable) sockets.EndRead(fd, *transfer);
  AfterAction(*transfer);
  DrainDone();
}

void CurlTransport::State::Act(int fd, int mask) {
  int count = 0;
  curl_multi_socket_action(multi.get(), fd, mask, &count);
  DrainDone();
}

void CurlTransport::State::AfterAction(CurlTransfer& transfer) {
  if (transfer.observer() == nullptr) return;
  transfer.NoteSent(MonotonicNow());
  if (const auto delay = transfer.TakeDelay()) client_delay.Record(*delay);
  if (!remote && !transfer.peer().empty()) remote = !IsLoopback(transfer.peer());
}

void CurlTransport::State::DrainDone() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // the message goes with the handle
    End(TransferOf(message->easy_handle), code, nullptr);
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
  SocketTable& sockets = static_cast<State*>(self)->sockets;
  if (what == CURL_POLL_REMOVE) {
    sockets.Unwatch(fd);
    return 0;
  }
  std::uint32_t events = 0;
  if ((what & CURL_POLL_IN) != 0) events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) events |= EPOLLOUT;
  sockets.Watch(fd, events, TransferOf(easy));
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
  ++s.connections;
  s.sockets.Opened(fd);
  return fd;
}

int CurlTransport::State::CloseSocket(void* self, curl_socket_t fd) {
  static_cast<State*>(self)->sockets.Closed(fd);
  return close(fd);
}

}  // namespace sseprof
