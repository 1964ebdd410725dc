#include "sim/chat_call.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/api_error.h"

namespace sseprof::chat_call_test {
namespace {

constexpr std::string_view kModel = "m";

ChatCall Parse(const std::string& members) {
  return ParseChatCall(R"({"messages":[{"role":"user","content":"Hi you"}])" + members + "}",
                       kModel);
}

TEST(ChatCall, ReadsWhatItHeeds) {
  const ChatCall call = Parse(
      R"(,"model":"m","stream":true,"max_tokens":7,"ignore_eos":true,"return_token_ids":true,
          "stream_options":{"include_usage":true,"continuous_usage_stats":true},"temperature":0.5)");
  EXPECT_TRUE(call.stream);
  EXPECT_TRUE(call.include_usage);
  EXPECT_TRUE(call.continuous_usage);
  EXPECT_TRUE(call.return_token_ids);
  EXPECT_TRUE(call.ignore_eos);
  EXPECT_EQ(call.max_tokens, 7);
  EXPECT_EQ(call.prompt_tokens, 2 + 5 + 3);
}

TEST(ChatCall, HasDefaults) {
  const ChatCall call = Parse(R"(,"stream":null,"max_tokens":null,"stream_options":null)");
  EXPECT_FALSE(call.stream);
  EXPECT_FALSE(call.include_usage);
  EXPECT_FALSE(call.ignore_eos);
  EXPECT_EQ(call.max_tokens, kDefaultMaxTokens);
}

TEST(ChatCall, NewNameOfMaxTokensWins) {
  EXPECT_EQ(Parse(R"(,"max_tokens":7,"max_completion_tokens":8)").max_tokens, 8);
}

TEST(ChatCall, CountsEveryMessageAndTextPart) {
  const ChatCall call = ParseChatCall(
      R"({"messages":[{"role":"system","content":"Be brief."},{"role":"assistant"},
          {"role":"user","content":[{"type":"text","text":"one two"},{"type":"text","text":"x"}]}]})",
      kModel);
  EXPECT_EQ(call.prompt_tokens, 3 * 5 + 3 + 3 + 3);
}

TEST(ChatCall, SamePromptHasTheSameHash) {
  EXPECT_EQ(Parse(R"(,"max_tokens":7)").prompt_hash, Parse("").prompt_hash);
  EXPECT_NE(ParseChatCall(R"({"messages":[{"role":"user","content":"Hi"}]})", kModel).prompt_hash,
            Parse("").prompt_hash);
}

struct Refused {
  std::string body;
  int status;
};

class RefusedCall : public testing::TestWithParam<Refused> {};

TEST_P(RefusedCall, HasAStatus) {
  try {
    ParseChatCall(GetParam().body, kModel);
    FAIL() << GetParam().body;
  } catch (const ApiError& error) {
    EXPECT_EQ(error.status(), GetParam().status) << error.what();
    EXPECT_STRNE(error.what(), "");
  }
}

std::string With(const std::string& member) {
  return R"({"messages":[{"role":"user","content":"Hi"}],)" + member + "}";
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, RefusedCall,
    testing::Values(
        Refused{"", 400}, Refused{"{\"mess", 400}, Refused{"[]", 400}, Refused{"{}", 400},
        Refused{R"({"messages":[]})", 400}, Refused{R"({"messages":"Hi"})", 400},
        Refused{R"({"messages":["Hi"]})", 400},
        Refused{R"({"messages":[{"role":"user","content":3}]})", 400},
        Refused{R"({"messages":[{"role":"user","content":[{"type":"image_url"}]}]})", 400},
        Refused{With(R"("max_tokens":0)"), 400}, Refused{With(R"("max_tokens":"7")"), 400},
        Refused{With(R"("max_tokens":40960)"), 400},
        Refused{With(R"("max_tokens":9223372036854775807)"), 400}, Refused{With(R"("n":2)"), 400},
        Refused{With(R"("stream":"yes")"), 400}, Refused{With(R"("model":3)"), 400},
        Refused{With(R"("stream_options":{})"), 400},
        Refused{With(R"("stream":true,"stream_options":[])"), 400},
        Refused{With(R"("model":"other")"), 404}));

}  // namespace
}  // namespace sseprof::chat_call_test
