#include "sim/prompt_tokens.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace sseprof::prompt_tokens_test {
namespace {

TEST(PromptTokens, CountsByTheRule) {
  EXPECT_EQ(CountTextTokens(""), 0);
  EXPECT_EQ(CountTextTokens(" \n\t "), 0);
  EXPECT_EQ(CountTextTokens("one two  three"), 3);
  EXPECT_EQ(CountTextTokens("Stop, now!"), 4);
  EXPECT_EQ(CountTextTokens("..."), 3);
  EXPECT_EQ(CountTextTokens("a1b"), 3);
  EXPECT_EQ(CountTextTokens("at 400 words"), 6);
  EXPECT_EQ(CountTextTokens("naïve Größe"), 2);
  EXPECT_EQ(CountTextTokens("水と火"), 3);
  EXPECT_EQ(CountTextTokens("wait…"), 2);
}

TEST(PromptTokens, BundledPromptHasOfThemWhatARealVocabularyGives) {
  std::ifstream file{SSEPROF_SOURCE_DIR "/prompts/qwen3_bench_prompt.txt"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(CountTextTokens(text) + kTokensPerMessage + kTokensOfAnswerHead, 110);
}

}  // namespace
}  // namespace sseprof::prompt_tokens_test
