#include "sim/prompt_tokens.h"

namespace sseprof {
namespace {

enum class Kind { kBlank, kLetter, kDigit, kSingle, kContinuation };

bool Between(unsigned char c, char low, char high) { return c >= low && c <= high; }

Kind KindOf(unsigned char c) {
  constexpr unsigned char kFirstContinuation = 0x80;
  constexpr unsigned char kFirstLead = 0xc0;
  constexpr unsigned char kLeadOfU2000 = 0xe2;
  if (c >= kLeadOfU2000) return Kind::kSingle;
  if (c >= kFirstLead) return Kind::kLetter;
  if (c >= kFirstContinuation) return Kind::kContinuation;
  if (Between(c, 'a', 'z') || Between(c, 'A', 'Z')) return Kind::kLetter;
  if (Between(c, '0', '9')) return Kind::kDigit;
  return c <= ' ' ? Kind::kBlank : Kind::kSingle;
}

}  // namespace

std::int32_t CountTextTokens(std::string_view utf8) {
  std::int32_t count = 0;
  Kind last = Kind::kSingle;
  for (const char c : utf8) {
    const Kind kind = KindOf(static_cast<unsigned char>(c));
    if (kind == Kind::kContinuation) continue;
    const bool starts = kind == Kind::kLetter ? last != Kind::kLetter : kind != Kind::kBlank;
    count += starts ? 1 : 0;
    count += kind == Kind::kDigit && last == Kind::kBlank ? 1 : 0;
    last = kind;
  }
  return count;
}

}  // namespace sseprof
