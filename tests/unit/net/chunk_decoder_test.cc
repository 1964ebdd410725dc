#include "net/chunk_decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace sseprof::chunk_decoder_test {
namespace {

std::string Decode(ChunkDecoder& decoder, std::string_view wire) {
  std::string payload;
  std::size_t at = 0;
  while (at < wire.size()) {
    const auto piece = decoder.Next(wire.substr(at));
    EXPECT_GT(piece.consumed, 0u);
    if (!piece.payload.empty()) {
      EXPECT_EQ(piece.payload.data(), wire.data() + at + piece.begin);
    }
    payload += piece.payload;
    at += piece.consumed;
  }
  return payload;
}

TEST(ChunkDecoder, EverySplitGivesTheSamePayload) {
  const std::string wire =
      "5\r\nhello\r\n00A;name=\"v\"\r\n, big wor\n\r\n2\r\nld\r\n0\r\nTrailer: x\r\n\r\n";
  const std::string payload = "hello, big wor\nld";
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    ChunkDecoder decoder;
    std::string got = Decode(decoder, wire.substr(0, cut));
    got += Decode(decoder, wire.substr(cut));
    EXPECT_EQ(got, payload) << "cut at " << cut;
    EXPECT_TRUE(decoder.done()) << "cut at " << cut;
  }
}

TEST(ChunkDecoder, ByteByByte) {
  const std::string wire = "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
  ChunkDecoder decoder;
  std::string got;
  for (const char& c : wire) got += Decode(decoder, {&c, 1});
  EXPECT_EQ(got, "abcd");
  EXPECT_TRUE(decoder.done());
}

TEST(ChunkDecoder, SaysWhereAPayloadEndsItsChunk) {
  ChunkDecoder decoder;
  auto piece = decoder.Next("4\r\nab");
  EXPECT_EQ(piece.payload, "ab");
  EXPECT_FALSE(piece.ends_chunk);
  piece = decoder.Next("cd\r\n0\r\n\r\n");
  EXPECT_EQ(piece.payload, "cd");
  EXPECT_TRUE(piece.ends_chunk);
  EXPECT_EQ(piece.consumed, 2u);
}

TEST(ChunkDecoder, WhatMayFollowTheLastPayloadOfABuffer) {
  EXPECT_TRUE(IsChunkEnd(""));
  EXPECT_TRUE(IsChunkEnd("\r"));
  EXPECT_TRUE(IsChunkEnd("\r\n"));
  EXPECT_TRUE(IsChunkEnd("\r\n0\r\n\r\n"));
  EXPECT_FALSE(IsChunkEnd("\r\n5"));
  EXPECT_FALSE(IsChunkEnd("data"));
}

}  // namespace
}  // namespace sseprof::chunk_decoder_test
