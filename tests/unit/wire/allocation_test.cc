#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sseprof/chat_chunk.h"
#include "sseprof/sse.h"
#include "unit/count_allocations.h"

#ifdef SSEPROF_COUNTS_ALLOCATIONS

namespace sseprof::allocation_test {
namespace {

std::string UsualEvent(std::string_view text) {
  return R"(data: {"id":"chatcmpl-5f1e3bd4d27a4d6f","object":"chat.completion.chunk","created":1764000002,)"
         R"("model":"nvidia/Qwen3-30B-A3B-NVFP4","choices":[{"index":0,"delta":{"content":")" +
         std::string(text) +
         R"("},"logprobs":null,"finish_reason":null,"token_ids":[741]}],)"
         R"("usage":{"prompt_tokens":110,"total_tokens":112,"completion_tokens":2}})"
         "\n\n";
}

int CountOutput(SseDecoder& decoder, ChatChunkReader& reader, std::string_view bytes) {
  int output = 0;
  decoder.Feed(bytes);
  SseEvent event;
  while (decoder.Next(event) == SseDecoder::Result::kEvent) {
    const ChatChunk* chunk = reader.Parse(event.data, event.type);
    if (chunk != nullptr && chunk->Kind() == EventKind::kVisible) ++output;
  }
  return output;
}

TEST(Allocation, TheCounterCounts) {
  EXPECT_GT(AllocationsOf([] { std::string(100, 'x').append(1000, 'y'); }), 0);
}

TEST(Allocation, AUsualEventNeedsNone) {
  const std::string bytes = UsualEvent("one") + UsualEvent("two");
  SseDecoder decoder;
  int events = 0;
  EXPECT_EQ(AllocationsOf([&] {
              decoder.Feed(bytes);
              SseEvent event;
              while (decoder.Next(event) == SseDecoder::Result::kEvent) ++events;
            }),
            0);
  EXPECT_EQ(events, 2);
}

TEST(Allocation, AUsualChunkNeedsNoneOnceItsBuffersStand) {
  const std::string first = UsualEvent("a first text that is a little longer than the others");
  const std::string more = UsualEvent("one") + UsualEvent(" \\u00e9\\n two") + UsualEvent("!");
  SseDecoder decoder;
  ChatChunkReader reader;
  ASSERT_EQ(CountOutput(decoder, reader, first), 1);
  int output = 0;
  EXPECT_EQ(AllocationsOf([&] {
              for (int i = 0; i < 100; ++i) output += CountOutput(decoder, reader, more);
            }),
            0);
  EXPECT_EQ(output, 300);
}

TEST(Allocation, ACutEventNeedsNoneOnceTheBuffersStand) {
  const std::string bytes = UsualEvent("one");
  SseDecoder decoder;
  ChatChunkReader reader;
  const auto in_halves = [&] {
    return CountOutput(decoder, reader, std::string_view(bytes).substr(0, 150)) +
           CountOutput(decoder, reader, std::string_view(bytes).substr(150));
  };
  ASSERT_EQ(in_halves(), 1);
  EXPECT_EQ(AllocationsOf([&] { EXPECT_EQ(in_halves(), 1); }), 0);
}

TEST(Allocation, ALargeChunkNeedsNoneWhenItComesAgain) {
  std::string data = R"({"choices":[{"delta":{"content":"x"},"logprobs":{"content":[)";
  for (int i = 0; i < 100; ++i) {
    data += R"({"token":"a token","logprob":-0.5,"bytes":[1,2,3],"top_logprobs":[]},)";
  }
  data.back() = ']';
  data += "}}]}";
  ChatChunkReader reader;
  for (int i = 0; i < 8; ++i) ASSERT_NE(reader.Parse(data, ""), nullptr);
  EXPECT_EQ(AllocationsOf([&] { EXPECT_EQ(reader.Parse(data, "")->choices[0].logprobs, 100); }), 0);
}

TEST(ChatChunkReaderAllocationTest, ChunksAlikeDoNotAllocate) {
  ChatChunkReader reader;
  ChunkPattern pattern;
  const std::string one = R"({"id":"c1","choices":[{"index":0,"delta":{"content":"one"}}]})";
  const std::string two = R"({"id":"c1","choices":[{"index":0,"delta":{"content":" other"}}]})";
  reader.Parse(one, "", pattern);
  EXPECT_EQ(AllocationsOf([&] {
              for (int i = 0; i < 100; ++i) reader.Parse(i % 2 == 0 ? two : one, "", pattern);
            }),
            0);
}

}  // namespace
}  // namespace sseprof::allocation_test

#endif
