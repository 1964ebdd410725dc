#include "cli/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sseprof/error.h"
#include "unit/temp_dir.h"

namespace sseprof::secrets_test {
namespace {

TEST(HideUrlSecrets, HidesUserInformationAndQueryValues) {
  const struct {
    const char* url;
    const char* hidden;
  } kRows[] = {
      {"http://h:1/v1", "http://h:1/v1"},
      {"http://user:pass@h:1/v1", "http://***@h:1/v1"},
      {"http://user@h", "http://***@h"},
      {"http://a@b:c@h/", "http://***@h/"},  // the last @ ends it
      {"https://h/p?key=abc&x=&flag&y=1", "https://h/p?key=***&x=***&flag&y=***"},
      {"https://h/p@q", "https://h/p@q"},  // an @ in the path is none
      {"user:pass@proxy:3128", "***@proxy:3128"},
  };
  for (const auto& row : kRows) EXPECT_EQ(HideUrlSecrets(row.url), row.hidden);
}

TEST(HideHeaderValue, KeepsTheName) {
  EXPECT_EQ(HideHeaderValue("X-Key: a:b"), "X-Key: ***");
  EXPECT_EQ(HideHeaderValue("nonsense"), "***");
}

TEST(Secrets, ReplacesEveryOccurrence) {
  Secrets secrets;
  secrets.Add("sk-12345");
  EXPECT_EQ(secrets.Hide("bad key sk-12345, not sk-1234; again sk-12345"),
            "bad key ***, not sk-1234; again ***");
  EXPECT_EQ(secrets.Hide(""), "");
}

TEST(ReadSecretFile, BringsTheSecretWithoutTheLineEndBehindIt) {
  EXPECT_EQ(ReadSecretFile("--x", TempFile("secret", "key\r\n")), "key");
  EXPECT_EQ(ReadSecretFile("--x", TempFile("two", "a key \n of two\n\n")), "a key \n of two");
}

TEST(ReadSecretFile, SaysWhyThereIsNone) {
  const auto complaint = [](const std::string& path) {
    try {
      return ReadSecretFile("--x", path);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
  };
  const std::string empty = TempFile("empty", " \n");
  EXPECT_EQ(complaint(empty), "--x: '" + empty + "' is empty");
  EXPECT_EQ(complaint("/no/file"), "--x: can't read '/no/file': No such file or directory");
}

TEST(Secrets, LeavesNoRestOfALongerSecret) {
  Secrets secrets;
  secrets.Add("abcd");
  secrets.Add("abcdefgh");
  EXPECT_EQ(secrets.Hide("abcdefgh abcd"), "*** ***");
}

TEST(Secrets, KnowsHeadersThatCarryCredentials) {
  Secrets secrets;
  secrets.AddHeader("Authorization: Bearer tok-999");
  secrets.AddHeader("X-API-Key:k-1234");
  secrets.AddHeader("Accept-Language: german");
  EXPECT_EQ(secrets.Hide("Bearer tok-999, tok-999, k-1234, german"), "***, ***, ***, german");
}

TEST(Secrets, KnowsWhatUrlsCarry) {
  Secrets secrets;
  secrets.AddUrl(
      "http://user:passw0rd@host:1/v1?version=2024&api-key=k-1234&flag&sig_token=t-99#x");
  secrets.AddUrl("https://lonely-token@host");
  secrets.AddUrl("host/path@x");
  secrets.AddUrl("");
  EXPECT_EQ(secrets.Hide("passw0rd k-1234 t-99 lonely-token user 2024 host"),
            "*** *** *** *** user 2024 host");
}

TEST(Secrets, HidesASecretThatWasCut) {
  Secrets secrets;
  secrets.Add("sk-12345-67890");
  EXPECT_EQ(secrets.Hide("wrong: sk-12345-678"), "wrong: ***");
  EXPECT_EQ(secrets.Hide("sk-12345"), "***");
  EXPECT_EQ(secrets.Hide("sk-1234"), "sk-1234");
  EXPECT_EQ(secrets.Hide("sk-12345 "), "sk-12345 ");
}

TEST(Secrets, IsNotFooledByShortOnes) {
  Secrets secrets;
  secrets.Add("");
  secrets.Add("x");
  EXPECT_EQ(secrets.Hide("x-ray"), "x-ray");
}

TEST(HideInCommand, HidesValuesInBothForms) {
  Secrets secrets;
  secrets.Add("topsecret");
  EXPECT_THAT(HideInCommand({"run", "--base-url", "http://u:p@h", "--header", "--X: topsecret",
                             "--header=A: b", "--proxy=http://p:q@h:1", "--prompt", "Tell me",
                             "--model", "m", "--label", "a=topsecret"},
                            secrets),
              testing::ElementsAre("run", "--base-url", "http://***@h", "--header", "--X: ***",
                                   "--header=A: ***", "--proxy=http://***@h:1", "--prompt", "***",
                                   "--model", "m", "--label", "a=***"));
}

}  // namespace
}  // namespace sseprof::secrets_test
