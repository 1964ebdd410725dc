#include "cli/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "sseprof/error.h"

namespace sseprof {
namespace {

constexpr std::size_t kShortest = 4;
// A text may have been cut inside a secret; fewer bytes than these are likely to be other words.
constexpr std::size_t kShortestBeginning = 8;

std::string HideQueryValues(std::string_view query) {
  std::string hidden;
  while (!query.empty()) {
    const auto field_end = std::min(query.find('&'), query.size());
    const std::string_view field = query.substr(0, field_end);
    const auto equals = field.find('=');
    hidden += field.substr(0, equals);
    if (equals != std::string_view::npos) (hidden += '=') += kHidden;
    if (field_end < query.size()) hidden += '&';
    query.remove_prefix(std::min(field_end + 1, query.size()));
  }
  return hidden;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool NamesCredentials(std::string_view header_name) {
  const std::string name = Lower(header_name);
  constexpr std::string_view kSigns[] = {"auth", "key", "token", "secret", "cookie"};
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](std::string_view sign) { return name.find(sign) != std::string::npos; });
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Bytes at the text's end that a secret begins with, and that are not all of it.
std::size_t BeginningAtEnd(std::string_view text, std::string_view secret) {
  for (std::size_t size = std::min(text.size(), secret.size() - 1); size >= kShortestBeginning;
       --size) {
    if (text.ends_with(secret.substr(0, size))) return size;
  }
  return 0;
}

bool IsUrl(std::string_view option) {
  return option == "--base-url" || option == "--proxy" || option == "--server-metrics";
}

bool HoldsSecrets(std::string_view option) {
  return IsUrl(option) || option == "--header" || option == "--prompt" || option == "--api-key";
}

}  // namespace

std::string ReadSecretFile(std::string_view option, const std::string& path) {
  std::ifstream in(path);
  if (!in) {
    throw UsageError(fmt::format("{}: can't read '{}': {}", option, path, std::strerror(errno)));
  }
  std::string secret{std::istreambuf_iterator<char>(in), {}};
  const auto is_blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!secret.empty() && is_blank(secret.back())) secret.pop_back();
  if (secret.empty()) throw UsageError(fmt::format("{}: '{}' is empty", option, path));
  return secret;
}

std::string HideUrlSecrets(const std::string& url) {
  const auto scheme_end = url.find("://");
  const std::size_t authority_at = scheme_end == std::string::npos ? 0 : scheme_end + 3;
  const auto authority_end = std::min(url.find_first_of("/?#", authority_at), url.size());
  std::string hidden = url.substr(0, authority_at);
  std::string authority = url.substr(authority_at, authority_end - authority_at);
  if (const auto at = authority.rfind('@'); at != std::string::npos) {
    authority.replace(0, at, kHidden);
  }
  hidden += authority;
  const auto query_at = std::min(url.find('?', authority_end), url.size());
  hidden += url.substr(authority_end, query_at - authority_end);
  if (query_at == url.size()) return hidden;
  return hidden + '?' + HideQueryValues(std::string_view(url).substr(query_at + 1));
}

std::string HideHeaderValue(const std::string& header) {
  const auto colon = header.find(':');
  if (colon == std::string::npos) return std::string(kHidden);
  return header.substr(0, colon + 1) + " " + std::string(kHidden);
}

std::string HideOptionValue(std::string_view option, const std::string& value) {
  if (option == "--header") return HideHeaderValue(value);
  if (option == "--prompt" || option == "--api-key") return std::string(kHidden);
  if (IsUrl(option)) return HideUrlSecrets(value);
  return value;
}

void Secrets::Add(const std::string& secret) {
  if (secret.size() < kShortest) return;
  secrets_.push_back(secret);
  // A secret that contains another one goes first, or its rest would stay.
  std::sort(secrets_.begin(), secrets_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void Secrets::AddHeader(const std::string& header) {
  const auto colon = header.find(':');
  if (colon == std::string::npos || !NamesCredentials(header.substr(0, colon))) return;
  const std::string_view value = Trim(std::string_view(header).substr(colon + 1));
  Add(std::string(value));
  // "Bearer KEY": the key may appear alone, too.
  if (const auto blank = value.rfind(' '); blank != std::string_view::npos) {
    Add(std::string(value.substr(blank + 1)));
  }
}

void Secrets::AddUrl(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end != std::string_view::npos) url.remove_prefix(scheme_end + 3);
  const std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    const auto colon = user.find(':');
    Add(std::string(colon == std::string_view::npos ? user : user.substr(colon + 1)));
  }
  const auto query_at = url.find('?');
  if (query_at == std::string_view::npos) return;
  std::string_view query = url.substr(query_at + 1);
  query = query.substr(0, query.find('#'));
  while (!query.empty()) {
    const std::string_view field = query.substr(0, query.find('&'));
    const auto equals = std::min(field.find('='), field.size());
    if (NamesCredentials(field.substr(0, equals)) && equals < field.size()) {
      Add(std::string(field.substr(equals + 1)));
    }
    query.remove_prefix(std::min(field.size() + 1, query.size()));
  }
}

std::string Secrets::Hide(std::string text) const {
  for (const std::string& secret : secrets_) {
    for (auto at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kHidden.size())) {
      text.replace(at, secret.size(), kHidden);
    }
    if (const std::size_t cut = BeginningAtEnd(text, secret); cut > 0) {
      text.replace(text.size() - cut, cut, kHidden);
    }
  }
  return text;
}

std::vector<std::string> HideInCommand(const std::vector<std::string>& args,
                                       const Secrets& secrets) {
  std::vector<std::string> hidden;
  std::string option;  // whose value is next
  for (const std::string& arg : args) {
    std::string shown = arg;
    const auto equals = arg.find('=');
    if (!option.empty()) {
      shown = HideOptionValue(option, arg);
      option.clear();
    } else if (HoldsSecrets(arg)) {
      option = arg;
    } else if (equals != std::string::npos && HoldsSecrets(arg.substr(0, equals))) {
      shown = arg.substr(0, equals + 1) +
              HideOptionValue(arg.substr(0, equals), arg.substr(equals + 1));
    }
    hidden.push_back(secrets.Hide(std::move(shown)));
  }
  return hidden;
}

}  // namespace sseprof
