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
#include "net/loop_teller.h"
#include "net/socket_table.h"

namespace sseprof {
namespace {

// With HTTP/2 one connection serves many streams, so that all are of one multi handle.
constexpr std::size_t kStreamsPerMulti = 64;
constexpr int kFilesOfMulti = 2;   // a pair of sockets by which it can be woken
constexpr int kFilesOfTables = 3;  // of the socket table: epoll, its event, the stamping socket

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
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
  /// A multi handle, and when it wants to be called.
  struct Multi {
    std::unique_ptr<CURLM, MultiDeleter> handle;
    Instant due = kNever;
  };

  State(const CurlOptions& o, LoopSink* sink) : options(o), sockets(o), teller(sink) {
    if (!sockets.stamping()) options.timestamps = TimestampKind::kUser;
  }

  CurlOptions options;
  SocketTable sockets;
  LoopTeller teller;
  HeaderList resolve;
  std::deque<CurlTransfer> transfers;  ///< all that were ever made; outlive the multi handles
  std::deque<Multi> multis;
  std::vector<CurlTransfer*> idle;
  std::unordered_map<StreamObserver*, CurlTransfer*> running;
  std::vector<CURLM*> unheard;  ///< may have results that came while a request was submitted
  /// The transfer being submitted, and its socket if it is yet to connect. On loopback it connects
  /// in no time, so that the request can go out at once.
  const CurlTransfer* submitted = nullptr;
  int connecting = -1;

  Histogram client_delay;
  std::uint64_t connections = 0;
  bool remote = false;

  void AddMulti();
  void AddTransfer();
  Instant due() const;
  void OnReady(int fd, std::uint32_t events);
  Instant RunTimers();
  void AfterAction(CurlTransfer& transfer);
  Nanos busy() const { return sockets.elapsed() - sockets.waited(); }
  bool DrainDone(CURLM* multi);
  void End(CurlTransfer& transfer, CURLcode code, TransferEnd::Result* result);

  static int OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void*);
  static int OnTimer(CURLM*, long milliseconds, void* multi);
  static curl_socket_t OpenSocket(void* self, curlsocktype, curl_sockaddr* address);
  static int CloseSocket(void* self, curl_socket_t fd);
};

CurlTransport::CurlTransport(const CurlOptions& options, int streams, LoopSink* sink) {
  InitCurl();
  state_ = std::make_unique<State>(options, sink);
  if (const std::string resolved = ResolveOnce(options.url); !resolved.empty()) {
    AppendHeader(state_->resolve, resolved);
  }
  for (int i = 0; i < streams; ++i) state_->AddTransfer();
}

CurlTransport::~CurlTransport() {
  for (const auto& [observer, transfer] : state_->running) {
    curl_multi_remove_handle(transfer->multi(), transfer->easy());
  }
}

Instant CurlTransport::Now() const { return MonotonicNow(); }

void CurlTransport::Submit(const Submission& submission, StreamObserver& observer) {
  State& s = *state_;
  if (s.idle.empty()) s.AddTransfer();
  CurlTransfer& transfer = *s.idle.back();
  s.idle.pop_back();
  s.running[&observer] = &transfer;
  transfer.Begin(submission, observer, MonotonicNow());
  CURLM* multi = transfer.multi();
  s.submitted = &transfer;
  s.connecting = -1;
  curl_multi_add_handle(multi, transfer.easy());
  int count = 0;
  curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &count);
  if (s.connecting >= 0) curl_multi_socket_action(multi, s.connecting, CURL_CSELECT_OUT, &count);
  s.submitted = nullptr;
  s.AfterAction(transfer);
  s.unheard.push_back(multi);
}

void CurlTransport::Cancel(StreamObserver& observer) {
  State& s = *state_;
  const auto it = s.running.find(&observer);
  if (it == s.running.end()) return;
  TransferEnd::Result cancelled = TransferEnd::Result::kCancelled;
  s.End(*it->second, CURLE_OK, &cancelled);
}

void CurlTransport::Poll(Instant until) {
  State& s = *state_;
  for (CURLM* multi : s.unheard) {
    if (s.DrainDone(multi)) until = Instant{};
  }
  s.unheard.clear();
  if (s.teller.is_new()) s.teller.Begin(MonotonicNow());
  for (const epoll_event& ready : s.sockets.Wait(std::min({until, s.due(), s.teller.due()}))) {
    s.OnReady(ready.data.fd, ready.events);
  }
  const Instant turned = s.RunTimers();
  if (s.teller.tells()) s.teller.Turned(turned, s.busy());
}

void CurlTransport::TellRest() { state_->teller.TellRest(state_->busy()); }

std::int64_t CurlTransport::FilesFor(std::int64_t streams) {
  const std::int64_t multis = streams / static_cast<std::int64_t>(kStreamsPerMulti) + 1;
  return streams + kFilesOfMulti * multis + kFilesOfTables;
}

void CurlTransport::Wake() noexcept { state_->sockets.Wake(); }

ClientStats CurlTransport::Stats() const {
  const State& s = *state_;
  return {.client_delay = s.client_delay,
          .clock_rejected = s.sockets.clock_rejected(),
          .stamps_missing = s.sockets.stamps_missing(),
          .connections = s.connections,
          .busy = s.busy(),
          .elapsed = s.sockets.elapsed()};
}

TimestampKind CurlTransport::timestamps() const {
  const State& s = *state_;
  const bool never_stamped = s.client_delay.count() == 0 && s.sockets.stamps_missing() > 0;
  return never_stamped ? TimestampKind::kUser : s.options.timestamps;
}

bool CurlTransport::left_loopback() const { return state_->remote; }

void CurlTransport::State::AddMulti() {
  Multi& multi = multis.emplace_back();
  multi.handle.reset(curl_multi_init());
  if (!multi.handle) throw std::runtime_error("libcurl cannot make a multi handle");
  CURLM* m = multi.handle.get();
  curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, &OnSocket);
  curl_multi_setopt(m, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, &OnTimer);
  curl_multi_setopt(m, CURLMOPT_TIMERDATA, &multi);
  curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, 1L << 20);
  curl_multi_setopt(m, CURLMOPT_PIPELINING,
                    options.http == HttpVersion::k2 ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING);
}

void CurlTransport::State::AddTransfer() {
  const bool one_multi = options.http == HttpVersion::k2 && !multis.empty();
  if (transfers.size() % kStreamsPerMulti == 0 && !one_multi) AddMulti();
  CurlTransfer& made = transfers.emplace_back(options, resolve.get(), multis.back().handle.get());
  curl_easy_setopt(made.easy(), CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  curl_easy_setopt(made.easy(), CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(made.easy(), CURLOPT_CLOSESOCKETFUNCTION, &CloseSocket);
  curl_easy_setopt(made.easy(), CURLOPT_CLOSESOCKETDATA, this);
  idle.push_back(&made);
}

Instant CurlTransport::State::due() const {
  Instant first = kNever;
  for (const Multi& multi : multis) first = std::min(first, multi.due);
  return first;
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
  curl_multi_socket_action(transfer->multi(), fd, mask, &count);
  if (readable) sockets.EndRead(fd, *transfer);
  AfterAction(*transfer);
  DrainDone(transfer->multi());
}

Instant CurlTransport::State::RunTimers() {
  const Instant now = MonotonicNow();
  if (due() > now) return now;
  for (Multi& multi : multis) {
    if (multi.due > MonotonicNow()) continue;
    multi.due = kNever;
    int count = 0;
    curl_multi_socket_action(multi.handle.get(), CURL_SOCKET_TIMEOUT, 0, &count);
    DrainDone(multi.handle.get());
  }
  return MonotonicNow();
}

void CurlTransport::State::AfterAction(CurlTransfer& transfer) {
  if (transfer.observer() == nullptr) return;
  transfer.NoteSent();
  transfer.observer()->OnReadEnd();
  if (const auto delay = transfer.TakeDelay()) {
    client_delay.Record(*delay);
    teller.Read(*delay);
  }
  teller.Traffic(transfer);
  if (!remote && !transfer.peer().empty()) remote = !IsLoopback(transfer.peer());
}

bool CurlTransport::State::DrainDone(CURLM* multi) {
  int left = 0;
  bool any = false;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // the message goes with the handle
    End(TransferOf(message->easy_handle), code, nullptr);
    any = true;
  }
  return any;
}

void CurlTransport::State::End(CurlTransfer& transfer, CURLcode code, TransferEnd::Result* result) {
  TransferEnd end;
  curl_multi_remove_handle(transfer.multi(), transfer.easy());
  StreamObserver* observer = transfer.Finish(code, MonotonicNow(), end);
  teller.Traffic(transfer);
  if (result != nullptr) end.result = *result;
  running.erase(observer);
  idle.push_back(&transfer);
  observer->OnEnd(end);
}

int CurlTransport::State::OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void*) {
  State& s = *static_cast<State*>(self);
  if (what == CURL_POLL_REMOVE) {
    s.sockets.Unwatch(fd);
    return 0;
  }
  CurlTransfer& transfer = TransferOf(easy);
  if (&transfer == s.submitted) s.connecting = what == CURL_POLL_OUT ? fd : -1;
  std::uint32_t events = 0;
  if ((what & CURL_POLL_IN) != 0) events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) events |= EPOLLOUT;
  s.sockets.Watch(fd, events, transfer);
  return 0;
}

int CurlTransport::State::OnTimer(CURLM*, long milliseconds, void* multi) {
  static_cast<Multi*>(multi)->due =
      milliseconds < 0 ? kNever : MonotonicNow() + std::chrono::milliseconds{milliseconds};
  return 0;
}

curl_socket_t CurlTransport::State::OpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
  State& s = *static_cast<State*>(self);
  const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  ++s.connections;
  s.teller.Opened();
  s.sockets.Opened(fd);
  return fd;
}

int CurlTransport::State::CloseSocket(void* self, curl_socket_t fd) {
  State& s = *static_cast<State*>(self);
  s.teller.Closed();
  s.sockets.Closed(fd);
  return close(fd);
}

}  // namespace sseprof
