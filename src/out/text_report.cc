#include "out/text_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "out/figures.h"
#include "out/server_text.h"
#include "out/wrapped_text.h"
#include "stats/distribution.h"

namespace sseprof {
namespace {

std::string Micros(std::optional<double> seconds) {
  return seconds ? fmt::format("{:.0f} us", *seconds * 1e6) : "-";
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "label       text"
std::string Fact(std::string_view label, std::string_view text) {
  return Wrapped(fmt::format("{:<12}", label), text);
}

std::string Clipped(std::string text) {
  if (text.size() > kTextColumns) text = text.substr(0, kTextColumns - 2) + "..";
  return text + "\n";
}

std::string Head(const Summary& s) {
  const RunContext& context = s.context;
  std::string setting =
      fmt::format("concurrency {}, max_tokens {}, temperature {}, {}", context.concurrency,
                  context.max_tokens, context.temperature, context.stream ? "stream" : "no stream");
  if (!s.server_kind.empty()) {
    setting += fmt::format(", server {} {}", s.server_kind, s.server_version);
  }
  for (const auto& [name, value] : context.labels) setting += fmt::format(", {}={}", name, value);
  return Clipped(fmt::format("{} at {}", context.model, context.endpoint)) + Clipped(setting);
}

std::string Requests(const Summary& s) {
  std::string line = fmt::format("{} good, {} failed, of {}, in {} s", s.ok, s.errors, s.requests,
                                 Number(s.total_time_s, 2));
  const bool stopped_early = s.ok + s.errors < static_cast<std::uint64_t>(s.requests);
  if (s.context.duration && stopped_early && !s.interrupted) {
    line += fmt::format("; ended by --duration {} s", ToSeconds(*s.context.duration));
  }
  std::string out = Fact("requests", line);
  if (!s.failures.empty()) {
    std::vector<std::string> reasons;
    for (const auto& [reason, count] : s.failures) {
      reasons.push_back(fmt::format("{} {}", reason, count));
    }
    out += Fact("failures", fmt::format("{}", fmt::join(reasons, ", ")));
  }
  return out;
}

/// "300 ms", "1.5 s"
std::string Limit(Nanos span) {
  const double seconds = ToSeconds(span);
  return seconds < 1 ? fmt::format("{} ms", static_cast<double>(span.count()) / 1e6)
                     : fmt::format("{} s", seconds);
}

std::string GoodputLine(const Summary& s) {
  if (!s.goodput) return "";
  const Goodput& goodput = *s.goodput;
  const Slo& slo = goodput.slo;
  std::vector<std::string> limits;
  if (slo.ttft) limits.push_back("ttft " + Limit(*slo.ttft));
  if (slo.tpot) limits.push_back("tpot " + Limit(*slo.tpot));
  if (slo.latency) limits.push_back("latency " + Limit(*slo.latency));
  const std::string share = goodput.share ? fmt::format(" ({:.1f} %)", *goodput.share * 100) : "";
  return Fact("goodput",
              fmt::format("{} requests/s: {} of {}{} within {}", Number(goodput.requests_per_s, 3),
                          goodput.within, s.ok + s.errors, share, fmt::join(limits, ", ")));
}

std::string Throughput(const Summary& s) {
  std::string out =
      Fact("throughput",
           fmt::format("{} requests/s, prompt {} tokens/s, decode {} tokens/s, {} ms/token",
                       Number(s.qps, 3), Number(s.prompt_tps, 1), Number(s.decode_tps, 1),
                       Number(s.ms_per_output_token, 2)));
  out += GoodputLine(s);
  if (s.steady_state) {
    out += Fact("steady", fmt::format("decode {} tokens/s from {:.2f} s to {:.2f} s",
                                      Number(s.steady_state->decode_tps, 1),
                                      s.steady_state->start_s, s.steady_state->end_s));
  }
  return out;
}

/// The table of latencies, and what its marks mean where it has any.
class Table {
 public:
  Table() {
    out_ = fmt::format("{:<9}", "ms");
    for (const char* name : {"p50", "p90", "p95", "p99", "p99.9", "mean", "max"}) {
      out_ += fmt::format("{:>9}  ", name);
    }
    out_ += fmt::format("{:>9}\n", "count");
  }
  void Add(std::string_view name, const Distribution& d) {
    out_ += fmt::format("{:<9}", name);
    for (const QuantileField& quantile : kQuantiles) {
      const bool present = (d.*quantile.value).has_value();
      const bool is_weak = present && Contains(d.weak, quantile.name);
      const bool is_untrusted = present && Contains(d.untrusted, quantile.name);
      weak_ |= is_weak;
      untrusted_ |= is_untrusted;
      const std::string marks = fmt::format("{}{}", is_weak ? "~" : "", is_untrusted ? "!" : "");
      out_ += fmt::format("{:>9}{:<2}", Millis(d.*quantile.value), marks);
    }
    out_ += fmt::format("{:>9}  {:>9}  {:>9}\n", Millis(d.mean), Millis(d.max), d.count);
  }
  std::string Text() const {
    std::string out = out_;
    if (weak_) out += "~ fewer than 10 independent observations lie beyond it\n";
    if (untrusted_) out += "! not trustworthy: this client may have moved it by more than 5 %\n";
    return out;
  }

 private:
  std::string out_;
  bool weak_ = false;
  bool untrusted_ = false;
};

std::string Latencies(const Summary& s) {
  Table table;
  table.Add("TTFT", s.ttft);
  table.Add("ITL", s.itl);
  table.Add("TPOT", s.tpot);
  table.Add("latency", s.latency);
  return table.Text();
}

std::string StallsLine(const Stalls& stalls) {
  if (!stalls.count) return "";
  if (*stalls.count == 0) {
    return Fact("stalls", fmt::format("no gap above {} ms", Millis(stalls.threshold_s)));
  }
  const std::string kinds =
      stalls.shared ? fmt::format(" ({} shared, {} single)", *stalls.shared, *stalls.single) : "";
  return Fact("stalls",
              fmt::format("{} above {} ms{}, longest {} ms, {:.2f} % of all gaps", *stalls.count,
                          Millis(stalls.threshold_s), kinds, Millis(stalls.longest_s),
                          stalls.share_of_gaps.value_or(0) * 100));
}

std::string ClientLine(const Summary& s) {
  if (!s.client) return Fact("client", "unknown: the file says nothing of it");
  const ClientReport& client = *s.client;
  const std::string delay = fmt::format("{} p50, {} p99", Micros(client.client_delay.p50),
                                        Micros(client.client_delay.p99));
  const std::string own = client.timestamps == "kernel" ? fmt::format("read late by {}", delay)
                                                        : fmt::format("own error {}", delay);
  const std::string coalesced =
      client.coalesced_share
          ? fmt::format("{:.1f} % of output events coalesced; ", *client.coalesced_share * 100)
          : "";
  return Fact("client",
              fmt::format("{} timestamps, {}; {}; {}requests started late by {} p50, {} p99; {}",
                          client.timestamps, client.path, own, coalesced, Micros(s.start_lag.p50),
                          Micros(s.start_lag.p99), client.verdict));
}

std::string ServerSide(const Summary& s) {
  if (!s.server) return "";
  std::string out;
  for (const std::string& sentence : ServerSentences(*s.server)) {
    out += Fact(out.empty() ? "server" : "", sentence);
  }
  const TextTable latencies = ServerLatencies(*s.server);
  if (!latencies.rows.empty()) out += "\n" + AlignedTable(latencies);
  return out;
}

std::string Warnings(const Summary& s) {
  std::string out;
  for (const Warning& warning : s.warnings) {
    out += "\n" + Wrapped("warning: ", fmt::format("{} ({})", warning.message, warning.code));
    if (!warning.advice.empty()) out += Wrapped("         ", warning.advice);
  }
  return out;
}

}  // namespace

std::string TextReport(const Summary& summary) {
  std::string out = Head(summary) + "\n" + Requests(summary) + Throughput(summary) + "\n" +
                    Latencies(summary) + "\n";
  if (summary.usage_check) out += Fact("usage", summary.usage_check->explanation);
  out += StallsLine(summary.stalls) + ClientLine(summary) + ServerSide(summary);
  return out + Warnings(summary);
}

}  // namespace sseprof
