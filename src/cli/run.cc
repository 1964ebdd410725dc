#include <optional>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/load_stop.h"
#include "cli/metrics_page.h"
#include "cli/one_run.h"
#include "cli/option_set.h"
#include "cli/run_options.h"
#include "cli/run_setup.h"
#include "cli/stop_signal.h"

namespace sseprof {
namespace {

/// After the last run: a signal ends the staying alone, unless one has ended the run.
void LingerLast(const MetricsPage& page, const LoadStop& stop, std::optional<StopSignal>& signal) {
  LoadStop impatience;
  const bool interrupted = stop.stopped();
  if (!interrupted) signal.emplace(impatience);
  page.Linger(
      {.interrupted = interrupted, .at_once = [&impatience] { return impatience.stopped(); }});
  signal.reset();
}

RunOutcome Run(const RunSetup& setup) {
  MetricsPage page(setup.run.metrics,
                   setup.run.quiet ? MetricsPage::Talk::kQuiet : MetricsPage::Talk::kPlain);
  LoadStop stop;
  std::optional<StopSignal> signal(std::in_place, stop);
  RunOutcome outcome = RunOnce(setup, {.page = page, .stop = stop, .signal = *signal});
  LingerLast(page, stop, signal);
  return outcome;
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

  const RunOutcome outcome = Run(PrepareRun(run, options, args));
  if (!outcome.problem.empty()) throw CommandFailure(outcome.status, outcome.problem);
  return outcome.status;
}

}  // namespace sseprof
