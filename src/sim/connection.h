#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>  // Boost.Asio 1.74 leaves it out
#include <vector>

#include "sim/chat_reply.h"
#include "sim/event_log.h"
#include "sseprof/time.h"

namespace sseprof {

/// A request that was read whole. Views live until the handler returns.
struct HttpRequest {
  std::string_view method;
  std::string_view path;  ///< without the query
  std::string_view authorization;
  std::string_view request_id;  ///< X-Request-Id, empty if there is none
  std::string_view body;
  Instant received_at;
};

class Connection;

/// What the server does with requests.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  /// Answers by Reply or BeginStream, now or later.
  virtual void Handle(const HttpRequest& request, const std::shared_ptr<Connection>& from) = 0;
  /// The connection is no more: not to be used, its descriptor is free.
  virtual void Closed() = 0;
};

/// One client: reads its requests one after the other and sends what answers them, by system calls
/// of its own, so that the time of each is known. An event is one send(); if the client is slow, it
/// waits behind what the kernel did not take yet. Lives as long as anyone waits for something.
class Connection : public EventSink, public std::enable_shared_from_this<Connection> {
 public:
  enum class End { kSent, kClientLeft };
  /// The reply is over, with the times of the events that went out whole.
  using OnEnd = std::function<void(End, std::vector<SendTimes>)>;

  Connection(boost::asio::ip::tcp::socket socket, RequestHandler* handler);
  ~Connection() override;

  void Start();

  /// For a request that is answered later: called once, from the event loop and never from within
  /// a call to this, when its reply has been sent or can no longer be.
  void Notify(OnEnd on_end) { on_end_ = std::move(on_end); }

  /// The whole answer to the request in hand.
  void Reply(int status, std::string_view content_type, std::string_view body);

  /// Or: headers now, then events, then EndStream.
  void BeginStream();
  void SendEvent(std::string_view http_chunk) override;
  void EndStream();

  /// Ends it as a client that leaves does.
  void Close();

 private:
  enum class Stamp { kNo, kYes };
  enum class State { kReading, kAnswering, kEnding, kClosed };
  struct Unsent {
    std::string bytes;
    Stamp stamp;
    std::size_t sent;
  };
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void Read();
  void OnRead(boost::beast::error_code error);
  void HandleRequest(Instant received_at);
  void WatchForDeparture();
  void OnReadable();
  void Send(std::string_view bytes, Stamp stamp);
  std::optional<std::size_t> SendNow(std::string_view bytes, Stamp stamp);
  void AwaitWritable();
  void SendUnsent();
  void EndIfAllSent();
  void FinishReply(End end);
  void CloseAfterClient();

  boost::asio::ip::tcp::socket socket_;
  RequestHandler* handler_;
  boost::beast::flat_buffer buffer_;
  std::array<char, 512> discarded_;
  std::optional<Parser> parser_;
  State state_ = State::kReading;
  bool keep_alive_ = true;
  std::deque<Unsent> unsent_;
  std::size_t unsent_bytes_ = 0;
  std::vector<SendTimes> sends_;
  OnEnd on_end_;
};

}  // namespace sseprof
