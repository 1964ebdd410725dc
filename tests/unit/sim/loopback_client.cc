#include "loopback_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace sseprof {
namespace {

using namespace std::chrono_literals;

void Require(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(what);
}

}  // namespace

std::vector<std::string> HttpResponse::EventData() const {
  constexpr std::string_view kField = "data: ";
  std::vector<std::string> events;
  std::size_t at = 0;
  while (at < body.size()) {
    const std::size_t end = body.find("\n\n", at);
    Require(end != std::string::npos && body.compare(at, kField.size(), kField) == 0, "no event");
    events.push_back(body.substr(at + kField.size(), end - at - kField.size()));
    at = end + 2;
  }
  return events;
}

LoopbackClient::LoopbackClient(std::uint16_t port, int receive_buffer)
    : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (receive_buffer > 0) {
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Require(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
}

LoopbackClient::~LoopbackClient() { close(socket_); }

void LoopbackClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    Require(sent > 0, "send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool LoopbackClient::ReadMore() {
  char bytes[4096];
  const ssize_t got = recv(socket_, bytes, sizeof bytes, 0);
  Require(got >= 0, "recv");
  pending_.append(bytes, static_cast<std::size_t>(got));
  return got > 0;
}

std::string LoopbackClient::ReadUntil(std::string_view mark) {
  std::size_t at = pending_.find(mark);
  while (at == std::string::npos) {
    Require(ReadMore(), "closed");
    at = pending_.find(mark);
  }
  return ReadExactly(at + mark.size());
}

std::string LoopbackClient::ReadExactly(std::size_t size) {
  while (pending_.size() < size) Require(ReadMore(), "closed");
  std::string bytes = pending_.substr(0, size);
  pending_.erase(0, size);
  return bytes;
}

bool LoopbackClient::IsClosedByServer() { return pending_.empty() && !ReadMore(); }

HttpResponse LoopbackClient::Receive() {
  constexpr std::string_view kLength = "content-length: ";
  constexpr std::size_t kStatusAt = 9;  // HTTP/1.1 200
  HttpResponse response;
  response.head = ReadUntil("\r\n\r\n");
  response.status = std::stoi(response.head.substr(kStatusAt));
  const std::size_t length = response.head.find(kLength);
  if (length != std::string::npos) {
    response.body = ReadExactly(std::stoul(response.head.substr(length + kLength.size())));
    return response;
  }
  while (true) {
    const std::size_t size = std::stoul(ReadUntil("\r\n"), nullptr, 16);
    const std::string chunk = ReadExactly(size);
    Require(ReadExactly(2) == "\r\n", "chunk");
    if (size == 0) return response;
    response.body += chunk;
    response.chunks.push_back(chunk);
  }
}

HttpResponse LoopbackClient::Get(std::string_view path) {
  Send("GET " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return Receive();
}

void LoopbackClient::SendPost(std::string_view body, std::string_view headers) {
  Send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n" + std::string{headers} +
       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body});
}

HttpResponse LoopbackClient::Post(std::string_view body, std::string_view headers) {
  SendPost(body, headers);
  return Receive();
}

RunningServer::RunningServer(SimOptions options)
    : server_(std::move(options)), thread_([this] { server_.Run(); }) {}

void RunningServer::Stop() {
  if (!thread_.joinable()) return;
  server_.Stop();
  thread_.join();
}

bool RunningServer::WaitForMetric(std::string_view name, double value) const {
  const std::string start = "\nvllm:" + std::string{name};
  LoopbackClient client{port()};
  for (int tries = 0; tries < 1000; ++tries) {
    const std::string page = "\n" + client.Get("/metrics").body;
    const std::size_t at = page.find(start);
    Require(at != std::string::npos, "no such metric");
    if (std::stod(page.substr(page.find("} ", at) + 2)) == value) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

SimOptions FastOptions() {
  SimOptions options;
  options.port = 0;
  options.model = "m";
  options.engine.step_base = 1ms;
  options.engine.step_per_sequence = 0ms;
  options.engine.prefill_per_token = 0ms;
  return options;
}

std::string ChatBody(std::string_view members) {
  return R"({"messages":[{"role":"user","content":"Tell me more."}],)" + std::string{members} + "}";
}

}  // namespace sseprof
