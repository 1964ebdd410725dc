#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "cli/commands.h"
#include "cli/core_plan.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/run_facts.h"
#include "cli/selfcheck_options.h"
#include "cli/selfcheck_run.h"
#include "selfcheck/limit_search.h"
#include "selfcheck/selfcheck_json.h"
#include "selfcheck/selfcheck_text.h"
#include "selfcheck/sim_log.h"
#include "selfcheck/verdict.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

/// Carries the command out: keeps itself on the client's cores from here on.
class Selfcheck {
 public:
  Selfcheck(const SelfcheckOptions& options, int usable_cores)
      : options_(options), usable_cores_(usable_cores), cores_(PlanCores(AllowedCores())) {
    PinTo(cores_.client);
  }

  /// @throws CommandFailure on a signal, and if records and log don't fit together
  SelfcheckReport Report();

 private:
  using Runs = std::vector<SelfcheckRun>;

  SelfcheckReport MakeReport(const SelfcheckSettings& settings, Runs runs) const;
  SelfcheckRun Profile(const SelfcheckLoad& load);
  SelfcheckReport CheckOnce();
  SelfcheckReport FindLimit();
  SelfcheckReport Probe(int streams);

  const SelfcheckOptions& options_;
  const int usable_cores_;
  const CorePlan cores_;
  LoadStop stop_;
  const StopSignal signal_{stop_};
};

SelfcheckReport Selfcheck::Report() { return options_.find_limit ? FindLimit() : CheckOnce(); }

SelfcheckReport Selfcheck::MakeReport(const SelfcheckSettings& settings, Runs runs) const {
  SelfcheckReport report;
  report.sseprof_version = SSEPROF_VERSION;
  report.host = HostFacts();
  report.settings = settings;
  report.cores = cores_;
  report.verdict = JudgeSelfcheck(settings, cores_, runs);
  report.runs = std::move(runs);
  return report;
}

SelfcheckRun Selfcheck::Profile(const SelfcheckLoad& load) {
  const auto leave_if_stopped = [this] {
    if (const int number = signal_.number(); number != 0) {
      throw CommandFailure(kExitInterrupted + number, "interrupted: there is no result");
    }
  };
  leave_if_stopped();
  try {
    SelfcheckRun run = ProfileSim(load, stop_);
    leave_if_stopped();
    return run;
  } catch (const TruthMismatch& mismatch) {
    leave_if_stopped();
    throw CommandFailure(kExitFailures,
                         fmt::format("records and truth do not fit together: {}", mismatch.what()));
  } catch (const UsageError&) {
    // A signal may have hit the simulated server while it started.
    leave_if_stopped();
    throw;
  }
}

SelfcheckReport Selfcheck::CheckOnce() {
  Runs runs;
  for (const std::string& phase : options_.Phases()) {
    for (const TimestampKind kind : {TimestampKind::kKernel, TimestampKind::kUser}) {
      const char* stamps = kind == TimestampKind::kKernel ? "kernel" : "user";
      WriteStderr(fmt::format("{} streams, {}, {} stamps ..", options_.settings.concurrency, phase,
                              stamps));
      runs.push_back(Profile(
          {.settings = options_.settings, .cores = cores_, .phase = phase, .timestamps = kind}));
    }
  }
  return MakeReport(options_.settings, std::move(runs));
}

SelfcheckReport Selfcheck::Probe(int streams) {
  const SelfcheckSettings settings = options_.SettingsFor(streams, usable_cores_);
  Runs runs;
  for (const std::string& phase : options_.Phases()) {
    runs.push_back(Profile({.settings = settings, .cores = cores_, .phase = phase}));
  }
  return MakeReport(settings, std::move(runs));
}

SelfcheckReport Selfcheck::FindLimit() {
  SelfcheckLimit limit{.bound = options_.max_concurrency.value()};
  std::optional<SelfcheckReport> best, bad;
  const auto probe = [&](int streams) {
    // A pause of the machine may spoil one probe; its limit spoils two.
    for (int attempt = 0; attempt < 2; ++attempt) {
      SelfcheckReport report = Probe(streams);
      limit.probes.push_back(MakeProbe(report));
      WriteStderr(ProbeText(limit.probes.back()));
      const bool ok = report.verdict.ok();
      (ok ? best : bad) = std::move(report);
      if (ok) return Probed::kGood;
    }
    // Fewer streams make no other program go away.
    return limit.probes.back().verdict == kMachineBusy ? Probed::kUnknown : Probed::kBad;
  };
  const FoundLimit found = sseprof::FindLimit(options_.settings.concurrency, limit.bound, probe);
  limit.concurrency = found.limit;
  limit.first_bad = found.first_bad;
  SelfcheckReport report = std::move(found.limit > 0 ? best : bad).value();
  report.verdict = JudgeLimit(limit, report.verdict);
  report.limit = std::move(limit);
  return report;
}

}  // namespace

int SelfcheckCommand(const std::vector<std::string>& args) {
  // The only server that this command talks to is its own.
  unsetenv("OPENAI_API_KEY");
  SelfcheckOptions command;
  OptionSet options("selfcheck",
                    "Profile a simulated server on this machine and hold every arrival against the "
                    "true send times.");
  command.Define(options);
  const int cores = UsableCores();
  const auto complete = [&] { command.Complete(options, cores); };
  if (options.Parse(args, complete) == OptionSet::Parsed::kDone) return kExitGood;

  const SelfcheckReport report = Selfcheck(command, cores).Report();
  WriteStdout(command.json ? SelfcheckJson(report) : SelfcheckText(report));
  return report.verdict.ok() ? kExitGood : kExitFailures;
}

}  // namespace sseprof
