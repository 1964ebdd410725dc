#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sseprof {

struct AnswerOptions {
  std::uint64_t seed = 1;
  std::int32_t reasoning_tokens = 0;  ///< at the start
  double eos_after = 0;               ///< mean length; 0: only max_tokens ends an answer
};

/// The text of one answer, token by token: a function of seed and request number, so that nothing
/// is stored. Words in random order; every piece can stand in a JSON string as it is.
class Answer {
 public:
  enum class EndOfText { kObeyed, kIgnored };

  Answer(const AnswerOptions& options, std::uint64_t request_number, std::int32_t max_tokens,
         EndOfText end_of_text);

  /// How many tokens there are, an end-of-text token included.
  std::int32_t tokens() const { return tokens_; }
  /// Whether the last token is an end-of-text token: it has no text.
  bool ends_by_itself() const { return ends_by_itself_; }
  /// "stop" or "length"
  std::string_view finish_reason() const { return ends_by_itself_ ? "stop" : "length"; }
  std::int32_t reasoning_tokens() const { return reasoning_tokens_; }

  /// The i-th token.
  std::string_view Piece(std::int32_t i) const;
  std::int32_t TokenId(std::int32_t i) const;

 private:
  bool IsEndOfText(std::int32_t i) const { return ends_by_itself_ && i == tokens_ - 1; }
  std::size_t WordAt(std::int32_t i) const;

  std::uint64_t seed_;
  std::uint64_t number_;
  std::int32_t tokens_;
  std::int32_t reasoning_tokens_ = 0;
  bool ends_by_itself_ = false;
};

}  // namespace sseprof
