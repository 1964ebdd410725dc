#include "sseprof/prompt_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <string_view>
#include <utility>

#include "load/sha256.h"
#include "sseprof/error.h"
#include "wire/json.h"

namespace sseprof {
namespace {

constexpr std::string_view kLineShape =
    R"(write {"prompt": "..."} or {"messages": [{"role": "user", "content": "..."}]})";

[[noreturn]] void Refuse(const std::string& where, std::string_view what, std::string_view remedy) {
  throw UsageError(fmt::format("{}: {}; {}", where, what, remedy));
}

std::string UserMessage(std::string_view text) {
  JsonWriter json;
  json.BeginArray().BeginObject();
  json.Member("role", "user").Member("content", text);
  json.EndObject().EndArray();
  return std::string(json.text());
}

std::string ReadFile(const std::string& path) {
  constexpr std::string_view kRemedy = "give a text file or a .jsonl file that can be read";
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) Refuse(path, std::strerror(errno != 0 ? errno : EIO), kRemedy);
  std::string text;
  std::string block(std::size_t{1} << 16, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    text.append(block, 0, static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) Refuse(path, std::strerror(errno != 0 ? errno : EIO), kRemedy);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return text;
}

/// Calls `visit(line, "path:number")` for each line.
template <class Visitor>
void ForEachLine(std::string_view text, const std::string& path, Visitor&& visit) {
  for (std::size_t begin = 0, number = 1; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    visit(text.substr(begin, end - begin), fmt::format("{}:{}", path, number));
    begin = end + 1;
  }
}

void RequireUtf8(std::string_view text, const std::string& path) {
  if (IsUtf8(text)) return;
  ForEachLine(text, path, [](std::string_view line, const std::string& where) {
    if (!IsUtf8(line)) Refuse(where, "not UTF-8", "convert the file, e.g. with iconv -t UTF-8");
  });
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string MessagesOf(const JsonView& line, const std::string& where) {
  const JsonView messages = line["messages"], prompt = line["prompt"];
  if (messages.IsNull() == prompt.IsNull()) {
    Refuse(where, "needs one of `prompt` and `messages`", kLineShape);
  }
  if (messages.IsNull()) {
    const std::optional<std::string_view> text = prompt.AsString();
    if (!text || text->empty()) Refuse(where, "`prompt` is no text", kLineShape);
    return UserMessage(*text);
  }
  if (messages.size() == 0 || !messages.IsArray()) {
    Refuse(where, "`messages` is no array of messages", kLineShape);
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!messages.At(i).IsObject()) {
      Refuse(where, fmt::format("message {} is no object", i + 1), kLineShape);
    }
  }
  return messages.Text();
}

Prompt ReadLine(std::string_view text, const std::string& where) {
  try {
    const JsonDocument document = JsonDocument::Parse(text);
    const JsonView line = document.root();
    if (!line.IsObject()) Refuse(where, "is no JSON object", kLineShape);
    Prompt prompt{.messages = MessagesOf(line, where), .max_tokens = std::nullopt};
    if (const JsonView limit = line["max_tokens"]; !limit.IsNull()) {
      prompt.max_tokens = limit.AsInt();
      if (!prompt.max_tokens || *prompt.max_tokens < 1) {
        Refuse(where, "`max_tokens` is no whole number above 0", "correct it or leave it out");
      }
    }
    return prompt;
  } catch (const JsonError& error) {
    Refuse(where, fmt::format("is no JSON ({})", error.what()), kLineShape);
  }
}

/// A uniform draw from [0, bound). The standard's distributions differ between libraries.
std::uint64_t DrawBelow(std::mt19937_64& engine, std::uint64_t bound) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t limit = kMax - kMax % bound;
  std::uint64_t draw = engine();
  while (draw >= limit) draw = engine();
  return draw % bound;
}

}  // namespace

PromptSet PromptSet::FromText(const std::string& text) {
  PromptSet set;
  set.prompts_.push_back({.messages = UserMessage(text), .max_tokens = std::nullopt});
  return set;
}

PromptSet PromptSet::FromFile(const std::string& path) {
  std::string text = ReadFile(path);
  RequireUtf8(text, path);
  if (!path.ends_with(".jsonl")) {
    text.erase(text.find_last_not_of("\r\n") + 1);
    if (IsBlank(text)) Refuse(path, "holds no text", "put a prompt into it");
    return FromText(text);
  }
  PromptSet set;
  ForEachLine(text, path, [&set](std::string_view line, const std::string& where) {
    if (!IsBlank(line)) set.prompts_.push_back(ReadLine(line, where));
  });
  if (set.prompts_.empty()) Refuse(path, "holds no prompt", kLineShape);
  return set;
}

void PromptSet::Shuffle(std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  for (std::size_t left = prompts_.size(); left > 1; --left) {
    std::swap(prompts_[left - 1], prompts_[DrawBelow(engine, left)]);
  }
}

std::string PromptSet::Sha256() const {
  std::string all;
  for (const Prompt& prompt : prompts_) {
    all += prompt.messages;
    if (prompt.max_tokens) all += fmt::format(" {}", *prompt.max_tokens);
    all += '\n';
  }
  return Sha256Hex(all);
}

}  // namespace sseprof
