#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "bare_client.h"

namespace bare {

/// Takes the head and the chunks' framing off one HTTP/1.1 answer after the other.
class ChunkedAnswer {
 public:
  enum class State { kHead, kSize, kSizeEnd, kData, kDataEnd, kTrailer, kDone, kBad };
  void Reset() { *this = ChunkedAnswer(); }
  State state() const { return state_; }

  void Feed(char* bytes, char* end, Stream& stream, std::int64_t now) {
    while (bytes < end && state_ < State::kDone) {
      if (state_ == State::kData) {
        const std::size_t size = std::min<std::size_t>(left_, end - bytes);
        stream.Feed(bytes, size, now);
        bytes += size;
        left_ -= size;
        if (left_ == 0) state_ = State::kDataEnd;
      } else {
        Framing(*bytes++);
      }
    }
  }

 private:
  void Framing(char c) {
    switch (state_) {
      case State::kHead:
        head_ += c;
        if (head_.ends_with("\r\n\r\n")) {
          const bool chunked = strcasestr(head_.c_str(), "\r\ntransfer-encoding: chunked\r\n");
          state_ = head_.starts_with("HTTP/1.1 200") && chunked ? State::kSize : State::kBad;
        }
        return;
      case State::kSize:
        if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
          left_ = left_ * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
          return;
        }
        state_ = State::kSizeEnd;
        [[fallthrough]];
      case State::kSizeEnd:
        if (c == '\n') state_ = left_ > 0 ? State::kData : State::kTrailer;
        return;
      case State::kDataEnd:
        if (c == '\n') state_ = State::kSize;
        return;
      case State::kTrailer:
        if (c == '\n') state_ = blank_ ? State::kDone : State::kTrailer;
        if (c != '\r') blank_ = c == '\n';
        return;
      default:
        return;
    }
  }

  State state_ = State::kHead;
  std::string head_;
  std::size_t left_ = 0;  // of the chunk
  bool blank_ = true;     // the trailer's line, so far
};

}  // namespace bare
