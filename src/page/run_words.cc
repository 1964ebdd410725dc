#include "page/run_words.h"

#include <fmt/format.h>

#include "page/span_text.h"

namespace sseprof {
namespace {

std::string FirstTokens(const Summary& s) {
  std::string text =
      fmt::format("The first token comes after {} in half of the requests", SpanText(*s.ttft.p50));
  if (s.ttft.p99) text += fmt::format(", and within {} in 99 of 100", SpanText(*s.ttft.p99));
  return text + ".";
}

std::string SlowGaps(const Summary& s) {
  std::string text = fmt::format("1 gap in 100 is longer than {}", SpanText(*s.itl.p99));
  if (s.itl.p50.value_or(0) > 0) {
    text += fmt::format(", {:.1f} times the typical one", *s.itl.p99 / *s.itl.p50);
  }
  return text + ".";
}

std::string StallsOf(const Stalls& stalls) {
  if (*stalls.count == 0) return fmt::format("No gap is above {}.", SpanText(*stalls.threshold_s));
  std::string text =
      fmt::format("{} gap{} above {}, the longest {}", Grouped(static_cast<double>(*stalls.count)),
                  *stalls.count == 1 ? " is" : "s are", SpanText(*stalls.threshold_s),
                  SpanText(*stalls.longest_s));
  if (stalls.shared) {
    text += fmt::format("; {} of them when the other streams stood still, too",
                        Grouped(static_cast<double>(*stalls.shared)));
  }
  return text + ".";
}

std::string ShareText(double share) {
  const double percent = share * 100;
  if (percent < 0.01) return "less than 0.01 %";
  return fmt::format("{:.{}f} %", percent, percent < 0.995 ? 2 : percent < 9.95 ? 1 : 0);
}

std::string ClientOf(const Summary& s) {
  const ClientReport& client = *s.client;
  std::string text =
      fmt::format("This client read {} late at p99", SpanText(*client.client_delay.p99));
  if (client.timestamps == "kernel") text += ", and took the times from the kernel";
  if (!client.coalesced_share) return text + ".";
  if (*client.coalesced_share == 0) return text + "; it could tell all tokens apart.";
  return fmt::format("{}; {} of the tokens came in intervals that it could not tell apart.", text,
                     ShareText(*client.coalesced_share));
}

}  // namespace

std::string RunHeadline(const Summary& summary) {
  const Summary& s = summary;
  if (s.ok + s.errors == 0) return "No request has ended";
  if (s.ok == 0) return fmt::format("None of {} requests succeeded", s.ok + s.errors);
  if (s.decode_tps && s.tpot.p50) {
    return fmt::format("{} tokens a second from {} stream{}; a token every {} in each",
                       Grouped(*s.decode_tps), s.context.concurrency,
                       s.context.concurrency == 1 ? "" : "s", SpanText(*s.tpot.p50));
  }
  const double rate = s.qps.value_or(0);
  return fmt::format("{} requests a second, each in {}",
                     rate < 99.95 ? fmt::format("{:.3g}", rate) : Grouped(rate),
                     SpanText(s.latency.p50.value_or(0)));
}

std::string RunWorkload(const Summary& summary) {
  const RunContext& context = summary.context;
  std::string text = context.model;
  if (!summary.server_kind.empty()) {
    text += fmt::format(" on {}", summary.server_kind);
    if (!summary.server_version.empty()) text += " " + summary.server_version;
  }
  text += fmt::format(" \u00b7 {} at a time \u00b7 {} requests", context.concurrency,
                      Grouped(static_cast<double>(summary.ok + summary.errors)));
  if (context.max_tokens > 0) text += fmt::format(" \u00b7 {} tokens at most", context.max_tokens);
  return text;
}

std::vector<std::string> RunFindings(const Summary& summary) {
  std::vector<std::string> found;
  if (summary.ttft.p50) found.push_back(FirstTokens(summary));
  if (summary.itl.p99) found.push_back(SlowGaps(summary));
  if (summary.stalls.count) found.push_back(StallsOf(summary.stalls));
  if (summary.errors > 0) {
    found.push_back(fmt::format("{} of {} requests failed; no distribution holds them.",
                                Grouped(static_cast<double>(summary.errors)),
                                Grouped(static_cast<double>(summary.ok + summary.errors))));
  }
  if (summary.client && summary.client->client_delay.p99) found.push_back(ClientOf(summary));
  return found;
}

}  // namespace sseprof
