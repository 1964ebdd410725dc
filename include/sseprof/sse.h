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
  bool TakeLine(std::string_view& line);
  std::size_t FindLineEnd();
  void TakeField(std::string_view line);
  void AddData(std::string_view value);
  bool Dispatch(SseEvent& event);
  void ForgetEvent();
  std::string_view Data() const;
  std::string_view OpenLine() const;

  Limits limits_;
  std::uint64_t comments_ = 0;

  std::string_view in_;      // the current Feed
  std::size_t pos_ = 0;      // what of it is used up
  bool ends_known_ = false;  // the next two were searched for in this Feed
  std::size_t lf_ = 0;       // its first LF at or behind pos_, its size: none, less: search again
  std::size_t cr_ = 0;       // its first CR, likewise
  std::string open_;         // a line that earlier Feeds began
  bool open_used_ = false;   // open_ was handed out as a line: empty it before the next
  bool after_cr_ = false;    // the last Feed ended in a CR: an LF that comes next belongs to it
  bool first_line_ = true;   // a BOM may come
  bool too_large_ = false;

  std::string_view view_;  // the event's only data line, inside in_ ..
  bool in_view_ = false;   // .. while this is true; else the data are in data_
  bool has_data_ = false;
  bool dispatched_ = false;  // the event below was handed out: forget it at the next call
  std::string data_;
  std::string type_;
  std::string decoded_;  // data_ or view_ with bad UTF-8 replaced
};

}  // namespace sseprof
