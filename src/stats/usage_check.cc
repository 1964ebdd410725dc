#include "stats/usage_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace sseprof {
namespace {

__extension__ typedef __int128 Wide;

std::int64_t Saturated(Wide value) {
  constexpr Wide kMax = std::numeric_limits<std::int64_t>::max();
  constexpr Wide kMin = std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(std::clamp(value, kMin, kMax));
}

Wide Magnitude(std::int64_t value) { return value < 0 ? -Wide{value} : Wide{value}; }

bool Stopped(const RequestRecord& record) {
  return std::find(record.finish_reasons.begin(), record.finish_reasons.end(), "stop") !=
         record.finish_reasons.end();
}

std::string Explain(const UsageCheck& check) {
  const std::uint64_t total =
      check.exact + check.hidden_tokens + check.multi_token_events + check.over + check.missing;
  if (total == 0) return "no request succeeded, so there is nothing to check";
  if (check.exact == total) {
    return fmt::format("usage equals the counted tokens in all {} requests", total);
  }
  if (check.missing == total) {
    return fmt::format("no usage was reported ({} requests): tokens are counted output events",
                       total);
  }
  std::vector<std::string> parts;
  const auto add = [&](std::uint64_t requests, std::string_view what) {
    if (requests != 0) parts.push_back(fmt::format("{} in {}", what, requests));
  };
  add(check.exact, "usage equals the counted tokens");
  add(check.hidden_tokens, "tokens without text, such as the one that ends an answer,");
  add(check.multi_token_events,
      "more tokens reported than counted (several in one event, or some left out)");
  add(check.over, "more tokens counted than reported");
  add(check.missing, "no usage");
  return fmt::format("of {} requests: {}", total, fmt::join(parts, "; "));
}

}  // namespace

void UsageCollector::Add(const RequestRecord& record) {
  const std::int64_t counted = CountedTokens(record);
  counted_all_ += counted;
  if (!record.good()) return;
  counted_ += counted;
  if (!record.usage || !record.usage->completion_tokens) {
    ++check_.missing;
    return;
  }
  const std::int64_t usage = *record.usage->completion_tokens;
  usage_ += usage;
  counted_with_usage_ += counted;
  Classify(record, Saturated(Wide{usage} - counted));

  const auto choices = static_cast<Wide>(std::max<std::size_t>(1, record.finish_reasons.size()));
  if (record.max_tokens > 0 && usage > choices * record.max_tokens) ++above_limit_;
}

void UsageCollector::Classify(const RequestRecord& record, std::int64_t difference) {
  // Of two as far off in either direction, the positive one: the order of Add must not matter.
  const std::int64_t most = check_.max_difference.value_or(0);
  if (!check_.max_difference || Magnitude(difference) > Magnitude(most) ||
      (Magnitude(difference) == Magnitude(most) && difference > most)) {
    check_.max_difference = difference;
  }
  if (difference == 0) {
    ++check_.exact;
  } else if (difference < 0) {
    ++check_.over;
  } else if ((Stopped(record) && difference == 1) || HiddenTokens(record) >= difference) {
    ++check_.hidden_tokens;
  } else {
    ++check_.multi_token_events;
  }
}

UsageCheck UsageCollector::Finish(std::optional<double> total_time_s) const {
  UsageCheck check = check_;
  check.tokens_usage = Saturated(usage_);
  check.tokens_counted = Saturated(counted_);
  check.tokens_counted_all = Saturated(counted_all_);
  if (usage_ > 0) {
    const double usage = static_cast<double>(usage_);
    check.ratio = static_cast<double>(counted_with_usage_) / usage;
    check.relative_difference = static_cast<double>(usage_ - counted_with_usage_) / usage;
  }
  if (total_time_s && *total_time_s > 0 && counted_ > 0) {
    check.decode_tps_counted = static_cast<double>(counted_) / *total_time_s;
  }
  check.explanation = Explain(check);
  return check;
}

}  // namespace sseprof
