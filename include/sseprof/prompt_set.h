#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sseprof {

/// One prompt, ready to be put into a body.
struct Prompt {
  std::string messages;  ///< a JSON array of messages
  std::optional<std::int64_t> max_tokens;
};

/// The prompts of a run, in the order in which they are used (in turn, again and again).
/// Immutable after set-up, so safe to read from any thread.
class PromptSet {
 public:
  /// One user message with this text.
  static PromptSet FromText(const std::string& text);

  /// A .jsonl file: a line is an object with `messages` (array) or `prompt` (string), and optional
  /// `max_tokens`; blank lines are skipped. Any other file: one user message, its trailing line
  /// ends removed. @throws UsageError naming file, line and remedy (missing, empty, not UTF-8, ..).
  static PromptSet FromFile(const std::string& path);

  /// Puts the prompts in a random order that depends on the seed alone.
  void Shuffle(std::uint64_t seed);

  std::size_t size() const { return prompts_.size(); }
  const Prompt& operator[](std::size_t i) const { return prompts_[i]; }

  /// SHA-256 (hex) of all prompts in the order of use, each with its max_tokens.
  std::string Sha256() const;

 private:
  std::vector<Prompt> prompts_;
};

}  // namespace sseprof
