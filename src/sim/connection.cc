#include "sim/connection.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/beast/http/read.hpp>
#include <cerrno>

#include "net/clock.h"

namespace sseprof {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

constexpr std::size_t kMaxBody = 4U << 20;
constexpr std::size_t kMaxHeader = 16U << 10;
constexpr std::size_t kMaxBuffer = 64U << 10;
constexpr std::size_t kMaxUnsent = 4U << 20;
constexpr unsigned kHttp11 = 11;

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string_view ConnectionHeader(bool keep_alive) {
  return keep_alive ? "" : "connection: close\r\n";
}

}  // namespace

Connection::Connection(tcp::socket socket, RequestHandler* handler)
    : socket_(std::move(socket)), handler_(handler), buffer_(kMaxBuffer) {
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay{true}, ignored);
  socket_.native_non_blocking(true, ignored);
}

Connection::~Connection() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  handler_->Closed();
}

void Connection::Start() { Read(); }

void Connection::Read() {
  state_ = State::kReading;
  parser_.emplace();
  parser_->body_limit(kMaxBody);
  parser_->header_limit(kMaxHeader);
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](boost::beast::error_code error, std::size_t) {
                     self->OnRead(error);
                   });
}

void Connection::OnRead(boost::beast::error_code error) {
  const Instant received_at = MonotonicNow();
  if (!error) {
    HandleRequest(received_at);
    return;
  }
  keep_alive_ = false;
  state_ = State::kAnswering;
  if (error == http::error::body_limit || error == http::error::header_limit) {
    Reply(413, "text/plain", "Request too large");
  } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
             error != http::error::end_of_stream && error != http::error::partial_message) {
    Reply(400, "text/plain", "Invalid HTTP request received.");
  } else {
    Close();
  }
}

void Connection::HandleRequest(Instant received_at) {
  const auto request = parser_->release();
  parser_.reset();
  keep_alive_ = request.keep_alive();
  state_ = State::kAnswering;
  if (request.version() < kHttp11) {
    keep_alive_ = false;
    Reply(505, "text/plain", "HTTP/1.1 is needed");
    return;
  }
  const std::string_view target = View(request.target());
  handler_->Handle({.method = View(request.method_string()),
                    .path = target.substr(0, target.find('?')),
                    .authorization = View(request[http::field::authorization]),
                    .request_id = View(request["X-Request-Id"]),
                    .body = request.body(),
                    .received_at = received_at},
                   shared_from_this());
  if (state_ == State::kAnswering) WatchForDeparture();
}

void Connection::WatchForDeparture() {
  socket_.async_wait(tcp::socket::wait_read,
                     [self = shared_from_this()](boost::system::error_code error) {
                       if (!error) self->OnReadable();
                     });
}

// More data is the next request, sent before its turn: it is read when the answer is finished.
void Connection::OnReadable() {
  if (state_ != State::kAnswering && state_ != State::kEnding) return;
  char byte = 0;
  const ssize_t got = recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    WatchForDeparture();
  } else if (got <= 0) {
    Close();
  }
}

void Connection::Reply(int status, std::string_view content_type, std::string_view body) {
  const auto reason = View(http::obsolete_reason(static_cast<http::status>(status)));
  Send(fmt::format("HTTP/1.1 {} {}\r\ncontent-type: {}\r\ncontent-length: {}\r\n{}\r\n{}", status,
                   reason, content_type, body.size(), ConnectionHeader(keep_alive_), body),
       Stamp::kNo);
  EndStream();
}

void Connection::BeginStream() {
  Send(fmt::format("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
                   "cache-control: no-cache\r\n{}transfer-encoding: chunked\r\n\r\n",
                   ConnectionHeader(keep_alive_)),
       Stamp::kNo);
}

void Connection::SendEvent(std::string_view http_chunk) { Send(http_chunk, Stamp::kYes); }

void Connection::EndStream() {
  if (state_ != State::kAnswering) return;
  state_ = State::kEnding;
  EndIfAllSent();
}

void Connection::Send(std::string_view bytes, Stamp stamp) {
  if (state_ != State::kAnswering) return;
  std::size_t sent = 0;
  if (unsent_.empty()) {
    const auto taken = SendNow(bytes, stamp);
    if (!taken) return;
    sent = *taken;
    if (sent == bytes.size()) return;
    AwaitWritable();
  }
  unsent_.push_back({std::string{bytes}, stamp, sent});
  unsent_bytes_ += bytes.size();
  if (unsent_bytes_ > kMaxUnsent) Close();
}

/// How much of it the kernel took; none: the connection is lost.
std::optional<std::size_t> Connection::SendNow(std::string_view bytes, Stamp stamp) {
  const Instant before = MonotonicNow();
  const ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  const Instant after = MonotonicNow();
  if (sent < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
    Close();
    return std::nullopt;
  }
  const auto taken = static_cast<std::size_t>(sent);
  if (stamp == Stamp::kYes && taken == bytes.size()) sends_.push_back({before, after});
  return taken;
}

void Connection::AwaitWritable() {
  socket_.async_wait(tcp::socket::wait_write,
                     [self = shared_from_this()](boost::system::error_code error) {
                       if (!error) self->SendUnsent();
                     });
}

void Connection::SendUnsent() {
  while (!unsent_.empty()) {
    Unsent& next = unsent_.front();
    const auto taken = SendNow(std::string_view{next.bytes}.substr(next.sent), next.stamp);
    if (!taken) return;
    next.sent += *taken;
    if (next.sent < next.bytes.size()) {
      AwaitWritable();
      return;
    }
    unsent_bytes_ -= next.bytes.size();
    unsent_.pop_front();
  }
  EndIfAllSent();
}

void Connection::EndIfAllSent() {
  if (state_ != State::kEnding || !unsent_.empty()) return;
  FinishReply(End::kSent);
  boost::system::error_code ignored;
  socket_.cancel(ignored);
  if (keep_alive_) {
    Read();
    return;
  }
  state_ = State::kClosed;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  CloseAfterClient();
}

// A socket closed with unread data resets the connection, and the client may lose the reply.
void Connection::CloseAfterClient() {
  socket_.async_read_some(
      boost::asio::buffer(discarded_),
      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
        if (!error) self->CloseAfterClient();
      });
}

void Connection::FinishReply(End end) {
  OnEnd on_end = std::exchange(on_end_, nullptr);
  if (!on_end) return;
  boost::asio::post(
      socket_.get_executor(),
      [on_end = std::move(on_end), end, sends = std::exchange(sends_, {})] { on_end(end, sends); });
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  unsent_.clear();
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  FinishReply(End::kClientLeft);
}

}  // namespace sseprof
