#include "cli/suite_runs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "cli/child_run.h"
#include "cli/exit_status.h"
#include "cli/option_set.h"
#include "cli/output.h"
#include "cli/run_options.h"
#include "net/clock.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

/// How to reach a variant's server, by the options of its runs, which are good and whose prompts
/// can be read: no server is started for a run that can't begin. @throws UsageError
ServerAccess AccessOf(const PlanVariant& variant, const SuiteFolder& folder) {
  RunOptions run;
  OptionSet options("run", "");
  run.Define(options);
  try {
    options.Parse(RunArguments(variant, folder, 1), [&run] { run.Check(); });
    run.Prompts();
    return ResolveAccess(run.connection);
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("variant {}: {}", variant.name, error.what()));
  }
}

}  // namespace

std::vector<std::string> RunArguments(const PlanVariant& variant, const SuiteFolder& folder,
                                      int run) {
  std::vector<std::string> args = {"--base-url", variant.base_url};
  if (!variant.model.empty()) args.insert(args.end(), {"--model", variant.model});
  args.insert(args.end(), variant.options.begin(), variant.options.end());
  args.insert(args.end(), {"--label", "variant=" + variant.name, "--records",
                           folder.Records(variant, run), "--out", folder.Summary(variant, run)});
  return args;
}

SuiteRuns::SuiteRuns(const Plan& plan, const SuiteFolder& folder, std::function<bool()> stopped)
    : plan_(plan), folder_(folder), stopped_(std::move(stopped)) {
  entries_.reserve(plan.variants.size());
  for (const PlanVariant& variant : plan.variants) {
    SuiteServer server(variant, AccessOf(variant, folder), folder.ServerLog(variant));
    entries_.push_back({.variant = variant, .server = std::move(server), .row = {}});
  }
}

std::vector<SuiteRow> SuiteRuns::All() {
  std::vector<Entry*> open;
  for (Entry& entry : entries_) {
    SkipDone(entry);
    if (!entry.done(plan_.repeats)) open.push_back(&entry);
  }
  if (MayInterleave()) {
    Interleave(open);
  } else if (!open.empty()) {
    WriteStderr("order: blocks: one variant after the other");
  }
  for (Entry* entry : open) {
    if (!stopped_() && !entry->done(plan_.repeats)) RunBlock(*entry);
  }
  std::vector<SuiteRow> rows;
  for (Entry& entry : entries_) {
    if (entry.row.problem.empty() && entry.next <= plan_.repeats) entry.row.problem = "interrupted";
    rows.push_back(std::move(entry.row));
  }
  return rows;
}

bool SuiteRuns::MayInterleave() const {
  if (plan_.order != PlanOrder::kAuto) return plan_.order == PlanOrder::kInterleaved;
  std::set<std::string> addresses;
  for (const Entry& entry : entries_) addresses.insert(entry.variant.base_url);
  return plan_.repeats > 1 && addresses.size() == entries_.size();
}

void SuiteRuns::Interleave(const std::vector<Entry*>& entries) {
  std::vector<Entry*> up;
  std::vector<std::string> names;
  for (Entry* entry : entries) {
    if (stopped_()) break;
    const std::string problem = BringUp(*entry);
    if (problem.empty()) {
      up.push_back(entry);
      names.push_back(entry->variant.name);
      continue;
    }
    // Alone it may fit.
    const bool again = plan_.order == PlanOrder::kAuto && !up.empty();
    if (!again) entry->row.problem = problem;
    WriteStderr(fmt::format("{}: {}{}", entry->variant.name, problem,
                            again ? " (it is tried again alone)" : ""));
  }
  if (!up.empty()) WriteStderr(fmt::format("order: in turns: {}", fmt::join(names, ", ")));
  for (int run = 1; run <= plan_.repeats; ++run) {
    for (Entry* entry : up) {
      if (!stopped_() && entry->next == run && !entry->done(plan_.repeats)) RunNext(*entry);
    }
  }
  for (Entry* entry : up) entry->server.TakeDown();
}

void SuiteRuns::RunBlock(Entry& entry) {
  entry.row.problem = BringUp(entry);
  if (!entry.row.problem.empty()) {
    WriteStderr(fmt::format("{}: {}", entry.variant.name, entry.row.problem));
  }
  while (!stopped_() && !entry.done(plan_.repeats)) RunNext(entry);
  entry.server.TakeDown();
}

std::string SuiteRuns::BringUp(Entry& entry) {
  if (entry.variant.server) {
    WriteStderr(fmt::format("{}: starting its server; log: {}", entry.variant.name,
                            folder_.ServerLog(entry.variant)));
  }
  const Instant began = MonotonicNow();
  std::string problem = entry.server.BringUp(stopped_);
  if (!problem.empty()) {
    entry.server.TakeDown();
  } else if (entry.variant.server) {
    WriteStderr(fmt::format("{}: ready after {:.1f} s", entry.variant.name,
                            ToSeconds(MonotonicNow() - began)));
  }
  return problem;
}

void SuiteRuns::RunNext(Entry& entry) {
  Pause();
  if (stopped_()) return;
  const int run = entry.next;
  WriteStderr(fmt::format("{}: run {} of {}", entry.variant.name, run, plan_.repeats));
  const int status = RunChild({.args = RunArguments(entry.variant, folder_, run),
                               .text = folder_.Text(entry.variant, run),
                               .stopped = stopped_});
  ran_ = true;
  const std::string gone = entry.server.WhyGone();
  const bool usable = status == kExitGood || (status == kExitFailures && gone.empty());
  if (usable && !stopped_()) {
    entry.row.records.push_back(folder_.Records(entry.variant, run));
    ++entry.next;
  }
  if (stopped_()) return;
  if (!usable) folder_.SetAside(entry.variant, run);
  if (!gone.empty()) {
    entry.row.problem = fmt::format("in run {} {}", run, gone);
  } else if (!usable) {
    entry.row.problem = fmt::format("run {} ended with exit status {}", run, status);
  }
  if (!entry.row.problem.empty()) {
    WriteStderr(fmt::format("{}: {}", entry.variant.name, entry.row.problem));
  }
}

void SuiteRuns::SkipDone(Entry& entry) {
  while (entry.next <= plan_.repeats && folder_.IsDone(entry.variant, entry.next)) {
    entry.row.records.push_back(folder_.Records(entry.variant, entry.next));
    WriteStderr(fmt::format("{}: run {} is done already", entry.variant.name, entry.next));
    ++entry.next;
  }
}

void SuiteRuns::Pause() {
  constexpr Nanos kLook = std::chrono::milliseconds{20};
  if (!ran_) return;
  const Instant end = MonotonicNow() + plan_.pause;
  while (MonotonicNow() < end && !stopped_()) std::this_thread::sleep_for(kLook);
}

}  // namespace sseprof
