#include "cli/one_run.h"

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "cli/exit_status.h"
#include "cli/neighbour_output.h"
#include "cli/output.h"
#include "cli/run_facts.h"
#include "cli/run_load.h"
#include "cli/run_monitor.h"
#include "cli/run_outputs.h"
#include "cli/server_watch.h"
#include "net/clock.h"
#include "out/output_file.h"
#include "out/record_writer.h"
#include "out/summary_json.h"
#include "out/text_report.h"
#include "sseprof/error.h"
#include "wire/utf8.h"

namespace sseprof {
namespace {

/// Passes records on, and remembers how the server answered.
class AnswerWatch final : public RecordSink {
 public:
  explicit AnswerWatch(RecordSink& next) : next_(next) {}

  void Take(RequestRecord&& record) override {
    if (record.first_byte) answered_.store(true, std::memory_order_relaxed);
    if (record.good()) good_.fetch_add(1, std::memory_order_relaxed);
    if (!record.good() && record.outcome != Outcome::kCancelled) {
      const std::lock_guard lock(mutex_);
      last_failure_ = fmt::format("{}: {}", Name(record.outcome), record.message);
    }
    next_.Take(std::move(record));
  }

  bool answered() const { return answered_.load(std::memory_order_relaxed); }
  std::uint64_t good() const { return good_.load(std::memory_order_relaxed); }
  /// Call it when no more records can come.
  const std::string& last_failure() const { return last_failure_; }

 private:
  RecordSink& next_;
  std::atomic<bool> answered_{false};
  std::atomic<std::uint64_t> good_{0};
  std::mutex mutex_;
  std::string last_failure_;
};

/// One run of the command: what it is, and where its results go.
struct Run {
  const RunSetup& setup;
  RunContext context;
  std::string title;
  RunOutputs outputs;
};

Run Begin(const RunSetup& setup, int number) {
  return {.setup = setup,
          .context = BeginContext(setup),
          .title = RunTitle(number, setup.run.repeat),
          .outputs = OutputsOfRun(setup.run, number)};
}

RecordWriter::Options WriterOptions(const Run& run, const LoadPlan& plan,
                                    const NeighbourOutput& neighbours) {
  return {.path = neighbours.records(),
          .context =
              [&run, &plan] {
                RunContext context = run.context;
                context.origin = plan.origin().value_or(Instant{});
                return context;
              },
          .filter =
              [&run](std::string& text) { text = run.setup.access.secrets.Hide(std::move(text)); }};
}

std::optional<Warning> ClockWarning(const RunSetup& setup, TimestampKind used) {
  const ConnectionOptions& asked = setup.run.connection;
  if (asked.timestamps == TimestampKind::kUser || used == TimestampKind::kKernel) {
    return std::nullopt;
  }
  if (asked.http2) {
    return Warning{"clock_fallback", "over HTTP/2 arrivals are stamped in user space",
                   "leave --http2 out to have the kernel's time stamps"};
  }
  return Warning{"clock_fallback", "the kernel gave no time stamps, so user space stamped arrivals",
                 "look at client_delay_s, and use a system that has SO_TIMESTAMPING"};
}

/// @param cpu_before  what the process had used when the run began
RunEnd MakeEnd(const RunSetup& setup, const LoadPlan& plan, const RunLoad& load, Nanos cpu_before) {
  RunEnd end;
  end.client = load.Stats();
  end.timestamps = load.timestamps() == TimestampKind::kKernel ? "kernel" : "user";
  end.path = load.left_loopback() ? "nic" : "loopback";
  end.threads = setup.context.threads;
  end.cpu = ProcessCpuTime() - cpu_before;
  end.max_rss_bytes = MaxRssBytes();
  end.warnings = plan.warnings();
  if (const auto warning = ClockWarning(setup, load.timestamps())) {
    end.warnings.push_back(*warning);
  }
  end.server_kind = setup.server.kind;
  end.server_version = setup.server.version;
  return end;
}

RunFacts MakeFacts(const RunSetup& setup, const RunContext& context) {
  const Secrets& secrets = setup.access.secrets;
  const auto variant = context.labels.find("variant");
  // Prometheus takes no other text in a label.
  const auto shown = [&secrets](const std::string& text) { return ToUtf8(secrets.Hide(text)); };
  const bool named = variant != context.labels.end() && !variant->second.empty();
  return {.run = context.run_id,
          .variant = shown(named ? variant->second : context.model),
          .model = shown(context.model),
          .endpoint = ToUtf8(context.endpoint),
          .dataset = shown(setup.run.Dataset()),
          .version = context.sseprof_version,
          .concurrency = context.concurrency,
          .slo = context.slo};
}

RunMonitor::Options MonitorOptions(const Run& run, const std::shared_ptr<const LoadPlan>& plan) {
  const RunOptions& asked = run.setup.run;
  RunMonitor::Options options;
  // Whoever looks at the run may do so longer than it lasts.
  options.run = {.facts = MakeFacts(run.setup, run.context),
                 .loops = run.context.threads,
                 .buckets = asked.metrics.buckets,
                 .anchor = ReadWallAnchor(),
                 .starts_over = [plan](Instant now) { return plan->Exhausted(now); }};
  options.openmetrics = run.outputs.openmetrics;
  options.origin = asked.metrics.Origin();
  options.goal = {.run = run.title, .requests = asked.requests, .duration = asked.duration};
  if (options.goal.requests) *options.goal.requests += asked.warmup_requests;
  options.quiet = asked.quiet;
  return options;
}

/// The report, headed by which run it is of.
std::string TitledReport(const Run& run, const Summary& summary) {
  const std::string report = TextReport(summary);
  return run.title.empty() ? report : fmt::format("{}\n{}\n", run.title, report);
}

/// Every place gets its copy, whatever becomes of the others. @return the first problem; or empty
std::string WriteResults(const Run& run, const Summary& summary, RunMonitor& monitor,
                         const NeighbourOutput& neighbours) {
  std::string problem;
  const auto attempt = [&problem](const std::function<void()>& write) {
    try {
      write();
    } catch (const UsageError& error) {
      if (problem.empty()) problem = error.what();
    }
  };
  const std::string& out = run.outputs.out;
  const std::string json = out.empty() ? "" : SummaryJson(summary);
  monitor.Finish(summary);
  if (!out.empty() && out != "-") attempt([&] { WriteFile(out, json); });
  attempt([&] { WriteStdout(out == "-" ? json : TitledReport(run, summary)); });
  attempt([&] { neighbours.Write(); });
  attempt([&] { monitor.WriteFile(); });  // last, since it is the largest
  return problem;
}

/// What more failed than may; empty: nothing did.
std::string TooManyFailures(const Summary& summary, double max_error_rate,
                            const std::string& last) {
  const auto cancelled = summary.failures.find(std::string(Name(Outcome::kCancelled)));
  const std::uint64_t failed =
      summary.errors - (cancelled == summary.failures.end() ? 0 : cancelled->second);
  if (failed == 0) return {};
  const std::uint64_t counted = summary.ok + failed;
  if (static_cast<double>(failed) <= max_error_rate * static_cast<double>(counted)) return {};
  std::string reasons;
  for (const auto& [reason, count] : summary.failures) {
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", count, reason);
  }
  return fmt::format("{} of {} requests failed ({}), the last by {}", failed, counted, reasons,
                     last);
}

/// Of a run that no signal ended and that has written its results.
RunOutcome Judge(const Summary& summary, const LoadPlan& plan, const AnswerWatch& watch,
                 const RunSetup& setup, const std::string& records_problem) {
  const std::string failure = setup.access.secrets.Hide(watch.last_failure());
  if (!watch.answered() && !failure.empty()) {
    return {kExitNoAnswer, fmt::format("no request got an answer: {}", failure)};
  }
  if (!records_problem.empty()) {
    return {kExitUnusable, records_problem};
  }
  if (plan.gave_up()) {
    return {kExitFailures, fmt::format("{} failures in a row ended the run: {}",
                                       plan.options().max_failures, failure)};
  }
  const std::string too_many = TooManyFailures(summary, setup.run.max_error_rate, failure);
  return {too_many.empty() ? kExitGood : kExitFailures, too_many};
}

}  // namespace

std::string RunTitle(int number, int runs) {
  return runs == 1 ? "" : fmt::format("run {} of {}", number, runs);
}

RunOutcome RunOnce(const RunSetup& setup, int number, const RunSurroundings& around) {
  const Nanos cpu_before = ProcessCpuTime();
  const Run run = Begin(setup, number);
  ServerWatch server(setup.access, setup.run.server_metrics);
  const auto plan = std::make_shared<LoadPlan>(setup.run.Load(run.context.run_id), setup.run.Chat(),
                                               setup.run.Added(), setup.prompts);
  const NeighbourOutput neighbours(run.outputs);
  RecordWriter writer(WriterOptions(run, *plan, neighbours));
  AnswerWatch watch(writer);
  RunMonitor monitor(MonitorOptions(run, plan), around.page);
  RunLoad load(*plan, setup.access.curl, run.context.threads,
               [&monitor](int loop) { return monitor.Sinks(loop); });
  if (number == 1) around.page.HoldForScrape([&around] { return around.stop.stopped(); });
  server.Begin();
  monitor.Begin();
  {
    const LoadStop::Watch stop(around.stop, load);
    load.Run(watch);
  }
  const Instant ended_at = MonotonicNow();
  monitor.End();

  RunEnd end = MakeEnd(setup, *plan, load, cpu_before);
  if (around.signal.number() != 0) end.interrupted_at = around.signal.at();
  end.server_window = server.End(watch.good(), [&around] { return around.stop.stopped(); });
  const Summary summary = writer.Close(end);
  const std::string problem = WriteResults(run, summary, monitor, neighbours);
  // Also one that came when all had been measured, and cut the waiting for the server's counts.
  const int cut_by = around.signal.number();
  RunOutcome outcome =
      !problem.empty() ? RunOutcome{kExitUnusable, problem}
      : cut_by != 0    ? RunOutcome{kExitInterrupted + cut_by, ""}
                       : Judge(summary, *plan, watch, setup, neighbours.Explain(writer.problem()));
  outcome.ended_at = ended_at;
  return outcome;
}

}  // namespace sseprof
