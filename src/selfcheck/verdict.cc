#include "selfcheck/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace sseprof {
namespace {

constexpr double kMostOthers = 0.25;
constexpr double kMostStolen = 0.05;
constexpr double kLeastJudged = 0.90;
constexpr double kLateServer = 1.5;
constexpr double kMostRejected = 0.001;
constexpr double kLeastContained = 0.999;
constexpr std::uint64_t kLeastEvents = 100;

constexpr char kQuieter[] =
    "stop the other programs, or check again when they are done; what is measured meanwhile is off "
    "by as much as stated here";

using Runs = std::vector<SelfcheckRun>;

double Percent(double share) { return share * 100; }

std::string CoreName(const char* whose, double share) {
  return fmt::format("{:.0f} % of {}", Percent(share), whose);
}

/// Runs with kernel stamps that have figures.
Runs KernelRuns(const Runs& runs) {
  Runs kernel;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(kernel), [](const SelfcheckRun& run) {
    return run.timestamps == "kernel" && run.events > 0;
  });
  return kernel;
}

/// Collects what is wrong.
class Judge {
 public:
  Judge(const SelfcheckSettings& settings, const CorePlan& cores, const Runs& runs)
      : settings_(settings), cores_(cores), all_(runs), kernel_(KernelRuns(runs)) {}

  SelfcheckVerdict Verdict() {
    AboutRequests();
    AboutMachine();
    AboutServer();
    AboutClient();
    AboutErrors();
    AboutUserStamps();
    if (cores_.shared) {
      Note("one_core", "the simulated server and the client share the one core that there is",
           "each delays the other: allow a second core");
    }
    return std::move(verdict_);
  }

 private:
  /// The run with the largest value, if that is above `limit`.
  const SelfcheckRun* Worst(const Runs& runs, double limit,
                            const std::function<double(const SelfcheckRun&)>& value) const {
    const auto worst = std::max_element(
        runs.begin(), runs.end(),
        [&](const auto& one, const auto& other) { return value(one) < value(other); });
    return worst != runs.end() && value(*worst) > limit ? &*worst : nullptr;
  }
  void Problem(const char* code, std::string message, const char* advice) {
    verdict_.problems.push_back({code, std::move(message), advice});
  }
  void Note(const char* code, std::string message, const char* advice) {
    verdict_.notes.push_back({code, std::move(message), advice});
  }

  void AboutRequests();
  void AboutMachine();
  void AboutServer();
  void AboutClient();
  void AboutClock();
  void AboutErrors();
  void AboutUserStamps();

  const SelfcheckSettings& settings_;
  const CorePlan& cores_;
  const Runs& all_;
  const Runs kernel_;
  SelfcheckVerdict verdict_;
};

void Judge::AboutRequests() {
  const auto failed = [](const SelfcheckRun& run) { return static_cast<double>(run.failed); };
  if (const SelfcheckRun* run = Worst(all_, 0, failed)) {
    Problem("failed",
            fmt::format("{} of {} requests to the simulated server failed ({}), the last by {}",
                        run->failed, run->requests, RunName(*run), run->last_failure),
            "check with a smaller --concurrency, and look whether the system's limits of memory, "
            "open files or ports are reached");
  }
  const auto without = [](const SelfcheckRun& run) {
    return run.timestamps != run.timestamps_used ? 1.0 : 0.0;
  };
  if (const SelfcheckRun* run = Worst(all_, 0, without)) {
    Problem("no_kernel_stamps",
            fmt::format("the kernel gave no time stamps ({}), so user space stamped arrivals",
                        RunName(*run)),
            "use a system that has SO_TIMESTAMPING");
  }
}

void Judge::AboutMachine() {
  const auto others = [](const SelfcheckRun& run) {
    return run.load ? std::max(run.load->server, run.load->client) : 0;
  };
  if (const SelfcheckRun* run = Worst(all_, kMostOthers, others)) {
    const std::string where =
        cores_.shared ? CoreName("the one core", run->load->server)
                      : CoreName("the simulated server's core", run->load->server) + " and " +
                            CoreName("what the client needs", run->load->client);
    Problem(kMachineBusy,
            fmt::format("the machine is busy: other programs had {} ({})", where, RunName(*run)),
            kQuieter);
    return;
  }
  const auto stolen = [](const SelfcheckRun& run) { return run.load ? run.load->stolen : 0; };
  if (const SelfcheckRun* run = Worst(all_, kMostStolen, stolen)) {
    Problem(kMachineBusy,
            fmt::format("the machine is busy: its host took away {:.0f} % of a core's time ({})",
                        Percent(run->load->stolen), RunName(*run)),
            "check again when the host has less to do, or on a machine of its own");
  }
}

void Judge::AboutServer() {
  const auto unjudged = [](const SelfcheckRun& run) { return 1 - run.judged_share(); };
  if (const SelfcheckRun* run = Worst(kernel_, 1 - kLeastJudged, unjudged)) {
    Problem("server_preempted",
            fmt::format("only {:.1f} % of the arrivals can be judged ({}): the simulated server "
                        "was preempted while it sent the others, so the machine is busy",
                        Percent(run->judged_share()), RunName(*run)),
            kQuieter);
  }
  const auto late = [](const SelfcheckRun& run) { return run.itl.truth.p99.value_or(0) * 1e3; };
  if (const SelfcheckRun* run = Worst(kernel_, kLateServer * settings_.itl_ms, late)) {
    Problem("server_late",
            fmt::format("the simulated server fell behind its schedule: gaps as it sent them have "
                        "a p99 of {:.2f} ms, and {:g} ms were set ({})",
                        late(*run), settings_.itl_ms, RunName(*run)),
            "check with a smaller --concurrency or a longer --itl-ms, and without other programs");
  }
}

void Judge::AboutClient() {
  AboutClock();
  const auto limited = [](const SelfcheckRun& run) {
    return run.client.verdict == "ok" ? -1 : run.coalesced_share;
  };
  if (const SelfcheckRun* run = Worst(kernel_, -1, limited)) {
    Problem("client_limited",
            fmt::format("the client came too late: {} ({})", run->client.reason, RunName(*run)),
            "check with a smaller --concurrency or, where cores are free, more --threads");
  }
}

void Judge::AboutClock() {
  const auto rejected = [](const SelfcheckRun& run) {
    const double reads = static_cast<double>(run.reads);
    return static_cast<double>(run.client.clock_rejected) / std::max(1.0, reads);
  };
  const SelfcheckRun* run = Worst(kernel_, 0, rejected);
  if (run == nullptr) return;
  const std::string message = fmt::format(
      "{} of {} time stamps of the kernel could not be true ({}), so user space stamped those",
      run->client.clock_rejected, run->reads, RunName(*run));
  if (rejected(*run) > kMostRejected) {
    Problem("clock_rejected", message, "see whether something sets this machine's clock");
  } else {
    Note("clock_rejected", message, "the clock was set, or the client paused: no harm if few");
  }
}

void Judge::AboutErrors() {
  const auto error_us = [](const SelfcheckRun& run) { return run.error.p99.value_or(0) * 1e6; };
  if (const SelfcheckRun* run = Worst(kernel_, settings_.max_error_us, error_us)) {
    Problem("inaccurate",
            fmt::format("arrivals are off by {:.1f} us at p99, above --max-error-us {:g} ({})",
                        error_us(*run), settings_.max_error_us, RunName(*run)),
            "check with a smaller --concurrency, or on a quieter or faster machine");
  }
  const auto outside = [](const SelfcheckRun& run) { return 1 - run.contained_share(); };
  if (const SelfcheckRun* run = Worst(kernel_, 1 - kLeastContained, outside)) {
    Problem("inaccurate",
            fmt::format("{:.2f} % of the arrivals were sent outside the interval that is stated of "
                        "them ({})",
                        Percent(outside(*run)), RunName(*run)),
            "check again; if it stays, do not trust this machine's time stamps");
  }
  const auto few = [](const SelfcheckRun& run) { return -static_cast<double>(run.judged_events); };
  if (const SelfcheckRun* run = Worst(kernel_, -static_cast<double>(kLeastEvents), few)) {
    Problem("too_few",
            fmt::format("only {} arrivals can be judged: a p99 needs at least {} ({})",
                        run->judged_events, kLeastEvents, RunName(*run)),
            "give more --tokens or --requests");
  }
}

void Judge::AboutUserStamps() {
  const double tolerated_us = 0.05 * settings_.itl_ms * 1e3;
  const auto error_us = [](const SelfcheckRun& run) {
    return run.timestamps == "user" ? run.error.p99.value_or(0) * 1e6 : 0;
  };
  if (const SelfcheckRun* run = Worst(all_, tolerated_us, error_us)) {
    Note("user_late",
         fmt::format("stamped in user space arrivals are off by {:.0f} us at p99, above 5 % of the "
                     "gap ({}, {} streams)",
                     error_us(*run), RunName(*run), settings_.concurrency),
         "leave --timestamps at kernel, and do not use --http2 for such a load");
  }
}

/// The last probe of this load, which decided about it.
const LimitProbe* ProbeOf(const SelfcheckLimit& limit, int streams) {
  const auto probe =
      std::find_if(limit.probes.rbegin(), limit.probes.rend(),
                   [&](const LimitProbe& one) { return one.concurrency == streams; });
  return probe == limit.probes.rend() ? nullptr : &*probe;
}

}  // namespace

LimitProbe MakeProbe(const SelfcheckReport& report) {
  LimitProbe probe{.concurrency = report.settings.concurrency, .verdict = "ok"};
  for (const SelfcheckRun& run : report.runs) {
    if (!run.error.p99) continue;
    probe.error_p99_us = std::max(probe.error_p99_us.value_or(0), *run.error.p99 * 1e6);
  }
  if (!report.verdict.ok()) {
    probe.verdict = report.verdict.problems.front().code;
    probe.reason = report.verdict.problems.front().message;
  }
  return probe;
}

SelfcheckVerdict JudgeLimit(const SelfcheckLimit& limit, const SelfcheckVerdict& at_limit) {
  SelfcheckVerdict verdict = at_limit;
  const LimitProbe* end = limit.first_bad ? ProbeOf(limit, *limit.first_bad) : nullptr;
  if (verdict.ok() && end != nullptr && end->verdict == kMachineBusy) {
    verdict.problems.push_back(
        {end->verdict,
         fmt::format("at {} streams {}: without that the limit may be higher", end->concurrency,
                     end->reason),
         kQuieter});
  }
  return verdict;
}

std::string RunName(const SelfcheckRun& run) {
  return fmt::format("{}, {} stamps", run.phase, run.timestamps);
}

SelfcheckVerdict JudgeSelfcheck(const SelfcheckSettings& settings, const CorePlan& cores,
                                const std::vector<SelfcheckRun>& runs) {
  return Judge(settings, cores, runs).Verdict();
}

}  // namespace sseprof
