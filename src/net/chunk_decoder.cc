#include "net/chunk_decoder.h"

#include <algorithm>

namespace sseprof {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ChunkDecoder::Piece ChunkDecoder::Next(std::string_view wire) {
  std::size_t i = 0;
  while (i < wire.size() && state_ != State::kData) Framing(wire[i++]);
  if (i == wire.size()) return {.consumed = i};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, wire.size() - i));
  left_ -= size;
  if (left_ == 0) state_ = State::kDataEnd;
  return {.payload = wire.substr(i, size),
          .begin = i,
          .consumed = i + size,
          .ends_chunk = state_ == State::kDataEnd};
}

void ChunkDecoder::Framing(char c) {
  switch (state_) {
    case State::kSize:
      if (const int digit = HexDigit(c); digit >= 0) {
        left_ = left_ * 16 + static_cast<unsigned>(digit);
        return;
      }
      state_ = State::kSizeRest;
      [[fallthrough]];
    case State::kSizeRest:
      if (c == '\n') state_ = left_ == 0 ? State::kTrailerStart : State::kData;
      return;
    case State::kDataEnd:
      if (c == '\n') state_ = State::kSize;
      return;
    case State::kTrailerStart:
      if (c == '\n') {
        state_ = State::kDone;
      } else if (c != '\r') {
        state_ = State::kTrailer;
      }
      return;
    case State::kTrailer:
      if (c == '\n') state_ = State::kTrailerStart;
      return;
    case State::kData:
    case State::kDone:
      return;
  }
}

bool IsChunkEnd(std::string_view rest) {
  return rest.empty() || rest == "\r" || rest == "\r\n" || rest == "\r\n0\r\n\r\n";
}

}  // namespace sseprof
