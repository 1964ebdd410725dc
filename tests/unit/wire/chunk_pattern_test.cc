#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "sseprof/chat_chunk.h"

namespace sseprof::chunk_pattern_test {
namespace {

auto Fields(const ChoiceDelta& c) {
  return std::tuple(c.index, c.opened, std::string(c.content), std::string(c.reasoning), c.refusal,
                    c.tool_calls, c.filler, c.token_ids, c.logprobs, std::string(c.finish_reason));
}

/// Reads the texts one after the other, with a pattern and without: both must say the same.
class ChunkPatternTest : public ::testing::Test {
 protected:
  void Same(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) Same(text);
  }

  void Same(const std::string& text) {
    SCOPED_TRACE(text);
    ChatChunkReader plain_reader;
    const ChatChunk* plain = plain_reader.Parse(text, "");
    const ChatChunk* fast = reader_.Parse(text, "", pattern_);
    ASSERT_EQ(plain == nullptr, fast == nullptr);
    if (plain == nullptr) return;
    EXPECT_EQ(fast->id, plain->id);
    EXPECT_EQ(fast->usage, plain->usage);
    EXPECT_EQ(fast->predicted, plain->predicted);
    EXPECT_EQ(fast->server_metrics, plain->server_metrics);
    EXPECT_EQ(fast->error.has_value(), plain->error.has_value());
    EXPECT_EQ(fast->Kind(), plain->Kind());
    ASSERT_EQ(fast->choices.size(), plain->choices.size());
    for (std::size_t i = 0; i < plain->choices.size(); ++i) {
      EXPECT_EQ(Fields(fast->choices[i]), Fields(plain->choices[i]));
    }
  }

  ChatChunkReader reader_;
  ChunkPattern pattern_;
};

std::string Chunk(std::string_view content, std::string_view rest = R"("finish_reason":null)") {
  std::string text = R"({"id":"c1","choices":[{"index":3,"delta":{"content":")";
  return text.append(content).append(R"("},)").append(rest).append("}]}");
}

TEST_F(ChunkPatternTest, ChunksThatDifferInTheirTextAlone) {
  Same({Chunk("a"), Chunk(" token"), Chunk("é"), Chunk("a longer text"), Chunk("]}"), Chunk("{")});
}

TEST_F(ChunkPatternTest, TextThatDoesNotStandForItself) {
  Same({Chunk("a"), Chunk(R"(\n)"), Chunk(R"(\")"), Chunk(R"(\\)"), Chunk(R"(\u00e9)"),
        Chunk("a\x01"), Chunk("a\"b"), Chunk(std::string(1, '\0')), Chunk(""), Chunk("b")});
}

TEST_F(ChunkPatternTest, TextThatLooksLikeWhatFollowsIt) {
  Same({Chunk("a"), Chunk(R"(","content":"b)"), Chunk(R"("},"finish_reason":null}]},{")"),
        Chunk("\"},"), Chunk(R"(x"},"finish_reason":"stop","y":{"z":")")});
}

TEST_F(ChunkPatternTest, ChunksWithMoreThanText) {
  const std::string ids = R"("finish_reason":null,"token_ids":[1])";
  Same({Chunk("a"), Chunk("b", R"("finish_reason":"stop")"), Chunk("c"), Chunk("d", ids),
        Chunk("e", ids), Chunk("f", R"("logprobs":{"content":[1,2]})")});
  Same({R"({"id":"c1","choices":[],"usage":{"completion_tokens":3}})", Chunk("g"), "[DONE", "{}"});
}

TEST_F(ChunkPatternTest, ShorterThanWhatIsKnown) {
  const std::string whole = Chunk("a");
  Same(whole);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Same(whole.substr(0, size));
    Same(whole.substr(size));
    Same(whole.substr(0, size) + whole.substr(size + 1));
  }
}

TEST_F(ChunkPatternTest, SeveralMembersOfOneName) {
  for (const char* first : {"x", "yy"}) {
    for (const char* last : {"a", "bb"}) {
      Same(std::string(R"({"choices":[{"delta":{"content":")") + first + R"(","content":")" + last +
           R"("}}]})");
    }
  }
}

TEST_F(ChunkPatternTest, AnIdThatIsEscapedOrStandsInTheText) {
  Same({R"({"id":"\u0061b","choices":[{"delta":{"content":"x"}}]})",
        R"({"id":"\u0061b","choices":[{"delta":{"content":"y"}}]})",
        R"({"choices":[{"delta":{"content":"q7"}}],"id":"q7"})",
        R"({"choices":[{"delta":{"content":"other"}}],"id":"q7"})"});
}

TEST_F(ChunkPatternTest, AnErrorEventIsReadWhole) {
  Same(Chunk("a"));
  const ChatChunk* chunk = reader_.Parse(Chunk("b"), "error", pattern_);
  ASSERT_NE(chunk, nullptr);
  EXPECT_TRUE(chunk->error);
}

TEST_F(ChunkPatternTest, ForgetsAnotherStreamsId) {
  Same(Chunk("a"));
  pattern_.Forget();
  std::string other = Chunk("a");
  other.replace(other.find("c1"), 2, "c2");
  Same({other, other});
}

}  // namespace
}  // namespace sseprof::chunk_pattern_test
