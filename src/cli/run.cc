#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/load_stop.h"
#include "cli/metrics_page.h"
#include "cli/one_run.h"
#include "cli/option_set.h"
#include "cli/output.h"
#include "cli/run_options.h"
#include "cli/run_setup.h"
#include "cli/stop_signal.h"
#include "net/clock.h"
#include "sseprof/duration.h"

namespace sseprof {
namespace {

/// The runs of one command, one after another.
class Runs {
 public:
  explicit Runs(const RunSetup& setup);

  /// All of them. What can't be written or reached would be no better in the next run, so that ends
  /// them, as a signal does; failed requests do not.
  /// @return the worst exit status
  int All();

 private:
  RunOutcome Once(int number);
  void LingerBetween() const;
  void LingerLast();
  void Tell(int number, const RunOutcome& outcome) const;
  /// Until run `next` may begin. @return false: a signal came
  bool Pause(int next, Instant ended_at) const;

  const RunSetup& setup_;
  const int runs_;
  MetricsPage page_;
  LoadStop stop_;
  std::optional<StopSignal> signal_;
};

Runs::Runs(const RunSetup& setup)
    : setup_(setup),
      runs_(setup.run.repeat),
      page_(setup.run.metrics,
            setup.run.quiet ? MetricsPage::Talk::kQuiet : MetricsPage::Talk::kPlain),
      signal_(std::in_place, stop_) {}

int Runs::All() {
  int worst = kExitGood;
  for (int number = 1;; ++number) {
    const RunOutcome outcome = Once(number);
    worst = std::max(worst, outcome.status);
    const bool last = number == runs_ || outcome.status >= kExitUnusable;
    last ? LingerLast() : LingerBetween();
    Tell(number, outcome);
    if (last) return worst;
    if (!Pause(number + 1, outcome.ended_at)) return kExitInterrupted + signal_->number();
  }
}

RunOutcome Runs::Once(int number) {
  try {
    return RunOnce(setup_, number, {.page = page_, .stop = stop_, .signal = *signal_});
  } catch (const std::exception& error) {
    return {.status = kExitUnusable, .problem = error.what()};
  }
}

void Runs::LingerBetween() const {
  page_.Linger({.at_once = [this] { return stop_.stopped(); }, .signal_ends = "the runs"});
}

/// A signal ends the staying alone, unless one has ended the run: then another one ends all.
void Runs::LingerLast() {
  const bool interrupted = stop_.stopped();
  LoadStop impatience;
  if (!interrupted) signal_.emplace(impatience);
  page_.Linger(
      {.interrupted = interrupted, .at_once = [&impatience] { return impatience.stopped(); }});
  signal_.reset();
}

void Runs::Tell(int number, const RunOutcome& outcome) const {
  if (outcome.problem.empty()) return;
  if (runs_ == 1) return WriteProblem(outcome.problem);
  const bool others = number < runs_ && outcome.status >= kExitUnusable;
  WriteProblem(fmt::format("{}: {}{}", RunTitle(number, runs_), outcome.problem,
                           others ? "; the runs after it are left out" : ""));
}

bool Runs::Pause(int next, Instant ended_at) const {
  constexpr Nanos kLook = std::chrono::milliseconds(20);
  const Instant end = ended_at + setup_.run.repeat_pause.value_or(Nanos{0});
  Instant now = MonotonicNow();
  if (now < end && !setup_.run.quiet) {
    WriteStderr(fmt::format("{} begins in {} (^C ends the runs)", RunTitle(next, runs_),
                            SecondsText(end - now)));
  }
  for (; now < end && !stop_.stopped(); now = MonotonicNow()) {
    std::this_thread::sleep_for(std::min(kLook, end - now));
  }
  return !stop_.stopped();
}

}  // namespace

int RunCommand(const std::vector<std::string>& args) {
  RunOptions run;
  OptionSet options("run", "Send streaming chat completions and measure every token of them.");
  run.Define(options);
  const auto complete = [&run, &options] {
    run.Check();
    run.Imply(options);
  };
  if (options.Parse(args, complete) == OptionSet::Parsed::kDone) return kExitGood;
  const RunSetup setup = PrepareRun(run, options, args);
  return Runs(setup).All();
}

}  // namespace sseprof
