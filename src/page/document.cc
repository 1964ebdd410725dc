#include "page/document.h"

#include <array>
#include <utility>

#include "page/template.h"
#include "wire/utf8.h"

namespace sseprof {

std::string EscapedForHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
      case '\t':
        out += c;
        break;
      default:
        byte < 0x20 || byte == 0x7f ? out += "\xef\xbf\xbd" : out += c;
    }
  }
  return out;
}

std::string EscapedForScript(std::string_view json) {
  constexpr std::string_view kLineSeparators = "\xe2\x80";  // and then A8 or A9
  std::string out;
  out.reserve(json.size() + json.size() / 64);
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '<') {
      out += "\\u003c";
      continue;
    }
    if (json.substr(i, 2) == kLineSeparators && i + 2 < json.size() &&
        (json[i + 2] == '\xa8' || json[i + 2] == '\xa9')) {
      out += json[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
      continue;
    }
    out += json[i];
  }
  return out;
}

std::string PageDocument(const PageParts& parts) {
  const std::array<std::pair<std::string_view, std::string>, 3> values = {{
      {"{{title}}", EscapedForHtml(ToUtf8(parts.title))},
      {"{{text}}", EscapedForHtml(ToUtf8(parts.text))},
      {"{{data}}", EscapedForScript(parts.payload)},
  }};
  std::string out;
  std::string_view rest = kPageTemplate;
  for (const auto& [name, value] : values) {
    const std::size_t at = rest.find(name);
    out += rest.substr(0, at);
    out += value;
    rest.remove_prefix(at + name.size());
  }
  return out += rest;
}

}  // namespace sseprof
