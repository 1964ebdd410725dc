#include "load/response_head.h"

#include <fmt/format.h>

#include <string_view>

namespace sseprof {
namespace {

std::string LowerToken(std::string_view value) {
  value = value.substr(0, value.find(';'));
  std::string lower;
  for (const char c : value) {
    if (c == ' ' || c == '\t') continue;
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

bool IsEncoded(const ResponseHead& head) {
  const std::string encoding = LowerToken(head.content_encoding);
  return !encoding.empty() && encoding != "identity";
}

Outcome OutcomeOfStatus(int status) {
  if (status == 429) return Outcome::kHttp429;
  if (status >= 500) return Outcome::kHttp5xx;
  if (status >= 400) return Outcome::kHttp4xx;
  if (status >= 300) return Outcome::kHttp3xx;
  return status == 200 ? Outcome::kOk : Outcome::kNotSse;
}

}  // namespace

HeadVerdict JudgeHead(const ResponseHead& head, bool stream) {
  const Outcome outcome = OutcomeOfStatus(head.status);
  if (outcome == Outcome::kHttp3xx) {
    return {BodyUse::kNone, outcome,
            head.location.empty() ? "redirected, without Location" : head.location};
  }
  if (outcome != Outcome::kOk) {
    return {BodyUse::kErrorText, outcome, fmt::format("HTTP status {}", head.status)};
  }
  if (IsEncoded(head)) {
    return {BodyUse::kNone, Outcome::kNotSse,
            fmt::format("content-encoding {}", head.content_encoding)};
  }
  if (!stream) return {.use = BodyUse::kWhole};
  const std::string media_type = LowerToken(head.content_type);
  if (media_type == "text/event-stream") return {.use = BodyUse::kEvents};
  return {BodyUse::kErrorText, Outcome::kNotSse,
          media_type.empty() ? "no content-type" : media_type};
}

}  // namespace sseprof
