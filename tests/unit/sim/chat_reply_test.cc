#include "sim/chat_reply.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "wire/json.h"

namespace sseprof::chat_reply_test {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::StartsWith;

/// Takes events apart: chunk framing is checked, the data kept.
class RecordingSink : public EventSink {
 public:
  void SendEvent(std::string_view http_chunk) override {
    const std::size_t line_end = http_chunk.find("\r\n");
    const std::size_t size = std::stoul(std::string{http_chunk.substr(0, line_end)}, nullptr, 16);
    const std::string_view event = http_chunk.substr(line_end + 2, size);
    EXPECT_THAT(std::string{event}, StartsWith("data: "));
    EXPECT_THAT(std::string{event}, EndsWith("\n\n"));
    data.emplace_back(event.substr(6, size - 8));
    after_event = http_chunk.substr(line_end + 2 + size);
  }

  std::vector<std::string> data;
  std::string after_event;
};

ReplyOptions Options() {
  return {.id = "chatcmpl-\"1\"", .model = "a\\b", .created_s = 12, .prompt_tokens = 20};
}

Answer Tokens(std::int32_t count) { return {{}, 0, count, Answer::EndOfText::kObeyed}; }

std::vector<std::string> StreamAll(ChatReply reply) {
  RecordingSink sink;
  for (std::int32_t i = 1; i <= reply.answer().tokens(); ++i) reply.StreamUpTo(i, &sink);
  return sink.data;
}

std::string Pieces(const Answer& answer, std::int32_t from, std::int32_t until) {
  std::string text;
  for (std::int32_t i = from; i < until; ++i) text += answer.Piece(i);
  return text;
}

TEST(ChatReply, RoleGoesRightBeforeTheFirstToken) {
  RecordingSink sink;
  ChatReply reply{Options(), Tokens(3)};
  EXPECT_FALSE(reply.started());
  EXPECT_EQ(reply.StreamUpTo(1, &sink), 1);
  EXPECT_TRUE(reply.started());
  EXPECT_EQ(sink.after_event, "\r\n");
  const std::string opening =
      R"({"id":"chatcmpl-\"1\"","object":"chat.completion.chunk","created":12,"model":"a\\b",)";
  const std::string first{reply.answer().Piece(0)};
  EXPECT_THAT(
      sink.data,
      ElementsAre(opening + R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},)"
                            R"("logprobs":null,"finish_reason":null}]})",
                  opening + R"("choices":[{"index":0,"delta":{"content":")" + first +
                      R"("},"logprobs":null,"finish_reason":null}]})"));
}

TEST(ChatReply, LastTokenHasTheReasonAndDoneEndsTheBody) {
  RecordingSink sink;
  ChatReply reply{Options(), Tokens(1)};
  reply.StreamUpTo(1, &sink);
  ASSERT_EQ(sink.data.size(), 3);
  EXPECT_THAT(sink.data[1], EndsWith(R"("finish_reason":"length","stop_reason":null}]})"));
  EXPECT_EQ(sink.data[2], "[DONE]");
  EXPECT_EQ(sink.after_event, "\r\n0\r\n\r\n");
}

TEST(ChatReply, UsageIsAChunkOfItsOwn) {
  ReplyOptions options = Options();
  options.final_usage = true;
  options.cached_tokens = 16;
  const auto data =
      StreamAll({options, {{.reasoning_tokens = 1}, 0, 2, Answer::EndOfText::kObeyed}});
  ASSERT_EQ(data.size(), 5);
  EXPECT_FALSE(JsonDocument::Parse(data[2]).root().Has("usage"));
  EXPECT_THAT(data[3],
              EndsWith(R"("choices":[],"usage":{"prompt_tokens":20,"total_tokens":22,)"
                       R"("completion_tokens":2,"prompt_tokens_details":{"cached_tokens":16},)"
                       R"("completion_tokens_details":{"reasoning_tokens":1}}})"));
}

TEST(ChatReply, ContinuousUsageIsInEveryChunk) {
  ReplyOptions options = Options();
  options.final_usage = true;
  options.continuous_usage = true;
  const auto data = StreamAll({options, Tokens(3)});
  ASSERT_EQ(data.size(), 6);
  std::vector<std::int64_t> completion_tokens;
  for (std::size_t i = 0; i < 5; ++i) {
    const auto chunk = JsonDocument::Parse(data[i]);
    completion_tokens.push_back(chunk.root()["usage"]["completion_tokens"].AsInt().value_or(-1));
  }
  EXPECT_THAT(completion_tokens, ElementsAre(0, 1, 2, 3, 3));
}

TEST(ChatReply, IntervalGroupsTokensButTheFirstAndTheRest) {
  ReplyOptions options = Options();
  options.stream_interval = 3;
  options.token_ids = true;
  const Answer answer = Tokens(6);
  const auto data = StreamAll({options, answer});
  ASSERT_EQ(data.size(), 5);
  const auto second = JsonDocument::Parse(data[2]);
  const JsonView choice = second.root()["choices"].At(0);
  EXPECT_EQ(choice["delta"]["content"].AsString(), Pieces(answer, 1, 4));
  ASSERT_EQ(choice["token_ids"].size(), 3);
  EXPECT_EQ(choice["token_ids"].At(2).AsInt(), answer.TokenId(3));
  EXPECT_EQ(JsonDocument::Parse(data[3]).root()["choices"].At(0)["token_ids"].size(), 2);
}

TEST(ChatReply, ReasoningAndContentShareAChunkWhereTheyMeet) {
  ReplyOptions options = Options();
  options.stream_interval = 2;
  const Answer answer{{.reasoning_tokens = 2}, 0, 3, Answer::EndOfText::kObeyed};
  const auto data = StreamAll({options, answer});
  ASSERT_EQ(data.size(), 4);
  const auto first = JsonDocument::Parse(data[1]);
  EXPECT_EQ(first.root()["choices"].At(0)["delta"]["reasoning"].AsString(), answer.Piece(0));
  EXPECT_FALSE(first.root()["choices"].At(0)["delta"].Has("content"));
  const auto both = JsonDocument::Parse(data[2]);
  EXPECT_EQ(both.root()["choices"].At(0)["delta"]["reasoning"].AsString(), answer.Piece(1));
  EXPECT_EQ(both.root()["choices"].At(0)["delta"]["content"].AsString(), answer.Piece(2));
}

TEST(ChatReply, EndOfTextIsAnEmptyChunkThatCounts) {
  ReplyOptions options = Options();
  options.final_usage = true;
  const auto data = StreamAll({options, {{.eos_after = 1}, 0, 9, Answer::EndOfText::kObeyed}});
  ASSERT_EQ(data.size(), 4);
  const auto chunk = JsonDocument::Parse(data[1]);
  EXPECT_EQ(chunk.root()["choices"].At(0)["delta"]["content"].AsString(), "");
  EXPECT_EQ(chunk.root()["choices"].At(0)["finish_reason"].AsString(), "stop");
  EXPECT_EQ(JsonDocument::Parse(data[2]).root()["usage"]["completion_tokens"].AsInt(), 1);
}

TEST(ChatReply, WholeAnswerIsOneObject) {
  const Answer answer{{.reasoning_tokens = 2}, 0, 5, Answer::EndOfText::kObeyed};
  ReplyOptions options = Options();
  options.token_ids = true;
  const auto body = JsonDocument::Parse(ChatReply(options, answer).Whole());
  const JsonView choice = body.root()["choices"].At(0);
  EXPECT_EQ(body.root()["object"].AsString(), "chat.completion");
  EXPECT_EQ(body.root()["id"].AsString(), "chatcmpl-\"1\"");
  EXPECT_EQ(choice["message"]["reasoning"].AsString(), Pieces(answer, 0, 2));
  EXPECT_EQ(choice["message"]["content"].AsString(), Pieces(answer, 2, 5));
  EXPECT_EQ(choice["finish_reason"].AsString(), "length");
  EXPECT_EQ(choice["token_ids"].size(), 5);
  EXPECT_EQ(body.root()["usage"]["completion_tokens"].AsInt(), 5);
}

TEST(ChatReply, WholeAnswerOfReasoningAloneHasNullContent) {
  const Answer answer{{.reasoning_tokens = 5}, 0, 5, Answer::EndOfText::kObeyed};
  const auto body = JsonDocument::Parse(ChatReply(Options(), answer).Whole());
  const JsonView message = body.root()["choices"].At(0)["message"];
  EXPECT_TRUE(message.Has("content"));
  EXPECT_TRUE(message["content"].IsNull());
}

}  // namespace
}  // namespace sseprof::chat_reply_test
