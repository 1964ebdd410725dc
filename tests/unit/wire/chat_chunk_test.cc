#include "sseprof/chat_chunk.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sseprof::chat_chunk_test {
namespace {

TEST(ChatChunk, ReadsATextChunk) {
  ChatChunkReader reader;
  const ChatChunk* chunk = reader.Parse(
      R"({"id":"c1","choices":[{"index":2,"delta":{"content":"Hi é \u00e9\n"},"finish_reason":"stop"}]})",
      "");
  ASSERT_NE(chunk, nullptr);
  EXPECT_EQ(chunk->id, "c1");
  ASSERT_EQ(chunk->choices.size(), 1U);
  const ChoiceDelta& choice = chunk->choices[0];
  EXPECT_EQ(choice.index, 2);
  EXPECT_TRUE(choice.opened);
  EXPECT_EQ(choice.content, "Hi é é\n");
  EXPECT_EQ(choice.reasoning, "");
  EXPECT_EQ(choice.finish_reason, "stop");
  EXPECT_EQ(choice.token_ids, std::nullopt);
  EXPECT_EQ(choice.logprobs, std::nullopt);
  EXPECT_EQ(chunk->usage, std::nullopt);
  EXPECT_EQ(chunk->predicted, std::nullopt);
  EXPECT_EQ(chunk->server_metrics, "");
  EXPECT_FALSE(chunk->error);
}

TEST(ChatChunk, NothingOfAChunkStaysForTheNext) {
  ChatChunkReader reader;
  ASSERT_NE(
      reader.Parse(R"({"id":"x","choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":1},
                             "timings":{"predicted_n":1},"error":"e"})",
                   ""),
      nullptr);
  const ChatChunk* chunk = reader.Parse("{}", "");
  ASSERT_NE(chunk, nullptr);
  EXPECT_EQ(chunk->id, "");
  EXPECT_TRUE(chunk->choices.empty());
  EXPECT_EQ(chunk->usage, std::nullopt);
  EXPECT_EQ(chunk->predicted, std::nullopt);
  EXPECT_EQ(chunk->server_metrics, "");
  EXPECT_FALSE(chunk->error);
}

TEST(ChatChunk, AControlCharacterInAStringIsRefusedAtEveryPlace) {
  const std::string before = R"({"choices":[{"delta":{"content":")";
  ChatChunkReader reader;
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text = before + std::string(size, 'x') + "\"}}]}";
      ASSERT_NE(reader.Parse(text, ""), nullptr);
      for (char bad = 0; bad < 0x20; ++bad) {
        text[before.size() + at] = bad;
        ASSERT_EQ(reader.Parse(text, ""), nullptr) << int{bad} << " at " << at << " of " << size;
        ASSERT_NE(reader.problem(), "");
      }
      text[before.size() + at] = 0x7f;
      ASSERT_NE(reader.Parse(text, ""), nullptr);
    }
  }
}

TEST(ChatChunk, FindsOutputInEveryShapeOfDelta) {
  struct Row {
    std::string_view delta;
    std::string_view content;
    std::string_view reasoning;
    bool output;
  };
  const std::vector<Row> rows = {
      {R"({"role":"assistant","content":""})", "", "", false},
      {R"({"role":"assistant","content":null})", "", "", false},
      {R"({"role":"assistant"})", "", "", false},
      {R"({})", "", "", false},
      {R"({"content":"a"})", "a", "", true},
      {R"({"content":7})", "", "", false},
      {R"({"reasoning_content":"r"})", "", "r", true},
      {R"({"reasoning":"r"})", "", "r", true},
      {R"({"reasoning_content":"","reasoning":"r"})", "", "r", true},
      {R"({"reasoning_content":"r","reasoning":"s"})", "", "r", true},
      {R"({"content":"a","reasoning":"r"})", "a", "r", true},
      {R"({"refusal":"no"})", "", "", true},
      {R"({"refusal":null,"content":""})", "", "", false},
      {R"({"refusal":""})", "", "", false},
      {R"({"tool_calls":[{"index":0}]})", "", "", true},
      {R"({"tool_calls":[]})", "", "", false},
      {R"({"tool_calls":null})", "", "", false},
  };
  ChatChunkReader reader;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.delta);
    const std::string data = R"({"choices":[{"delta":)" + std::string(row.delta) + "}]}";
    const ChatChunk* chunk = reader.Parse(data, "");
    ASSERT_NE(chunk, nullptr);
    ASSERT_EQ(chunk->choices.size(), 1U);
    EXPECT_TRUE(chunk->choices[0].opened);
    EXPECT_EQ(chunk->choices[0].content, row.content);
    EXPECT_EQ(chunk->choices[0].reasoning, row.reasoning);
    EXPECT_EQ(chunk->choices[0].output(), row.output);
  }
}

TEST(ChatChunk, BearsEveryShapeOfChoices) {
  struct Row {
    std::string_view data;
    std::size_t choices;
  };
  const std::vector<Row> rows = {
      {R"({})", 0},
      {R"({"choices":null})", 0},
      {R"({"choices":[]})", 0},
      {R"({"choices":{}})", 0},
      {R"({"choices":[null,1,"x",[]]})", 0},
      {R"({"choices":[{}]})", 1},
      {R"({"choices":[{"delta":{}},{"delta":{}}]})", 2},
  };
  ChatChunkReader reader;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.data);
    const ChatChunk* chunk = reader.Parse(row.data, "");
    ASSERT_NE(chunk, nullptr);
    EXPECT_EQ(chunk->choices.size(), row.choices);
  }
}

TEST(ChatChunk, AChoiceWithoutDeltaIsNotOpened) {
  ChatChunkReader reader;
  for (const auto* choice : {R"({"index":0,"content_filter_offsets":{"start":1}})",
                             R"({"index":0,"delta":null})", R"({"index":0,"delta":"x"})"}) {
    const ChatChunk* chunk = reader.Parse(R"({"choices":[)" + std::string(choice) + "]}", "");
    ASSERT_NE(chunk, nullptr);
    EXPECT_FALSE(chunk->choices.at(0).opened) << choice;
  }
}

TEST(ChatChunk, AnIndexThatIsNoneIsZero) {
  ChatChunkReader reader;
  for (const auto* index : {"", R"("index":null,)", R"("index":-1,)", R"("index":65536,)",
                            R"("index":"1",)", R"("index":1e300,)"}) {
    const std::string data = R"({"choices":[{)" + std::string(index) + R"("delta":{}}]})";
    const ChatChunk* chunk = reader.Parse(data, "");
    ASSERT_NE(chunk, nullptr);
    EXPECT_EQ(chunk->choices.at(0).index, 0) << index;
  }
}

TEST(ChatChunk, CountsTokensByIdsAndLogprobs) {
  struct Row {
    std::string_view keys;
    std::optional<std::int32_t> ids;
    std::optional<std::int32_t> logprobs;
  };
  const std::vector<Row> rows = {
      {R"("token_ids":[1,2,3])", 3, {}},
      {R"("token_ids":null,"logprobs":null)", {}, {}},
      {R"("token_ids":[])", 0, {}},
      {R"("output_ids":[7])", 1, {}},
      {R"("token_ids":null,"output_ids":[7,8])", 2, {}},
      {R"("logprobs":{"content":[{"token":"a"},{"token":"b"}]})", {}, 2},
      {R"("logprobs":{"content":null})", {}, {}},
      {R"("logprobs":{},"token_ids":5)", {}, {}},
  };
  ChatChunkReader reader;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.keys);
    const std::string data = R"({"choices":[{"delta":{},)" + std::string(row.keys) + "}]}";
    const ChatChunk* chunk = reader.Parse(data, "");
    ASSERT_NE(chunk, nullptr);
    EXPECT_EQ(chunk->choices.at(0).token_ids, row.ids);
    EXPECT_EQ(chunk->choices.at(0).logprobs, row.logprobs);
  }
}

TEST(ChatChunk, ReadsUsageInEveryShape) {
  struct Row {
    std::string_view usage;
    std::optional<Usage> read;
  };
  const std::vector<Row> rows = {
      {"null", {}},
      {"{}", {}},
      {"7", {}},
      {R"({"prompt_tokens":3,"completion_tokens":0,"total_tokens":3})", Usage{3, 0, {}, {}}},
      {R"({"prompt_tokens":3,"completion_tokens":null})", Usage{3, {}, {}, {}}},
      {R"({"completion_tokens":-1,"prompt_tokens":1.5})", {}},
      {R"({"prompt_tokens":3,"prompt_tokens_details":{"cached_tokens":2}})", Usage{3, {}, 2, {}}},
      {R"({"prompt_tokens":3,"prompt_tokens_details":null,"reasoning_tokens":4})",
       Usage{3, {}, {}, 4}},
      {R"({"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":5}})",
       Usage{{}, 9, {}, 5}},
  };
  ChatChunkReader reader;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.usage);
    const ChatChunk* chunk = reader.Parse(R"({"usage":)" + std::string(row.usage) + "}", "");
    ASSERT_NE(chunk, nullptr);
    EXPECT_EQ(chunk->usage, row.read);
  }
}

TEST(ChatChunk, KeepsTheServersMetricsVerbatim) {
  struct Row {
    std::string_view data;
    std::string_view metrics;
    std::optional<std::int64_t> predicted;
  };
  const std::vector<Row> rows = {
      {R"({"metrics":{"a":1.50,"b":{"c":[{}]}},"x":1})", R"({"a":1.50,"b":{"c":[{}]}})", {}},
      {R"({"timings" : { "predicted_n":3} })", R"({ "predicted_n":3})", 3},
      {R"({"timings":{"predicted_n":3},"metrics":{"a":1}})", R"({"a":1})", 3},
      {R"({"x":{"metrics":{"no":1}},"metrics":{"s":"}\"{"}})", R"({"s":"}\"{"})", {}},
      {R"({"id":"metrics","x":{},"metrics":{}})", "{}", {}},
      {R"({"metrics":null,"timings":{"predicted_n":null}})", R"({"predicted_n":null})", {}},
      {R"({"metrics":[1]})", "", {}},
      {"{\"metrics\":{\n \"a\":\r\n1}}", "{  \"a\":  1}", {}},
  };
  ChatChunkReader reader;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.data);
    const ChatChunk* chunk = reader.Parse(row.data, "");
    ASSERT_NE(chunk, nullptr);
    EXPECT_EQ(chunk->server_metrics, row.metrics);
    EXPECT_EQ(chunk->predicted, row.predicted);
  }
}

TEST(ChatChunk, KnowsAnErrorWhenItSeesOne) {
  struct Row {
    std::string_view data;
    std::string_view type;
    bool error;
    std::string_view message;
    std::string_view code;
  };
  const std::vector<Row> rows = {
      {R"({"error":{"message":"m","code":400}})", "", true, "m", "400"},
      {R"({"error":"text","error_type":"generation"})", "", true, "text", "generation"},
      {R"({"object":"error","message":"m","code":"40"})", "", true, "m", "40"},
      {R"({"message":"m","code":"c"})", "error", true, "m", "c"},
      {"plain text", "error", true, "plain text", ""},
      {R"({"choices":[],"error":null})", "", false, "", ""},
      {R"({"choices":[{"delta":{"content":"error"}}]})", "", false, "", ""},
      {R"({"message":"m"})", "Error", false, "", ""},
  };
  ChatChunkReader reader;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.data);
    const ChatChunk* chunk = reader.Parse(row.data, row.type);
    ASSERT_NE(chunk, nullptr);
    ASSERT_EQ(chunk->error.has_value(), row.error);
    if (!row.error) continue;
    EXPECT_EQ(chunk->error->message, row.message);
    EXPECT_EQ(chunk->error->code, row.code);
    EXPECT_EQ(chunk->Kind(), EventKind::kError);
  }
}

TEST(ChatChunk, WhatIsNoJsonObjectIsAProblem) {
  ChatChunkReader reader;
  for (const std::string_view data :
       {std::string_view(""), std::string_view("{\"a\":"), std::string_view("[1]"),
        std::string_view("null"), std::string_view("{\"a\":NaN}"), std::string_view("{\"a\":tru}"),
        std::string_view("{} {}"), std::string_view("{}\0{}", 5), std::string_view("{\"a\":1,}"),
        std::string_view("{\"a\":\"\t\"}")}) {
    EXPECT_EQ(reader.Parse(data, ""), nullptr) << data;
    EXPECT_NE(reader.problem(), "") << data;
  }
  ASSERT_NE(reader.Parse("{}", ""), nullptr);
  EXPECT_EQ(reader.problem(), "");
}

TEST(ChatChunk, DepthNeitherCrashesNorTakesLong) {
  constexpr std::size_t kDepth = 1'000'000;
  const std::string open(kDepth, '[');
  const std::string closed = R"({"choices":)" + open + std::string(kDepth, ']') + "}";
  const auto start = std::chrono::steady_clock::now();
  ChatChunkReader reader;
  EXPECT_EQ(reader.Parse(open, ""), nullptr);
  EXPECT_NE(reader.Parse(closed, ""), nullptr);
  const ChatChunk* error = reader.Parse(open, "error");
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->error->message, open.substr(0, 512));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

TEST(ChatChunk, ReadsAWholeAnswer) {
  ChatChunkReader reader;
  const ChatChunk* chunk = reader.ParseWhole(
      R"({"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",
          "content":"whole answer","reasoning_content":"r"},"finish_reason":"stop","token_ids":[1,2]}],
          "usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})");
  ASSERT_NE(chunk, nullptr);
  EXPECT_EQ(chunk->choices.at(0).content, "whole answer");
  EXPECT_EQ(chunk->choices.at(0).reasoning, "r");
  EXPECT_EQ(chunk->choices.at(0).finish_reason, "stop");
  EXPECT_EQ(chunk->choices.at(0).token_ids, 2);
  EXPECT_EQ(chunk->usage, (Usage{3, 2, {}, {}}));
  EXPECT_EQ(reader.ParseWhole("<html>"), nullptr);
  chunk = reader.ParseWhole("{\"id\":\"a\xFF\",\"metrics\":{\"b\":\"\xFF\"}}");
  ASSERT_NE(chunk, nullptr);
  EXPECT_EQ(chunk->id, "a\xEF\xBF\xBD");
  EXPECT_EQ(chunk->server_metrics, "{\"b\":\"\xEF\xBF\xBD\"}");
}

TEST(ChatChunk, AReaderCanBeMoved) {
  ChatChunkReader reader;
  const ChatChunk* chunk = reader.Parse(R"({"id":"a"})", "");
  ChatChunkReader moved = std::move(reader);
  EXPECT_EQ(chunk->id, "a");
  EXPECT_NE(moved.Parse("{}", ""), nullptr);
}

TEST(ChatChunk, OfMembersWithTheSameNameTheLastCounts) {
  ChatChunkReader reader;
  const ChatChunk* chunk = reader.Parse(
      R"({"id":"a","id":"b","choices":[{"delta":{"content":null,"content":"x","content":"y"}}]})",
      "");
  ASSERT_NE(chunk, nullptr);
  EXPECT_EQ(chunk->id, "b");
  EXPECT_EQ(chunk->choices[0].content, "y");
}

}  // namespace
}  // namespace sseprof::chat_chunk_test
