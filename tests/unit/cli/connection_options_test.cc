#include "cli/connection_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "sseprof/error.h"
#include "unit/temp_dir.h"

namespace sseprof::connection_options_test {
namespace {

class ApiKey : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("OPENAI_API_KEY");
    unsetenv("OTHER_KEY");
  }
  void TearDown() override { SetUp(); }

  static std::string KeyFile(const std::string& content) { return TempFile("api.key", content); }
};

TEST_F(ApiKey, IsOptionalInTheUsualPlace) {
  EXPECT_EQ(ReadApiKey("", ""), "");
  setenv("OPENAI_API_KEY", "sk-usual", 1);
  EXPECT_EQ(ReadApiKey("", ""), "sk-usual");
}

TEST_F(ApiKey, MustBeWhereItIsSaidToBe) {
  EXPECT_THROW(ReadApiKey("OTHER_KEY", ""), UsageError);
  setenv("OTHER_KEY", "sk-other", 1);
  EXPECT_EQ(ReadApiKey("OTHER_KEY", ""), "sk-other");
  EXPECT_THROW(ReadApiKey("", "/nonexistent/key"), UsageError);
}

TEST_F(ApiKey, IsReadFromAFileWithoutItsLineEnd) {
  setenv("OPENAI_API_KEY", "sk-usual", 1);
  EXPECT_EQ(ReadApiKey("", KeyFile("sk-file\n")), "sk-file");
  EXPECT_THROW(ReadApiKey("", KeyFile("\n")), UsageError);
}

TEST_F(ApiKey, HasOneSource) {
  setenv("OTHER_KEY", "sk-other", 1);
  EXPECT_THROW(ReadApiKey("OTHER_KEY", KeyFile("sk-file")), UsageError);
}

TEST_F(ApiKey, IsNotShownWhenItCannotBeSent) {
  try {
    ReadApiKey("", KeyFile("sk-one\nsk-two\n"));
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("sk-")));
  }
}

TEST(CheckHeader, TakesWhatCanBeSent) {
  CheckHeader("X-Key: a:b c");
  CheckHeader("X-Empty:");
  for (const char* header : {"", "none", ": x", "Bad Name: x", "X: a\r\nY: b"}) {
    EXPECT_THROW(CheckHeader(header), UsageError) << header;
  }
}

TEST(ResolveAccess, FillsTheTransportsOptions) {
  setenv("OTHER_KEY", "sk-other", 1);
  ConnectionOptions options;
  options.base_url = "http://h:1";
  options.api_key_env = "OTHER_KEY";
  options.headers = {"X-Token: tok-1"};
  const ServerAccess access = ResolveAccess(options);
  EXPECT_EQ(access.curl.url, "http://h:1/v1/chat/completions");
  EXPECT_EQ(access.curl.api_key, "sk-other");
  EXPECT_EQ(access.curl.timestamps, TimestampKind::kKernel);
  EXPECT_EQ(access.secrets.Hide("sk-other tok-1"), "*** ***");
  unsetenv("OTHER_KEY");
}

TEST(CheckHeader, RefusesWhatTheRequestSetsItself) {
  for (const char* header : {"Content-Length: 1", "X-REQUEST-ID: a", "accept:"}) {
    EXPECT_THROW(CheckHeader(header), UsageError) << header;
  }
  CheckHeader("Accept-Language: en");
}

TEST(ResolveAccess, TheUsersAuthorizationStandsForTheKey) {
  ConnectionOptions options;
  options.base_url = "http://h:1";
  options.headers = {"AUTHORIZATION: Basic abcd"};
  setenv("OPENAI_API_KEY", "sk-default", 1);
  EXPECT_EQ(ResolveAccess(options).curl.api_key, "");
  options.api_key_env = "OPENAI_API_KEY";
  EXPECT_THROW(ResolveAccess(options), UsageError);
  unsetenv("OPENAI_API_KEY");
}

TEST(ResolveAccess, HasNoKernelStampsOverHttp2) {
  ConnectionOptions options;
  options.base_url = "http://h:1";
  options.http2 = true;
  EXPECT_EQ(ResolveAccess(options).curl.timestamps, TimestampKind::kUser);
}

TEST(ResolveAccess, RefusesWhatCannotBe) {
  EXPECT_THROW(ResolveAccess({}), UsageError);
  ConnectionOptions options;
  options.base_url = "http://h:1";
  options.cacert = "/nonexistent/ca.pem";
  EXPECT_THROW(ResolveAccess(options), UsageError);
  options.cacert = "/dev/null";
  options.insecure = true;
  EXPECT_THROW(ResolveAccess(options), UsageError);
}

TEST(ResolveAccess, CanBeMadeLateForTests) {
  ConnectionOptions options;
  options.base_url = "http://h:1";
  setenv("SSEPROF_TEST_READ_DELAY", "5ms", 1);
  EXPECT_EQ(ResolveAccess(options).curl.test_read_delay, std::chrono::milliseconds{5});
  setenv("SSEPROF_TEST_READ_DELAY", "late", 1);
  EXPECT_THROW(ResolveAccess(options), UsageError);
  unsetenv("SSEPROF_TEST_READ_DELAY");
  EXPECT_EQ(ResolveAccess(options).curl.test_read_delay, Nanos{});
}

}  // namespace
}  // namespace sseprof::connection_options_test
