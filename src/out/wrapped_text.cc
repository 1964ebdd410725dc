#include "out/wrapped_text.h"

#include <algorithm>

#include "out/printable.h"

namespace sseprof {

std::string Wrapped(const std::string& head, std::string_view unsafe) {
  const std::string shown = Printable(unsafe);
  std::string_view text = shown;
  std::string out = head;
  std::size_t column = head.size();
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const bool first = column == head.size();
    if (!first && column + 1 + word.size() > kTextColumns) {
      out += "\n" + std::string(head.size(), ' ');
      column = head.size();
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

}  // namespace sseprof
