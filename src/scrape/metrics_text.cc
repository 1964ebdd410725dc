#include "scrape/metrics_text.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace sseprof {
namespace {

constexpr std::string_view kBlanks = " \t\r";

void SkipBlanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
}

/// The text up to any of `ends`, which is taken off `text`.
std::string_view TakeUntil(std::string_view& text, std::string_view ends) {
  const std::string_view taken = text.substr(0, text.find_first_of(ends));
  text.remove_prefix(taken.size());
  return taken;
}

/// The length of a quoted text with its quotes; absent if it does not end.
std::optional<std::size_t> QuotedLength(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::nullopt;
}

/// Where the brace that closes the labels stands. @param text  begins behind the opening one
std::optional<std::size_t> LabelsLength(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '}') return i;
    if (text[i] != '"') continue;
    const auto quoted = QuotedLength(text.substr(i));
    if (!quoted) return std::nullopt;
    i += *quoted - 1;
  }
  return std::nullopt;
}

std::string Unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    ++i;
    plain += text[i] == 'n' ? '\n' : text[i];
  }
  return plain;
}

std::optional<MetricSample> ParseSample(std::string_view line) {
  SkipBlanks(line);
  MetricSample sample;
  sample.name = TakeUntil(line, " \t{");
  if (sample.name.empty() || sample.name.starts_with('#')) return std::nullopt;
  SkipBlanks(line);
  if (line.starts_with('{')) {
    line.remove_prefix(1);
    const auto length = LabelsLength(line);
    if (!length) return std::nullopt;
    sample.labels = line.substr(0, *length);
    line.remove_prefix(*length + 1);
    SkipBlanks(line);
  }
  const auto value = ParseMetricValue(TakeUntil(line, kBlanks));
  if (!value) return std::nullopt;
  sample.value = *value;
  return sample;
}

}  // namespace

std::optional<double> ParseMetricValue(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> MetricSample::Label(std::string_view wanted) const {
  std::string_view rest = labels;
  while (true) {
    rest.remove_prefix(std::min(rest.find_first_not_of(", \t"), rest.size()));
    std::string_view label = TakeUntil(rest, "=");
    if (rest.empty()) return std::nullopt;
    label = label.substr(0, label.find_last_not_of(kBlanks) + 1);
    rest.remove_prefix(1);
    SkipBlanks(rest);
    const auto length = rest.starts_with('"') ? QuotedLength(rest) : std::nullopt;
    if (!length) return std::nullopt;
    if (label == wanted) return Unescaped(rest.substr(1, *length - 2));
    rest.remove_prefix(*length);
  }
}

void ForEachSample(std::string_view page, const std::function<void(const MetricSample&)>& visit) {
  while (!page.empty()) {
    const std::string_view line = TakeUntil(page, "\n");
    page.remove_prefix(std::min<std::size_t>(1, page.size()));
    if (const auto sample = ParseSample(line)) visit(*sample);
  }
}

}  // namespace sseprof
