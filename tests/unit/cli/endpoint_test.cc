#include "cli/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sseprof/error.h"

namespace sseprof::endpoint_test {
namespace {

TEST(Endpoint, FollowsTheRule) {
  const struct {
    const char* base;
    const char* completions;
    const char* why;
  } kRows[] = {
      {"http://127.0.0.1:8000", "http://127.0.0.1:8000/v1/chat/completions", "a bare server"},
      {"http://127.0.0.1:8000/", "http://127.0.0.1:8000/v1/chat/completions", "a slash is nothing"},
      {"http://h/v1", "http://h/v1/chat/completions", "the base of OpenAI's clients"},
      {"http://h/v1/", "http://h/v1/chat/completions", "the same with a slash"},
      {"http://h/v1/chat/completions", "http://h/v1/chat/completions", "the whole URL"},
      {"https://h/openai", "https://h/openai/v1/chat/completions", "behind a prefix"},
      {"https://h/api/v1", "https://h/api/v1/chat/completions", "a prefix that ends in /v1"},
      {"https://h/openai/deployments/d?api-version=2024-06-01",
       "https://h/openai/deployments/d/chat/completions?api-version=2024-06-01", "Azure's shape"},
      {"http://h/chat/completions?a=b", "http://h/chat/completions?a=b", "whole, with a query"},
      {"http://h?a=b", "http://h/chat/completions?a=b", "a query without a path"},
      {"http://u:p@h:1/v1", "http://u:p@h:1/v1/chat/completions", "user information stays"},
      {"http://[::1]:8000", "http://[::1]:8000/v1/chat/completions", "IPv6"},
      {"http://h/v1#part", "http://h/v1/chat/completions", "a fragment is never sent"},
      {"http://h/xv1", "http://h/xv1/v1/chat/completions", "no path segment v1"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(ParseEndpoint(row.base).completions, row.completions) << row.why;
  }
}

TEST(Endpoint, FindsTheOtherPages) {
  EXPECT_EQ(ParseEndpoint("http://h:1").models, "http://h:1/v1/models");
  EXPECT_EQ(ParseEndpoint("http://h:1/v1/chat/completions").models, "http://h:1/v1/models");
  EXPECT_EQ(ParseEndpoint("http://h:1/p/v1").version, "http://h:1/version");
  EXPECT_EQ(ParseEndpoint("http://h:1/p/v1").metrics, "http://h:1/metrics");
}

TEST(Endpoint, FindsTheHost) {
  EXPECT_EQ(ParseEndpoint("http://u:p@name:8000/v1").host, "name");
  EXPECT_EQ(ParseEndpoint("http://[::1]:8000").host, "::1");
}

TEST(Endpoint, RefusesWhatIsNoUrlOfAServer) {
  for (const char* base : {"", "127.0.0.1:8000", "ftp://h", "http://", "http://:80", "http:///v1",
                           "http://h /v1", "http://h\n", "http://[::1", "http://h:", "http://h:0",
                           "http://h:65536", "http://h:80x/v1", "http://[::1]:99999"}) {
    EXPECT_THROW(ParseEndpoint(base), UsageError) << base;
  }
}

TEST(Endpoint, DoesNotShowSecretsInItsComplaint) {
  try {
    ParseEndpoint("ftp://user:password@h/?key=value");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("ftp://***@h/?key=***"));
  }
}

TEST(SameServer, IsSameSchemeHostAndPort) {
  EXPECT_TRUE(SameServer("http://h:1/metrics", "http://h:1/v1/chat"));
  EXPECT_TRUE(SameServer("http://h:1", "http://h:1?x=1"));
  EXPECT_FALSE(SameServer("http://h:1/metrics", "http://h:12/metrics"));
  EXPECT_FALSE(SameServer("http://h:1/metrics", "https://h:1/metrics"));
  EXPECT_FALSE(SameServer("http://h/metrics", "http://h.evil.example/metrics"));
  EXPECT_FALSE(SameServer("h", "http://h"));
}

}  // namespace
}  // namespace sseprof::endpoint_test
