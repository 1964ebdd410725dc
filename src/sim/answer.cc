#include "sim/answer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/sim_random.h"

namespace sseprof {
namespace {

constexpr std::array<std::string_view, 48> kWords = {
    " the",    " a",      " of",      " and",    " to",    " in",    " queue",  " token",
    " server", " step",   " batch",   " answer", " reads", " waits", " writes", " sends",
    " word",   " prompt", " machine", " people", " often", " then",  " first",  " last",
    " every",  " some",   " many",    " small",  " large", " slow",  " quick",  " late",
    " early",  " busy",   " idle",    " clock",  " time",  " café",  " naïve",  " über",
    " 水",     " Ω",      ",",        ".",       ";",      " is",    " was",    " will"};
constexpr std::int32_t kFirstWordId = 1000;
constexpr std::int32_t kEndOfTextId = 151645;  // <|im_end|> of Qwen3

// Keys of SimRandom: a request has 2^32 of them, the last is that of its length.
constexpr int kKeyBits = 32;
constexpr std::uint64_t kLengthKey = 0xffffffff;

// Length of an answer of which every token is the last with a probability of 1 / mean.
double DrawLength(double mean, SimRandom random) {
  if (mean <= 1) return 1;
  return 1 + std::floor(std::log(random.Unit()) / std::log1p(-1 / mean));
}

}  // namespace

Answer::Answer(const AnswerOptions& options, std::uint64_t request_number, std::int32_t max_tokens,
               EndOfText end_of_text)
    : seed_(options.seed), number_(request_number), tokens_(max_tokens) {
  if (options.eos_after > 0 && end_of_text == EndOfText::kObeyed) {
    const double length =
        DrawLength(options.eos_after, SimRandom{seed_, (number_ << kKeyBits) + kLengthKey});
    ends_by_itself_ = length <= max_tokens;
    if (ends_by_itself_) tokens_ = static_cast<std::int32_t>(length);
  }
  reasoning_tokens_ = std::min(options.reasoning_tokens, tokens_ - (ends_by_itself_ ? 1 : 0));
}

std::size_t Answer::WordAt(std::int32_t i) const {
  const std::uint64_t key = (number_ << kKeyBits) + static_cast<std::uint64_t>(i);
  return SimRandom{seed_, key}.Next() % kWords.size();
}

std::string_view Answer::Piece(std::int32_t i) const {
  if (IsEndOfText(i)) return {};
  std::string_view word = kWords[WordAt(i)];
  const bool opens_text = i == 0 || i == reasoning_tokens_;
  if (opens_text && word.front() == ' ') word.remove_prefix(1);
  return word;
}

std::int32_t Answer::TokenId(std::int32_t i) const {
  return IsEndOfText(i) ? kEndOfTextId : kFirstWordId + static_cast<std::int32_t>(WordAt(i));
}

}  // namespace sseprof
