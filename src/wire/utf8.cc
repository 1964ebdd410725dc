#include "wire/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sseprof {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::size_t AsciiPrefix(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  std::size_t i = 0;
  for (; i + sizeof(std::uint64_t) <= text.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i;
}

/// What a lead byte asks for: how many bytes follow, and the range of the first of them (the
/// others are 80..BF). No bytes: not a lead byte of several.
struct Lead {
  std::size_t more = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Lead LeadOf(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {.more = 1};
  if (byte == 0xE0) return {.more = 2, .low = 0xA0};
  if (byte == 0xED) return {.more = 2, .high = 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {.more = 2};
  if (byte == 0xF0) return {.more = 3, .low = 0x90};
  if (byte == 0xF4) return {.more = 3, .high = 0x8F};
  if (byte >= 0xF1 && byte <= 0xF3) return {.more = 3};
  return {};
}

struct Sequence {
  std::size_t length = 0;
  bool valid = false;
};

/// The sequence of several bytes that the text begins with, or the maximal part of a bad one.
Sequence SequenceAt(std::string_view text) {
  Lead lead = LeadOf(static_cast<unsigned char>(text[0]));
  if (lead.more == 0) return {.length = 1, .valid = false};
  for (std::size_t i = 1; i <= lead.more; ++i) {
    if (i == text.size()) return {.length = i, .valid = false};
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < lead.low || byte > lead.high) return {.length = i, .valid = false};
    lead.low = 0x80;
    lead.high = 0xBF;
  }
  return {.length = lead.more + 1, .valid = true};
}

std::size_t ValidPrefix(std::string_view text) {
  std::size_t i = 0;
  while (true) {
    i += AsciiPrefix(text.substr(i));
    if (i == text.size()) return i;
    const Sequence sequence = SequenceAt(text.substr(i));
    if (!sequence.valid) return i;
    i += sequence.length;
  }
}

}  // namespace

bool IsUtf8(std::string_view text) { return ValidPrefix(text) == text.size(); }

void AppendUtf8(std::string_view text, std::string& out) {
  while (true) {
    const std::size_t good = ValidPrefix(text);
    out.append(text.substr(0, good));
    text.remove_prefix(good);
    if (text.empty()) return;
    out.append(kReplacement);
    text.remove_prefix(SequenceAt(text).length);
  }
}

std::string ToUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  AppendUtf8(text, out);
  return out;
}

}  // namespace sseprof
