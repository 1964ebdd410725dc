#include "sim/answer.h"

#include <gtest/gtest.h>

#include <string>

namespace sseprof::answer_test {
namespace {

constexpr auto kObeyed = Answer::EndOfText::kObeyed;
constexpr auto kIgnored = Answer::EndOfText::kIgnored;

std::string Text(const Answer& answer) {
  std::string text;
  for (std::int32_t i = 0; i < answer.tokens(); ++i) text += answer.Piece(i);
  return text;
}

TEST(Answer, IsAFunctionOfSeedAndRequestNumber) {
  const Answer answer{{.seed = 3}, 7, 50, kObeyed};
  EXPECT_EQ(Text(answer), Text(Answer{{.seed = 3}, 7, 50, kObeyed}));
  EXPECT_NE(Text(answer), Text(Answer{{.seed = 4}, 7, 50, kObeyed}));
  EXPECT_NE(Text(answer), Text(Answer{{.seed = 3}, 8, 50, kObeyed}));
  EXPECT_EQ(answer.TokenId(5), (Answer{{.seed = 3}, 7, 50, kObeyed}.TokenId(5)));
}

TEST(Answer, FillsMaxTokensWithTextByDefault) {
  const Answer answer{{}, 0, 40, kObeyed};
  EXPECT_EQ(answer.tokens(), 40);
  EXPECT_EQ(answer.finish_reason(), "length");
  for (std::int32_t i = 0; i < 40; ++i) EXPECT_FALSE(answer.Piece(i).empty());
  EXPECT_NE(answer.Piece(0).front(), ' ');
}

TEST(Answer, EndsAfterTheMeanLengthOnAverage) {
  const AnswerOptions options{.seed = 1, .eos_after = 100};
  constexpr int kAnswers = 4000;
  double sum = 0;
  for (std::uint64_t number = 0; number < kAnswers; ++number) {
    const Answer answer{options, number, 1'000'000, kObeyed};
    ASSERT_TRUE(answer.ends_by_itself());
    ASSERT_GE(answer.tokens(), 1);
    sum += answer.tokens();
  }
  EXPECT_NEAR(sum / kAnswers, 100, 6);
}

TEST(Answer, EndOfTextIsATokenWithoutText) {
  const Answer answer{{.eos_after = 1}, 0, 10, kObeyed};
  EXPECT_EQ(answer.tokens(), 1);
  EXPECT_EQ(answer.Piece(0), "");
  EXPECT_EQ(answer.TokenId(0), 151645);
  EXPECT_EQ(answer.finish_reason(), "stop");
}

TEST(Answer, EndOfTextCanBeIgnored) {
  const Answer answer{{.eos_after = 1}, 0, 10, kIgnored};
  EXPECT_EQ(answer.tokens(), 10);
  EXPECT_EQ(answer.finish_reason(), "length");
}

TEST(Answer, ReasoningNeverCoversTheEndOfText) {
  EXPECT_EQ((Answer{{.reasoning_tokens = 4}, 0, 10, kObeyed}.reasoning_tokens()), 4);
  EXPECT_EQ((Answer{{.reasoning_tokens = 40}, 0, 10, kObeyed}.reasoning_tokens()), 10);
  EXPECT_EQ((Answer{{.reasoning_tokens = 40, .eos_after = 1}, 0, 10, kObeyed}.reasoning_tokens()),
            0);
}

}  // namespace
}  // namespace sseprof::answer_test
