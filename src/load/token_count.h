#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sseprof/chat_chunk.h"
#include "sseprof/record.h"

namespace sseprof {

/// Counts the tokens of a request's events. Which of the server's counts can be trusted is known
/// only when the stream has ended, so all of them are noted while it runs. Not thread-safe.
class TokenCount {
 public:
  /// Makes it ready for another request of about so many events, keeping its memory.
  void Reset(std::size_t events);

  /// Notes what the event numbered `event` says. Returns a first guess of its tokens.
  std::int32_t Add(std::uint32_t event, const ChatChunk& chunk);

  /// Sets `tokens` of every event, and `tokens_from`, by the best source that covers the stream:
  /// ids, logprobs, running usage (if it never falls and ends at the usage of `record`), else one
  /// per output event. Tokens on an event without text join that choice's next output event; what
  /// is left at the end stays on the last such event.
  void Resolve(RequestRecord& record);

 private:
  struct Note {
    std::uint32_t event = 0;
    std::uint16_t choice = 0;
    bool output = false;
    std::optional<std::int32_t> ids, logprobs;
    std::optional<std::int64_t> running;  ///< completion tokens so far, of this choice
  };
  struct Choice {
    std::int64_t carried = 0;
    std::uint32_t carrier = 0;  ///< the event that `carried` came on last
    std::int64_t running = 0;
  };

  void Keep(const Note& note);
  static std::optional<std::int64_t> TokensOf(const Note& note, TokenSource source, Choice& choice);
  bool Covers(TokenSource source, std::optional<std::int64_t> final_usage, std::size_t events);

  std::size_t events_ = 0;
  bool untold_ = false;  ///< output came of which nothing was told, before anything was: no source
                         ///< can cover the stream, and nothing need be noted
  std::vector<Note> notes_;
  std::vector<Choice> choices_;
  std::vector<std::int64_t> tokens_;  ///< by event, of the source being tried
  std::int64_t running_told_ = 0;     ///< of the first choice, up to its last output event
  bool ambiguous_usage_ = false;      ///< running usage on an event of several choices
};

}  // namespace sseprof
