#include "cli/config_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "sseprof/error.h"

namespace sseprof {
namespace {

struct Place {
  const std::string& file;
  int line;
};

[[noreturn]] void Refuse(const Place& place, std::string_view why) {
  throw UsageError(fmt::format("{}:{}: {}", place.file, place.line, why));
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

char Unescape(char c, const Place& place) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '"':
    case '\\':
      return c;
    default:
      Refuse(place, fmt::format("'\\{}' is unknown: use \\\\ \\\" \\n \\t, or 'single quotes'", c));
  }
}

/// `text` begins with the quote; what follows the closing one may only be a comment.
std::string ReadQuoted(std::string_view text, const Place& place) {
  const char quote = text.front();
  std::string value;
  std::size_t i = 1;
  for (; i < text.size() && text[i] != quote; ++i) {
    const bool escaped = quote == '"' && text[i] == '\\' && i + 1 < text.size();
    value += escaped ? Unescape(text[++i], place) : text[i];
  }
  if (i >= text.size()) Refuse(place, fmt::format("the closing {} is missing", quote));
  const std::string_view rest = Trim(text.substr(i + 1));
  if (!rest.empty() && rest.front() != '#') {
    Refuse(place, fmt::format("'{}' stands behind the closing {}", rest, quote));
  }
  return value;
}

std::string ReadValue(std::string_view text, const Place& place) {
  if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
    return ReadQuoted(text, place);
  }
  const std::string_view bare = Trim(text.substr(0, text.find('#')));
  if (bare.empty()) Refuse(place, "the value is missing: write key = value");
  return std::string(bare);
}

std::string ReadSection(std::string_view text, const Place& place) {
  const auto close = text.find(']');
  const std::string_view rest =
      close == std::string_view::npos ? "?" : Trim(text.substr(close + 1));
  if (!rest.empty() && rest.front() != '#') Refuse(place, "a section is a line like [run]");
  return std::string(Trim(text.substr(1, close - 1)));
}

}  // namespace

std::vector<ConfigEntry> ReadConfig(std::istream& in, const std::string& name) {
  std::vector<ConfigEntry> entries;
  std::string section, line;
  for (int number = 1; std::getline(in, line); ++number) {
    const Place place{name, number};
    const std::string_view text = Trim(line);
    if (text.empty() || text.front() == '#') continue;
    if (text.front() == '[') {
      section = ReadSection(text, place);
      continue;
    }
    const auto equals = text.find('=');
    const std::string key(Trim(text.substr(0, equals)));
    if (equals == std::string_view::npos || key.empty()) {
      Refuse(place, fmt::format("'{}' is no key = value", text));
    }
    if (section.empty()) {
      Refuse(place, fmt::format("'{}' stands before any section: begin with [run]", key));
    }
    entries.push_back({section, key, ReadValue(Trim(text.substr(equals + 1)), place), number});
  }
  return entries;
}

std::vector<ConfigEntry> ReadConfigFile(const std::string& path) {
  std::ifstream in(path);
  // A directory opens, and can't be read.
  if (!in || (in.peek(), in.bad())) {
    throw UsageError(fmt::format("--config: can't read '{}': {}", path, std::strerror(errno)));
  }
  return ReadConfig(in, path);
}

std::string ConfigLine(std::string_view key, std::string_view value) {
  std::string quoted;
  for (const char c : value) {
    if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return fmt::format("{} = \"{}\"\n", key, quoted);
}

}  // namespace sseprof
