// The same client without libcurl: sockets, epoll, and as much of HTTP/1.1 as it takes to read a
// chunked answer. It shows what libcurl itself costs, and so whether bare_curl is a fair yardstick.
#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bare_client.h"
#include "chunked_answer.h"

namespace {

struct Slot {
  int fd = -1;
  std::string request;
  std::size_t sent = 0;
  bool waits_to_send = false;  // for EPOLLOUT
  bare::ChunkedAnswer answer;
  bare::Stream stream;
};

class Client {
 public:
  explicit Client(const bare::Options& options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Run();
  void Report() const { tally_.Report(); }

 private:
  void Launch(Slot& slot);
  void Connect(Slot& slot);
  void Send(Slot& slot);
  void Receive(Slot& slot);
  void End(Slot& slot, bool good);
  void Watch(Slot& slot, std::uint32_t events, int operation);

  bare::Tally tally_;
  const std::string body_;
  sockaddr_in server_{};
  std::string head_;
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<Slot> slots_;
  std::vector<char> buffer_ = std::vector<char>(65536);
};

/// @param url  http://a.b.c.d:port/path
Client::Client(const bare::Options& options)
    : tally_(options), body_(bare::RequestBody(options)), slots_(options.concurrency) {
  std::array<char, 16> host;
  std::array<char, 1024> path;
  unsigned short port = 0;
  if (std::sscanf(options.url.c_str(), "http://%15[0-9.]:%hu%1023s", host.data(), &port,
                  path.data()) != 3 ||
      inet_pton(AF_INET, host.data(), &server_.sin_addr) != 1) {
    fmt::print(stderr, "--url: {} is not of the form http://a.b.c.d:port/path\n", options.url);
    std::exit(2);
  }
  server_.sin_family = AF_INET;
  server_.sin_port = htons(port);
  head_ = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\nX-Request-Id: ",
      path.data(), host.data(), port, body_.size());
}

Client::~Client() {
  for (const Slot& slot : slots_) {
    if (slot.fd >= 0) close(slot.fd);
  }
  close(epoll_);
}

void Client::Run() {
  tally_.Start();
  for (Slot& slot : slots_) Launch(slot);
  std::array<epoll_event, 256> ready;
  while (tally_.running()) {
    const int count = epoll_wait(epoll_, ready.data(), ready.size(), -1);
    for (int i = 0; i < count; ++i) {
      Slot& slot = *static_cast<Slot*>(ready[i].data.ptr);
      if ((ready[i].events & EPOLLOUT) != 0) Send(slot);
      if ((ready[i].events & ~EPOLLOUT) != 0) Receive(slot);
    }
  }
}

void Client::Launch(Slot& slot) {
  if (!tally_.Launch(slot.stream)) return;
  slot.request = head_ + bare::RequestId(slot.stream.row().n) + "\r\n\r\n" + body_;
  slot.sent = 0;
  slot.answer.Reset();
  if (slot.fd >= 0) {
    Send(slot);
  } else {
    Connect(slot);
  }
}

void Client::Connect(Slot& slot) {
  slot.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (slot.fd < 0) bare::Die("socket");
  const int on = 1;
  setsockopt(slot.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* const server = reinterpret_cast<const sockaddr*>(&server_);
  if (connect(slot.fd, server, sizeof server_) != 0 && errno != EINPROGRESS) bare::Die("connect");
  Watch(slot, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
  slot.waits_to_send = true;
}

void Client::Send(Slot& slot) {
  const std::size_t left = slot.request.size() - slot.sent;
  const ssize_t size = send(slot.fd, slot.request.data() + slot.sent, left, MSG_NOSIGNAL);
  const bool whole = size == static_cast<ssize_t>(left);
  if (size > 0) slot.sent += size;
  if (whole) slot.stream.row().sent_ns = bare::Now();
  if (whole == slot.waits_to_send) Watch(slot, whole ? EPOLLIN : EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  slot.waits_to_send = !whole;
}

void Client::Receive(Slot& slot) {
  const ssize_t size = recv(slot.fd, buffer_.data(), buffer_.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return End(slot, false);
  slot.answer.Feed(buffer_.data(), buffer_.data() + size, slot.stream, bare::Now());
  if (slot.answer.state() >= bare::ChunkedAnswer::State::kDone) {
    End(slot, slot.answer.state() == bare::ChunkedAnswer::State::kDone);
  }
}

void Client::End(Slot& slot, bool good) {
  if (!good) {
    close(slot.fd);
    slot.fd = -1;
  }
  tally_.Finished(slot.stream, good);
  Launch(slot);
}

void Client::Watch(Slot& slot, std::uint32_t events, int operation) {
  epoll_event event{.events = events, .data = {.ptr = &slot}};
  epoll_ctl(epoll_, operation, slot.fd, &event);
}

}  // namespace

int main(int argc, char** argv) {
  Client client(bare::ParseOptions(argc, argv, "A closed loop of chat completions on sockets"));
  client.Run();
  client.Report();
}
