#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sim/sim_server.h"

namespace sseprof {

struct HttpResponse {
  int status = 0;
  std::string head;
  std::string body;                 ///< chunks joined
  std::vector<std::string> chunks;  ///< of a chunked body, without the last, empty one

  /// The data of the SSE events in the body.
  std::vector<std::string> EventData() const;
};

/// A blocking HTTP client for tests: one connection, 10 s of patience, then an exception.
class LoopbackClient {
 public:
  /// @param receive_buffer  bytes that the kernel may hold for us; 0: the usual
  explicit LoopbackClient(std::uint16_t port, int receive_buffer = 0);
  ~LoopbackClient();
  LoopbackClient(const LoopbackClient&) = delete;
  LoopbackClient& operator=(const LoopbackClient&) = delete;

  void Send(std::string_view bytes);
  HttpResponse Receive();
  HttpResponse Get(std::string_view path);
  HttpResponse Post(std::string_view body, std::string_view headers = "");
  void SendPost(std::string_view body, std::string_view headers = "");

  /// Bytes up to and with `mark`.
  std::string ReadUntil(std::string_view mark);
  std::string ReadExactly(std::size_t size);
  /// Whether the server closes the connection next.
  bool IsClosedByServer();

 private:
  bool ReadMore();

  int socket_;
  std::string pending_;
};

/// A SimServer in a thread, stopped at the end.
class RunningServer {
 public:
  explicit RunningServer(SimOptions options);
  ~RunningServer() { Stop(); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  std::uint16_t port() const { return server_.port(); }
  void Stop();
  /// One sample of /metrics whose line starts with `vllm:` and `name`, asked for again until it has
  /// the value that is wanted, or 10 s have passed.
  bool WaitForMetric(std::string_view name, double value) const;

 private:
  SimServer server_;
  std::thread thread_;
};

/// A server that is fast: a token every millisecond or so.
SimOptions FastOptions();

/// A chat request's body with these further members.
std::string ChatBody(std::string_view members);

}  // namespace sseprof
