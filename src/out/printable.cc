#include "out/printable.h"

#include <cstddef>

namespace sseprof {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

unsigned char ByteAt(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : '\0';
}

/// U+0080 to U+009F, in UTF-8.
bool IsC1(std::string_view text, std::size_t i) {
  return ByteAt(text, i) == 0xC2 && ByteAt(text, i + 1) >= 0x80 && ByteAt(text, i + 1) < 0xA0;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char byte = ByteAt(text, i);
    if (byte == '\n' || byte == '\r' || byte == '\t') {
      shown += ' ';
    } else if (IsC1(text, i)) {
      shown += kReplacement;
      ++i;
    } else if (byte < ' ' || byte == 0x7F) {
      shown += kReplacement;
    } else {
      shown += text[i];
    }
  }
  return shown;
}

}  // namespace sseprof
