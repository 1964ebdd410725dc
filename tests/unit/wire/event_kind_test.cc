#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "sseprof/chat_chunk.h"

namespace sseprof::event_kind_test {
namespace {

TEST(EventKind, TheLetterOfAChunkSaysWhatItIs) {
  struct Row {
    std::string_view says;
    std::string_view data;
    char kind;
  };
  const std::vector<Row> rows = {
      {"text", R"({"choices":[{"delta":{"content":"a"}}]})", 'v'},
      {"text on the last chunk",
       R"({"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]})", 'v'},
      {"text and reasoning", R"({"choices":[{"delta":{"content":"a","reasoning":"r"}}]})", 'v'},
      {"text of the second choice",
       R"({"choices":[{"delta":{"reasoning":"r"}},{"index":1,"delta":{"content":"a"}}]})", 'v'},
      {"text with running usage",
       R"({"choices":[{"delta":{"content":"a"}}],"usage":{"completion_tokens":1}})", 'v'},
      {"text beside an error", R"({"choices":[{"delta":{"content":"a"}}],"error":"e"})", 'v'},
      {"reasoning", R"({"choices":[{"delta":{"reasoning":"r"}}]})", 'o'},
      {"a tool call", R"({"choices":[{"delta":{"tool_calls":[{}]}}]})", 'o'},
      {"a refusal", R"({"choices":[{"delta":{"refusal":"no"}}]})", 'o'},
      {"an error", R"({"error":"e"})", 'x'},
      {"an error with a finish",
       R"({"error":{"code":1},"choices":[{"delta":{},"finish_reason":"error"}]})", 'x'},
      {"a finish", R"({"choices":[{"delta":{},"finish_reason":"stop"}]})", 'f'},
      {"a finish with empty text",
       R"({"choices":[{"delta":{"content":""},"finish_reason":"stop"}]})", 'f'},
      {"a finish with usage",
       R"({"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"completion_tokens":1}})", 'f'},
      {"a role", R"({"choices":[{"delta":{"role":"assistant","content":""}}]})", 'e'},
      {"a role with running usage",
       R"({"choices":[{"delta":{"role":"assistant","content":""}}],"usage":{"completion_tokens":0}})",
       'e'},
      {"held-back text", R"({"choices":[{"delta":{"content":""}}]})", 'e'},
      {"held-back text with running usage",
       R"({"choices":[{"delta":{"content":""}}],"usage":{"completion_tokens":3}})", 'e'},
      {"a hidden token with running usage",
       R"({"choices":[{"delta":{},"token_ids":[5]}],"usage":{"completion_tokens":3}})", 'e'},
      {"prefill progress",
       R"({"choices":[{"delta":{"role":"assistant","content":null}}],"prompt_progress":{"total":9}})",
       'e'},
      {"usage", R"({"choices":[],"usage":{"completion_tokens":3}})", 'u'},
      {"usage without choices", R"({"choices":null,"usage":{"completion_tokens":3}})", 'u'},
      {"usage with a dummy choice",
       R"({"choices":[{"index":0,"delta":{}}],"usage":{"completion_tokens":3}})", 'u'},
      {"usage with a dummy role choice",
       R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":{"completion_tokens":3}})",
       'u'},
      {"annotations", R"({"choices":[{"index":0,"content_filter_offsets":{}}]})", '.'},
      {"prompt filter results", R"({"choices":[],"prompt_filter_results":[]})", '.'},
      {"an object of no known sort", R"({"hello":1})", '.'},
  };
  ChatChunkReader reader;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.says);
    const ChatChunk* chunk = reader.Parse(row.data, "");
    ASSERT_NE(chunk, nullptr);
    EXPECT_EQ(static_cast<char>(chunk->Kind()), row.kind);
  }
}

TEST(EventKind, DoneIsDoneWithBlanksAround) {
  EXPECT_TRUE(IsDone("[DONE]"));
  EXPECT_TRUE(IsDone("\t[DONE] \r\n"));
  EXPECT_FALSE(IsDone(""));
  EXPECT_FALSE(IsDone("   "));
  EXPECT_FALSE(IsDone("[done]"));
  EXPECT_FALSE(IsDone("[DONE] x"));
  EXPECT_FALSE(IsDone("\"[DONE]\""));
}

}  // namespace
}  // namespace sseprof::event_kind_test
