// A server that answers every chat completion at once, with a stream made before, as fast as the
// client takes it. It says nothing true about a model: it finds out what a client's core can take.
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "command.h"
#include "flood_answer.h"

namespace flood {
namespace {

/// The number behind a key, or `otherwise`. Good enough for what load clients send.
long NumberAfter(std::string_view text, std::string_view key, long otherwise) {
  const auto at = text.find(key);
  return at == std::string_view::npos ? otherwise
                                      : std::strtol(text.data() + at + key.size(), nullptr, 10);
}

struct Connection {
  int fd;
  std::string in;
  const Answer* answer = nullptr;  ///< what is being sent
  std::size_t next_send = 0, sent = 0;
  bool queued = false;  ///< in `sending_`; else it waits for EPOLLOUT or a request
};

class Server {
 public:
  Server(int port, int events_per_send);
  void Run();

 private:
  void Accept();
  void OnReady(Connection& c, std::uint32_t events);
  void TakeRequest(Connection& c);
  const Answer& AnswerTo(std::string_view head, std::string_view body);
  bool SendOnce(Connection& c);
  void Watch(int fd, std::uint32_t events, int operation) const;

  const int events_per_send_;
  const int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int signals_ = -1;
  bool stopped_ = false;
  std::unordered_map<int, Connection> connections_;
  std::vector<Connection*> sending_;  ///< those that can send now
  std::map<long, Answer> streams_;
  const Answer models_ = MakeJson(
      "200 OK", R"({"object":"list","data":[{"id":"flood","object":"model","owned_by":"bench"}]})");
  const Answer not_found_ = MakeJson("404 Not Found", R"({"detail":"Not Found"})");
};

Server::Server(int port, int events_per_send) : events_per_send_(events_per_send) {
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(static_cast<std::uint16_t>(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (bind(listener_, generic, size) != 0 || listen(listener_, SOMAXCONN) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    std::perror("cannot listen");
    std::exit(1);
  }
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  sigprocmask(SIG_BLOCK, &ending, nullptr);
  signals_ = signalfd(-1, &ending, SFD_CLOEXEC);
  Watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
  Watch(signals_, EPOLLIN, EPOLL_CTL_ADD);
  fmt::print("http://127.0.0.1:{}\n", ntohs(address.sin_port));
  std::fflush(stdout);
}

void Server::Watch(int fd, std::uint32_t events, int operation) const {
  epoll_event event{.events = events, .data = {.fd = fd}};
  epoll_ctl(epoll_, operation, fd, &event);
}

void Server::Run() {
  std::array<epoll_event, 256> ready;
  while (!stopped_) {
    const int count = epoll_wait(epoll_, ready.data(), ready.size(), sending_.empty() ? -1 : 0);
    for (int i = 0; i < count; ++i) {
      const int fd = ready[i].data.fd;
      if (fd == signals_) stopped_ = true;
      if (fd == listener_) Accept();
      if (const auto it = connections_.find(fd); it != connections_.end()) {
        OnReady(it->second, ready[i].events);
      }
    }
    constexpr std::size_t kSendsPerTurn = 64;
    for (std::size_t sends = 0; sends < kSendsPerTurn && !sending_.empty();) {
      sends += sending_.size();
      std::erase_if(sending_, [this](Connection* c) { return !SendOnce(*c); });
    }
  }
}

void Server::Accept() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_[fd] = {.fd = fd};
    Watch(fd, EPOLLIN, EPOLL_CTL_ADD);
  }
}

void Server::OnReady(Connection& c, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    Watch(c.fd, EPOLLIN, EPOLL_CTL_MOD);
    c.queued = true;
    sending_.push_back(&c);
  }
  if ((events & ~EPOLLOUT) == 0) return;
  std::array<char, 16384> buffer;
  const ssize_t size = recv(c.fd, buffer.data(), buffer.size(), 0);
  if (size > 0) {
    c.in.append(buffer.data(), size);
    if (c.answer == nullptr) TakeRequest(c);
  } else if (size == 0 || errno != EAGAIN) {
    if (c.queued) std::erase(sending_, &c);
    close(c.fd);
    connections_.erase(c.fd);
  }
}

void Server::TakeRequest(Connection& c) {
  constexpr std::string_view kBlankLine = "\r\n\r\n";
  const auto head_size = c.in.find(kBlankLine);
  if (head_size == std::string::npos) return;
  const std::string_view head = std::string_view(c.in).substr(0, head_size);
  const std::size_t body_at = head_size + kBlankLine.size();
  const std::size_t end = body_at + NumberAfter(head, "Content-Length:", 0);
  if (c.in.size() < end) return;
  c.answer = &AnswerTo(head, std::string_view(c.in).substr(body_at, end - body_at));
  c.next_send = c.sent = 0;
  c.in.erase(0, end);
  c.queued = true;
  sending_.push_back(&c);
}

const Answer& Server::AnswerTo(std::string_view head, std::string_view body) {
  if (head.starts_with("GET /v1/models ")) return models_;
  if (!head.starts_with("POST ")) return not_found_;
  const long tokens = std::clamp(NumberAfter(body, "\"max_tokens\":", 16), 1L, 1L << 20);
  Answer& stream = streams_[tokens];
  if (stream.bytes.empty()) stream = MakeStream(tokens, events_per_send_);
  return stream;
}

/// False if the connection cannot go on sending now: it is full, gone, or has got its answer.
bool Server::SendOnce(Connection& c) {
  const std::size_t end = c.answer->sends[c.next_send];
  const ssize_t size = send(c.fd, c.answer->bytes.data() + c.sent, end - c.sent, MSG_NOSIGNAL);
  if (size >= 0) {
    c.sent += size;
    if (c.sent < end || ++c.next_send < c.answer->sends.size()) return true;
    c.answer = nullptr;
  } else if (errno == EAGAIN) {
    Watch(c.fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  }
  c.queued = false;
  return false;
}

}  // namespace
}  // namespace flood

int main(int argc, char** argv) {
  int port = 0;
  int events_per_send = 1;
  CLI::App app("Answers every chat completion at once, as fast as the client takes it");
  app.add_option("--port", port, "On 127.0.0.1; 0 takes any free one")->check(CLI::Range(0, 65535));
  app.add_option("--events-per-send", events_per_send)->check(CLI::PositiveNumber);
  ParseOrExit(app, argc, argv);
  RaiseFileLimit();
  flood::Server(port, events_per_send).Run();
}
