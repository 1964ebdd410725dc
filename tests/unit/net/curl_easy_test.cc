#include "net/curl_easy.h"

#include <gtest/gtest.h>

namespace sseprof::curl_easy_test {
namespace {

using namespace std::chrono_literals;

TEST(CurlEasy, ReadsTheHeadLineByLine) {
  ResponseHead head;
  bool chunked = false;
  EXPECT_FALSE(ReadHeadLine("HTTP/1.1 200 OK\r\n", head, chunked));
  EXPECT_FALSE(ReadHeadLine("Content-TYPE:  text/event-stream; charset=utf-8\r\n", head, chunked));
  EXPECT_FALSE(ReadHeadLine("transfer-encoding: Chunked\r\n", head, chunked));
  EXPECT_FALSE(ReadHeadLine("Retry-After: 7\r\n", head, chunked));
  EXPECT_FALSE(ReadHeadLine("Server: uvicorn\r\n", head, chunked));
  EXPECT_TRUE(ReadHeadLine("\r\n", head, chunked));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.content_type, "text/event-stream; charset=utf-8");
  EXPECT_EQ(head.server, "uvicorn");
  EXPECT_EQ(head.retry_after, Nanos{7s});
  EXPECT_TRUE(chunked);
}

TEST(CurlEasy, AnInterimResponseIsNotTheHead) {
  ResponseHead head;
  bool chunked = false;
  ReadHeadLine("HTTP/1.1 100 Continue\r\n", head, chunked);
  EXPECT_FALSE(ReadHeadLine("\r\n", head, chunked));
  ReadHeadLine("HTTP/1.1 429 Too Many\r\n", head, chunked);
  EXPECT_TRUE(ReadHeadLine("\r\n", head, chunked));
  EXPECT_EQ(head.status, 429);
}

TEST(CurlEasy, ARetryAfterDateIsLeftAlone) {
  ResponseHead head;
  bool chunked = false;
  ReadHeadLine("Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", head, chunked);
  EXPECT_EQ(head.retry_after, std::nullopt);
  ReadHeadLine("Retry-After: -5\r\n", head, chunked);
  EXPECT_EQ(head.retry_after, std::nullopt);
}

TEST(CurlEasy, ResolvesANameOnceAndLeavesAddressesAlone) {
  EXPECT_EQ(ResolveOnce("http://127.0.0.1:8000/v1"), "");
  EXPECT_EQ(ResolveOnce("http://[::1]:8000/v1"), "");
  EXPECT_TRUE(ResolveOnce("http://localhost:8000/v1").starts_with("localhost:8000:"));
  EXPECT_EQ(ResolveOnce("http://no-such-host.invalid/v1"), "");
}

TEST(CurlEasy, CodesSayHowATransferEnded) {
  EXPECT_EQ(ResultOf(CURLE_OK), TransferEnd::Result::kComplete);
  EXPECT_EQ(ResultOf(CURLE_COULDNT_CONNECT), TransferEnd::Result::kConnect);
  EXPECT_EQ(ResultOf(CURLE_PEER_FAILED_VERIFICATION), TransferEnd::Result::kTls);
  EXPECT_EQ(ResultOf(CURLE_PARTIAL_FILE), TransferEnd::Result::kBroken);
  EXPECT_EQ(ResultOf(CURLE_GOT_NOTHING), TransferEnd::Result::kBroken);
  EXPECT_EQ(ResultOf(CURLE_UNSUPPORTED_PROTOCOL), TransferEnd::Result::kBroken);
  EXPECT_EQ(ResultOf(CURLE_WRITE_ERROR), TransferEnd::Result::kCancelled);
}

}  // namespace
}  // namespace sseprof::curl_easy_test
