#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sseprof {

/// Removes the chunked transfer coding (RFC 9112, 7.1) from a body that libcurl passes on as it
/// came, so that every payload byte's place in the read is known. It trusts the framing: libcurl
/// checks it beside us and ends the transfer where it is broken. One per response.
class ChunkDecoder {
 public:
  struct Piece {
    std::string_view payload;  ///< empty: no payload in what was consumed
    std::size_t begin = 0;     ///< where the payload begins in the wire bytes given
    std::size_t consumed = 0;  ///< wire bytes used up, payload and framing before it
    bool ends_chunk = false;   ///< the payload's last byte is its chunk's last
  };

  /// The next payload piece of `wire`; consumes all of it if there is none.
  Piece Next(std::string_view wire);

  /// The last chunk and the trailers' end were seen.
  bool done() const { return state_ == State::kDone; }

  void Reset() { *this = ChunkDecoder(); }

 private:
  enum class State { kSize, kSizeRest, kData, kDataEnd, kTrailerStart, kTrailer, kDone };
  void Framing(char c);

  State state_ = State::kSize;
  std::uint64_t left_ = 0;  ///< of the chunk's data; while in kSize, the size read so far
};

/// True if `rest`, what follows a payload in its buffer, is only the end of that chunk, or that and
/// the whole end of the body.
bool IsChunkEnd(std::string_view rest);

}  // namespace sseprof
