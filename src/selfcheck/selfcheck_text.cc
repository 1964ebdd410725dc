#include "selfcheck/selfcheck_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "out/wrapped_text.h"

namespace sseprof {
namespace {

constexpr char kErrorRow[] = "{:<8}{:<7}{:>11}{:>8}{:>8}{:>8}{:>9}{:>8}{:>9}{:>9}{:>7}{:>8}\n";
constexpr char kClientRow[] = "{:<8}{:<7}{:>17}{:>8}{:>19}{:>8}{:>9}{:>22}\n";

/// A number with three digits or so.
std::string Digits(std::optional<double> value) {
  if (!value) return "-";
  return fmt::format("{:.{}f}", *value, *value >= 100 ? 0 : *value >= 10 ? 1 : 2);
}

std::string Micros(std::optional<double> seconds) { return seconds ? Digits(*seconds * 1e6) : "-"; }

std::string Percent(double share) { return Digits(share * 100); }

/// "0, 2-7"
std::string Ranges(const std::vector<int>& ascending) {
  std::vector<std::string> ranges;
  for (std::size_t i = 0, first = 0; i < ascending.size(); ++i) {
    if (i + 1 < ascending.size() && ascending[i + 1] == ascending[i] + 1) continue;
    ranges.push_back(i == first ? std::to_string(ascending[i])
                                : fmt::format("{}-{}", ascending[first], ascending[i]));
    first = i + 1;
  }
  return fmt::format("{}", fmt::join(ranges, ", "));
}

std::string Cores(const SelfcheckReport& report) {
  const CorePlan& cores = report.cores;
  const std::string client = fmt::format("client ({} {})", report.settings.threads,
                                         report.settings.threads == 1 ? "thread" : "threads");
  if (cores.shared) {
    return fmt::format("simulated server and {} both on core {}", client, Ranges(cores.server));
  }
  return fmt::format("simulated server on core {}, {} on core {}", Ranges(cores.server), client,
                     Ranges(cores.client));
}

std::string Head(const SelfcheckReport& report) {
  const SelfcheckSettings& s = report.settings;
  return "This machine's own measuring error: arrivals as stated, less the simulated server's "
         "sends\n" +
         fmt::format("{} streams, {} requests of {} tokens, one every {:g} ms after {:g} ms\n",
                     s.concurrency, s.requests, s.tokens, s.itl_ms, s.ttft_ms) +
         Wrapped("", Cores(report));
}

std::string ErrorTable(const std::vector<SelfcheckRun>& runs) {
  std::string out = fmt::format(kErrorRow, "phase", "stamps", "off us p50", "p99", "p99.9", "max",
                                "inside%", "coal.%", "judged%", "send p50", "p99", "events");
  for (const SelfcheckRun& run : runs) {
    out += fmt::format(kErrorRow, run.phase, run.timestamps, Micros(run.error.p50),
                       Micros(run.error.p99), Micros(run.error.p999), Micros(run.error.max),
                       Percent(run.contained_share()), Percent(run.coalesced_share),
                       Percent(run.judged_share()), Micros(run.bracket.p50),
                       Micros(run.bracket.p99), run.events);
  }
  return out;
}

std::string Pair(std::optional<double> truth, std::optional<double> measured) {
  if (!truth || !measured) return fmt::format("{:>31}", "-");
  const double true_ms = *truth * 1e3;
  const double measured_ms = *measured * 1e3;
  return fmt::format("{:>10.3f} -> {:<10.3f}{:>+9.3f}", true_ms, measured_ms,
                     measured_ms - true_ms);
}

std::string ComparedTable(const std::vector<SelfcheckRun>& runs) {
  std::string out = fmt::format("{:<8}{:<7}{:<9}{:>24}{:>9}{:>25}{:>9}\n", "phase", "stamps", "ms",
                                "p50 true -> measured", "off", "p99 true -> measured", "off");
  for (const SelfcheckRun& run : runs) {
    const auto line = [&](std::string_view name, const Compared& both) {
      out += fmt::format("{:<8}{:<7}{:<9}{} {}\n", run.phase, run.timestamps, name,
                         Pair(both.truth.p50, both.measured.p50),
                         Pair(both.truth.p99, both.measured.p99));
    };
    line("ITL", run.itl);
    line("TTFT", run.ttft);
    line("latency", run.latency);
  }
  return out;
}

std::string ClientTable(const std::vector<SelfcheckRun>& runs) {
  std::string out = fmt::format(kClientRow, "phase", "stamps", "read late us p50", "p99",
                                "send delay us p50", "p99", "cpu s", "others on the cores");
  for (const SelfcheckRun& run : runs) {
    const std::string others =
        run.load ? fmt::format("{:.0f} %, {:.0f} %", run.load->server * 100, run.load->client * 100)
                 : "unknown";
    out += fmt::format(kClientRow, run.phase, run.timestamps, Micros(run.client.client_delay.p50),
                       Micros(run.client.client_delay.p99), Micros(run.client.send_delay.p50),
                       Micros(run.client.send_delay.p99), fmt::format("{:.2f}", run.client.cpu_s),
                       others);
  }
  return out;
}

std::string Meaning() {
  return Wrapped("",
                 fmt::format("off by: distance from the two clock readings around the send, "
                             "which lie \"send\" us apart; judged are those less than {:g} us "
                             "apart. TTFT and latency as measured contain connecting and "
                             "sending, as true they begin when the server has read the request.",
                             ToSeconds(kJudgedBelow) * 1e6));
}

std::string Limit(const SelfcheckLimit& limit) {
  std::string text = limit.concurrency > 0 ? fmt::format("{} streams", limit.concurrency) : "none";
  if (limit.first_bad) {
    std::string reason;
    for (const LimitProbe& probe : limit.probes) {
      if (probe.concurrency == *limit.first_bad) reason = probe.reason;
    }
    text += fmt::format("; not {}: {}", *limit.first_bad, reason);
  } else {
    text += ", the most that were tried";
  }
  return Wrapped("limit    ", text);
}

std::string Warnings(std::string_view label, const std::vector<Warning>& warnings,
                     std::size_t first) {
  std::string out;
  for (std::size_t i = first; i < warnings.size(); ++i) {
    const std::string head = fmt::format("{:<9}", label);
    out += Wrapped(head, fmt::format("{} ({})", warnings[i].message, warnings[i].code));
    out += Wrapped(std::string(head.size(), ' '), warnings[i].advice);
  }
  return out;
}

std::string Verdict(const SelfcheckVerdict& verdict) {
  std::string out = Warnings("note", verdict.notes, 0) + Warnings("also", verdict.problems, 1);
  if (verdict.ok()) return out + "verdict  ok\n";
  const Warning& first = verdict.problems.front();
  return out + Warnings("verdict", {first}, 0);
}

}  // namespace

std::string SelfcheckText(const SelfcheckReport& report) {
  std::string out = Head(report) + "\n";
  if (!report.runs.empty()) {
    out += ErrorTable(report.runs) + "\n" + ComparedTable(report.runs) + "\n" +
           ClientTable(report.runs) + "\n" + Meaning() + "\n";
  }
  if (report.limit) out += Limit(*report.limit);
  return out + Verdict(report.verdict);
}

std::string ProbeText(const LimitProbe& probe) {
  return fmt::format("{:>6} streams: off by {} us at p99, {}", probe.concurrency,
                     Digits(probe.error_p99_us),
                     probe.ok() ? "ok" : fmt::format("not ok: {}", probe.reason));
}

}  // namespace sseprof
