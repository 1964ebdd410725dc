#include "stats/client_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "stats/distribution.h"

namespace sseprof {
namespace {

constexpr double kTolerated = 0.05;

bool Exceeds(std::optional<double> error, std::optional<double> value) {
  return error && value && *error > kTolerated * *value;
}

std::string Micros(double seconds) { return fmt::format("{:.0f} us", seconds * 1e6); }

std::string Reason(const Summary& summary, const EventCounts& events, const ClientReport& client) {
  std::vector<std::string> reasons;
  if (events.CoalescedShare() > kTolerated) {
    reasons.push_back(fmt::format("{:.1f} % of output events were read too late to be told apart",
                                  events.CoalescedShare() * 100));
  }
  if (Exceeds(client.send_delay.p99, summary.ttft.p50)) {
    reasons.push_back(fmt::format("sending took {} at p99, above 5 % of TTFT p50",
                                  Micros(*client.send_delay.p99)));
  }
  if (client.timestamps == "user" && Exceeds(client.client_delay.p99, summary.itl.p50)) {
    reasons.push_back(fmt::format("reading came {} late at p99, above 5 % of ITL p50",
                                  Micros(*client.client_delay.p99)));
  }
  return fmt::format("{}", fmt::join(reasons, "; "));
}

/// Marks each quantile for which `error(quantile)` is above 5 % of it.
template <class Error>
void Mark(Distribution& distribution, Error error) {
  for (const QuantileField& quantile : kQuantiles) {
    if (Exceeds(error(quantile), distribution.*quantile.value)) {
      distribution.untrusted.emplace_back(quantile.name);
    }
  }
}

std::optional<double> IntervalError(const GapDistribution& itl, const QuantileField& quantile) {
  const std::string name{quantile.name};
  const auto low = itl.low.find(name);
  const auto high = itl.high.find(name);
  const std::optional<double> value = itl.*quantile.value;
  if (!value || low == itl.low.end() || high == itl.high.end()) return std::nullopt;
  if (!low->second || !high->second) return std::nullopt;
  return std::max(*value - *low->second, *high->second - *value);
}

}  // namespace

void EventCounts::Add(const RequestRecord& record) {
  for (const StreamEvent& event : record.events) {
    const bool is_output = IsOutput(event.kind);
    output += is_output;
    widest = std::max(widest, event.width);
    if (event.width <= Nanos{0}) {
      ++exact;
    } else if (event.width <= kCoalescedAbove) {
      ++bundled;
      output_bundled += is_output;
    } else {
      ++coalesced;
      output_coalesced += is_output;
    }
  }
}

double EventCounts::CoalescedShare() const {
  return output == 0 ? 0 : static_cast<double>(output_coalesced) / static_cast<double>(output);
}

ClientReport MakeClientReport(const Summary& summary, const EventCounts& events,
                              std::uint64_t retried, const RunEnd& end) {
  ClientReport client;
  client.timestamps = end.timestamps;
  client.path = end.path;
  client.client_delay = DistributionOf(end.client.client_delay);
  client.client_delay.weak = WeakQuantiles(static_cast<double>(client.client_delay.count));
  client.send_delay = summary.send_delay;
  client.exact = events.exact;
  client.bundled = events.bundled;
  client.coalesced = events.coalesced;
  client.coalesced_share = events.CoalescedShare();
  client.widest_s = ToSeconds(events.widest);
  client.clock_rejected = end.client.clock_rejected;
  client.retried = retried;
  client.threads = end.threads;
  if (end.client.elapsed > Nanos{0}) {
    client.loop_busy = ToSeconds(end.client.busy) / ToSeconds(end.client.elapsed);
  }
  client.cpu_s = ToSeconds(end.cpu);
  client.max_rss_bytes = end.max_rss_bytes;
  client.reason = Reason(summary, events, client);
  client.verdict = client.reason.empty() ? "ok" : "client_limited";
  return client;
}

void MarkUntrusted(Summary& summary) {
  std::optional<double> user_error;
  if (summary.client && summary.client->timestamps == "user") {
    user_error = summary.client->client_delay.p99;
  }
  const auto by_reading = [&](const QuantileField&) { return user_error; };
  const auto by_sending = [&](const QuantileField& quantile) {
    return std::max(summary.send_delay.*quantile.value, user_error);
  };
  Mark(summary.itl, [&](const QuantileField& quantile) {
    return std::max(IntervalError(summary.itl, quantile), user_error);
  });
  Mark(summary.ttft, by_sending);
  Mark(summary.latency, by_sending);
  Mark(summary.tpot, by_reading);
  if (summary.steady_state) {
    summary.steady_state->itl.untrusted = summary.itl.untrusted;
    summary.steady_state->ttft.untrusted = summary.ttft.untrusted;
  }
}

}  // namespace sseprof
