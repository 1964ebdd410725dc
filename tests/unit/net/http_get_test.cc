#include "net/http_get.h"

#include <gtest/gtest.h>

#include <thread>

#include "net/raw_server.h"

namespace sseprof::http_get_test {
namespace {

TEST(HttpGet, BringsStatusBodyAndServer) {
  RawServer server;
  std::string request;
  std::thread peer([&] {
    RawConnection connection = server.Accept();
    while (request.find("\r\n\r\n") == std::string::npos) request = connection.Received();
    connection.Send("HTTP/1.1 200 OK\r\nServer: demo\r\nContent-Length: 2\r\n\r\n{}");
  });
  const HttpReply reply = HttpGet({.headers = {"X-A: b"}, .api_key = "k"}, server.url());
  peer.join();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{}");
  EXPECT_EQ(reply.server, "demo");
  EXPECT_NE(request.find("X-A: b\r\n"), std::string::npos);
  EXPECT_NE(request.find("Authorization: Bearer k\r\n"), std::string::npos);
}

TEST(HttpGet, ADeadPortIsAnErrorInWords) {
  int port = 0;
  {
    const RawServer gone;
    port = gone.port();
  }
  const HttpReply reply = HttpGet({}, "http://127.0.0.1:" + std::to_string(port) + "/");
  EXPECT_EQ(reply.status, 0);
  EXPECT_FALSE(reply.error.empty());
}

TEST(HttpGet, WhatIsTooLongIsNoAnswer) {
  for (const std::size_t most : {9, 10}) {
    RawServer server;
    std::thread peer([&server] {
      RawConnection connection = server.Accept();
      while (connection.Received().find("\r\n\r\n") == std::string::npos) continue;
      connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789");
    });
    const HttpReply reply = HttpGet({}, server.url(), {.body = most});
    peer.join();
    EXPECT_EQ(reply.error.empty(), most == 10);
  }
}

TEST(HttpGet, WhatTakesTooLongIsNoAnswer) {
  RawServer server;
  std::thread peer([&server] {
    RawConnection connection = server.Accept();
    while (connection.Received().find("\r\n\r\n") == std::string::npos) continue;
  });
  const HttpReply reply = HttpGet({}, server.url(), {.timeout = std::chrono::milliseconds(50)});
  peer.join();
  EXPECT_EQ(reply.status, 0);
  EXPECT_FALSE(reply.error.empty());
}

}  // namespace
}  // namespace sseprof::http_get_test
