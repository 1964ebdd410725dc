#include "sim/connection.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <future>
#include <string>
#include <thread>

#include "loopback_client.h"

namespace sseprof::connection_test {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;

/// Takes one connection, in a thread of its own. /stream: two events; /wait: no answer until the
/// client leaves; /late: an event once the client has left; /echo: what was read.
class OneConnection : public RequestHandler {
 public:
  OneConnection() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (!error) std::make_shared<Connection>(std::move(socket), this)->Start();
    });
    thread_ = std::thread{[this] { io_.run(); }};
  }
  ~OneConnection() override {
    io_.stop();
    thread_.join();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  Connection::End WaitForEnd() { return ended_.get_future().get(); }
  std::size_t sends() const { return sends_; }
  void ClientLeft() { left_.set_value(); }

  void Handle(const HttpRequest& request, const std::shared_ptr<Connection>& from) override {
    from->Notify([this](Connection::End end, const std::vector<SendTimes>& sends) {
      sends_ = sends.size();
      ended_.set_value(end);
    });
    if (request.path == "/stream") {
      from->BeginStream();
      from->SendEvent("3\r\none\r\n");
      from->SendEvent("3\r\ntwo\r\n0\r\n\r\n");
      from->EndStream();
    } else if (request.path == "/late") {
      from->BeginStream();
      left_.get_future().wait();
      from->SendEvent("3\r\none\r\n");
      from->SendEvent("3\r\ntwo\r\n");
      from->EndStream();
    } else if (request.path == "/echo") {
      from->Notify(nullptr);
      from->Reply(200, "text/plain",
                  std::string{request.method} + "|" + std::string{request.authorization} + "|" +
                      std::string{request.request_id} + "|" + std::string{request.body});
    }
  }
  void Closed() override {}

 private:
  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
  std::promise<Connection::End> ended_;
  std::promise<void> left_;
  std::size_t sends_ = 0;
  std::thread thread_;
};

TEST(Connection, HandsOverTheRequestsParts) {
  OneConnection server;
  LoopbackClient client{server.port()};
  client.Send(
      "PUT /echo?x=1 HTTP/1.1\r\nauthorization: Bearer k\r\nx-request-id: r\r\n"
      "content-length: 2\r\n\r\nhi");
  const HttpResponse response = client.Receive();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "PUT|Bearer k|r|hi");
}

TEST(Connection, ServesRequestsInTurnAlsoWhenTheyComeTogether) {
  OneConnection server;
  LoopbackClient client{server.port()};
  const std::string request = "GET /echo HTTP/1.1\r\n\r\n";
  client.Send(request + request);
  client.Send(request);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Receive().body, "GET|||");
}

TEST(Connection, StreamIsTimedEventByEvent) {
  OneConnection server;
  LoopbackClient client{server.port()};
  client.Send("GET /stream HTTP/1.1\r\n\r\n");
  const HttpResponse response = client.Receive();
  EXPECT_EQ(response.body, "onetwo");
  EXPECT_EQ(server.WaitForEnd(), Connection::End::kSent);
  EXPECT_EQ(server.sends(), 2);
  EXPECT_EQ(client.Get("/echo").status, 200);
}

TEST(Connection, ClosesWhereTheClientAsksForIt) {
  OneConnection server;
  LoopbackClient client{server.port()};
  client.Send("GET /echo HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.Receive().head, HasSubstr("connection: close\r\n"));
  EXPECT_TRUE(client.IsClosedByServer());
}

TEST(Connection, NoticesThatTheClientLeft) {
  OneConnection server;
  {
    LoopbackClient client{server.port()};
    client.Send("GET /wait HTTP/1.1\r\n\r\n");
  }
  EXPECT_EQ(server.WaitForEnd(), Connection::End::kClientLeft);
}

TEST(Connection, SurvivesSendingToAClientThatLeft) {
  OneConnection server;
  {
    LoopbackClient client{server.port()};
    client.Send("GET /late HTTP/1.1\r\n\r\n");
  }
  server.ClientLeft();
  EXPECT_EQ(server.WaitForEnd(), Connection::End::kClientLeft);
}

struct BadRequest {
  std::string name;
  std::string bytes;
  int status;
};

class BadHttp : public testing::TestWithParam<BadRequest> {};

TEST_P(BadHttp, IsRefusedAndTheConnectionClosed) {
  OneConnection server;
  LoopbackClient client{server.port()};
  client.Send(GetParam().bytes);
  EXPECT_EQ(client.Receive().status, GetParam().status);
  EXPECT_TRUE(client.IsClosedByServer());
}

INSTANTIATE_TEST_SUITE_P(
    Requests, BadHttp,
    testing::Values(
        BadRequest{"NoHttp", "hello\r\n\r\n", 400},
        BadRequest{"Http10", "GET /echo HTTP/1.0\r\n\r\n", 505},
        BadRequest{"LongHeader", "GET / HTTP/1.1\r\nx: " + std::string(20'000, 'x') + "\r\n\r\n",
                   413},
        BadRequest{"LongBody", "PUT / HTTP/1.1\r\ncontent-length: 5000000\r\n\r\n", 413}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace sseprof::connection_test
