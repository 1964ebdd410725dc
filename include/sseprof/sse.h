#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sseprof {

/// A dispatched event. The views live until the decoder's next call.
struct SseEvent {
  std::string_view type;  ///< empty: "message"
  std::string_view data;  ///< data lines joined by LF, bad UTF-8 replaced by U+FFFD; may be empty
  /// Bytes of the current Feed that follow the event's blank line (a CRLF counts as one line end).
  /// 0: the event was completed by the last byte.
  std::size_t bytes_after = 0;
};

/// Event stream decoder: bytes in any cuts -> whole events, by the WHATWG grammar ("Server-sent
/// events", 9.2.5/9.2.6): CR, LF, CRLF mixed, a BOM, comments, several data lines, event types.
/// It knows no time and no JSON. No allocation where an event lies whole in one Feed with one data
/// line of valid UTF-8. Not thread-safe: one decoder per stream.
///
///   decoder.Feed(bytes);
///   while (decoder.Next(event) == SseDecoder::Result::kEvent) ...
class SseDecoder {
 public:
  struct Limits {
    std::size_t line = std::size_t{1} << 20;   ///< bytes of one line
    std::size_t event = std::size_t{1} << 20;  ///< bytes of one event's data
  };
  enum class Result {
    kEvent,     ///< an event was dispatched
    kMore,      ///< all bytes are used up: Feed more
    kTooLarge,  ///< a line or event exceeds its limit; stays so until Reset
  };

  SseDecoder() = default;
  explicit SseDecoder(Limits limits) : limits_(limits) {}

  /// Hands over bytes, which must stay alive until Next has returned kMore.
  /// Call only when Next has returned kMore, or first of all.
  void Feed(std::string_view bytes);
  Result Next(SseEvent& event);

  /// Makes it ready for another stream, keeping its memory.
  void Reset();

  /// Comment lines seen so far.
  std::uint64_t comments() const { return comments_; }

  /// Length of what was never dispatched: buffered data lines and the open line.
  std::size_t tail_bytes() const;

  /// The undispatched tail reads `[DONE]` (a stream that ended without its last blank line).
  bool tail_is_done() const;

 private:
  Limits limits_;
  std::uint64_t comments_ = 0;
};

}  // namespace sseprof
