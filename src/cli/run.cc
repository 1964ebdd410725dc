#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/resources.h"
#include "cli/run_facts.h"
#include "cli/run_load.h"
#include "cli/run_monitor.h"
#include "cli/run_options.h"
#include "cli/server_info.h"
#include "net/clock.h"
#include "out/output_file.h"
#include "out/record_writer.h"
#include "out/summary_json.h"
#include "out/text_report.h"
#include "sseprof/error.h"
#include "wire/utf8.h"

namespace sseprof {
namespace {

/// All that is decided before the load starts.
struct RunSetup {
  RunOptions run;
  ServerAccess access;
  PromptSet prompts;
  ServerInfo server;
  RunContext context;
};

/// Passes records on, and remembers whether the server ever answered.
class AnswerWatch final : public RecordSink {
 public:
  explicit AnswerWatch(RecordSink& next) : next_(next) {}

  void Take(RequestRecord&& record) override {
    if (record.first_byte) answered_.store(true, std::memory_order_relaxed);
    if (!record.good() && record.outcome != Outcome::kCancelled) {
      const std::lock_guard lock(mutex_);
      last_failure_ = fmt::format("{}: {}", Name(record.outcome), record.message);
    }
    next_.Take(std::move(record));
  }

  bool answered() const { return answered_.load(std::memory_order_relaxed); }
  /// Call it when no more records can come.
  const std::string& last_failure() const { return last_failure_; }

 private:
  RecordSink& next_;
  std::atomic<bool> answered_{false};
  std::mutex mutex_;
  std::string last_failure_;
};

/// Every option that holds, fit to be stored; several values of one in one text.
std::vector<std::pair<std::string, std::string>> StorableOptions(const OptionSet& options) {
  std::vector<std::pair<std::string, std::string>> storable;
  for (const auto& [key, value] : options.Effective()) {
    const std::string shown = HideOptionValue("--" + key, value);
    if (!storable.empty() && storable.back().first == key) {
      storable.back().second += ", " + shown;
    } else {
      storable.emplace_back(key, shown);
    }
  }
  return storable;
}

void CheckOutputs(const RunOptions& run) {
  if (!run.out.empty() && run.out != "-") CheckOutputPath(run.out);
  if (!run.records.empty()) CheckOutputPath(run.records);
  if (!run.metrics.openmetrics.empty()) CheckOutputPath(run.metrics.openmetrics);
}

RunContext MakeContext(const RunSetup& setup, const OptionSet& options,
                       const std::vector<std::string>& args) {
  const RunOptions& run = setup.run;
  RunContext context;
  context.run_id = NewRunId();
  context.started_at = Rfc3339(RealNow());
  context.labels = run.Labels();
  context.sseprof_version = SSEPROF_VERSION;
  context.command = HideInCommand(args, setup.access.secrets);
  context.command.insert(context.command.begin(), {"sseprof", "run"});
  context.host = HostFacts();
  context.options = StorableOptions(options);
  context.endpoint = HideUrlSecrets(setup.access.endpoint.completions);
  context.model = run.model;
  context.concurrency = run.concurrency;
  context.requests = run.requests;
  context.warmup_requests = run.warmup_requests;
  context.duration = run.duration;
  context.max_tokens = run.max_tokens;
  context.temperature = run.temperature;
  context.stream = !run.no_stream;
  context.slo = run.Objectives();
  context.prompt_sha256 = setup.prompts.Sha256();
  context.prompts = setup.prompts.size();
  context.timestamps = setup.access.curl.timestamps == TimestampKind::kKernel ? "kernel" : "user";
  context.threads = run.threads.value();
  return context;
}

RunSetup Prepare(const RunOptions& run, const OptionSet& options,
                 const std::vector<std::string>& args) {
  RunSetup setup{.run = run, .access = ResolveAccess(run.connection), .prompts = run.Prompts()};
  setup.access.curl.stream = !run.no_stream;
  CheckOutputs(run);
  MakeRoomFor(run.concurrency, run.threads.value());
  if (run.model.empty()) setup.run.model = FindModel(setup.access);
  setup.server = AskServerInfo(setup.access);
  setup.context = MakeContext(setup, options, args);
  return setup;
}

RecordWriter::Options WriterOptions(const RunSetup& setup, const LoadPlan& plan) {
  return {
      .path = setup.run.records,
      .context =
          [&setup, &plan] {
            RunContext context = setup.context;
            context.origin = plan.origin().value_or(Instant{});
            return context;
          },
      .filter = [&setup](std::string& text) { text = setup.access.secrets.Hide(std::move(text)); }};
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

RunEnd MakeEnd(const RunSetup& setup, const LoadPlan& plan, const RunLoad& load) {
  RunEnd end;
  end.client = load.Stats();
  end.timestamps = load.timestamps() == TimestampKind::kKernel ? "kernel" : "user";
  end.path = load.left_loopback() ? "nic" : "loopback";
  end.threads = setup.context.threads;
  end.cpu = ProcessCpuTime();
  end.max_rss_bytes = MaxRssBytes();
  end.warnings = plan.warnings();
  if (const auto warning = ClockWarning(setup, load.timestamps())) {
    end.warnings.push_back(*warning);
  }
  end.server_kind = setup.server.kind;
  end.server_version = setup.server.version;
  return end;
}

RunFacts MakeFacts(const RunSetup& setup) {
  const RunContext& context = setup.context;
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

RunMonitor::Options MonitorOptions(const RunSetup& setup, const LoadPlan& plan) {
  RunMonitor::Options options;
  options.run = {.facts = MakeFacts(setup),
                 .loops = setup.context.threads,
                 .buckets = setup.run.metrics.buckets,
                 .anchor = ReadWallAnchor(),
                 .starts_over = [&plan](Instant now) { return plan.Exhausted(now); }};
  options.metrics = setup.run.metrics;
  options.goal = {.requests = setup.context.requests, .duration = setup.context.duration};
  if (options.goal.requests) *options.goal.requests += setup.run.warmup_requests;
  options.quiet = setup.run.quiet;
  options.stopped = [&plan] { return plan.stopped(); };
  return options;
}

/// Every place gets its copy, whatever becomes of the others. @return the first problem; or empty
std::string WriteResults(const std::string& out, const Summary& summary, RunMonitor& monitor) {
  std::string problem;
  const auto attempt = [&problem](const std::function<void()>& write) {
    try {
      write();
    } catch (const UsageError& error) {
      if (problem.empty()) problem = error.what();
    }
  };
  const std::string json = out.empty() ? "" : SummaryJson(summary);
  monitor.Finish(summary);
  if (!out.empty() && out != "-") attempt([&] { WriteFile(out, json); });
  attempt([&] { WriteStdout(out == "-" ? json : TextReport(summary)); });
  attempt([&] { monitor.WriteFile(); });  // last, since it is the largest
  return problem;
}

/// @throws CommandFailure (1) if more failed than may.
void CheckErrorRate(const Summary& summary, double max_error_rate, const std::string& last) {
  const auto cancelled = summary.failures.find(std::string(Name(Outcome::kCancelled)));
  const std::uint64_t failed =
      summary.errors - (cancelled == summary.failures.end() ? 0 : cancelled->second);
  if (failed == 0) return;
  const std::uint64_t counted = summary.ok + failed;
  if (static_cast<double>(failed) <= max_error_rate * static_cast<double>(counted)) return;
  std::string reasons;
  for (const auto& [reason, count] : summary.failures) {
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", count, reason);
  }
  throw CommandFailure(kExitFailures, fmt::format("{} of {} requests failed ({}), the last by {}",
                                                  failed, counted, reasons, last));
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

  const RunSetup setup = Prepare(run, options, args);
  LoadPlan plan(setup.run.Load(setup.context.run_id), setup.run.Chat(), setup.run.Added(),
                setup.prompts);
  RecordWriter writer(WriterOptions(setup, plan));
  AnswerWatch watch(writer);
  RunMonitor monitor(MonitorOptions(setup, plan));
  RunLoad load(plan, setup.access.curl, setup.context.threads,
               [&monitor](int loop) { return monitor.Sinks(loop); });
  std::optional<StopSignal> stop(std::in_place, load);
  monitor.HoldForScrape();
  monitor.Begin();
  load.Run(watch);
  monitor.End();

  const int signal = stop->number();
  RunEnd end = MakeEnd(setup, plan, load);
  if (signal != 0) end.interrupted_at = stop->at();
  const Summary summary = writer.Close(end);
  const std::string problem = WriteResults(setup.run.out, summary, monitor);
  if (signal == 0) stop.reset();  // a signal ends the staying alone; after another one, all
  monitor.Linger();
  if (!problem.empty()) throw UsageError(problem);

  if (signal != 0) return kExitInterrupted + signal;
  const std::string failure = setup.access.secrets.Hide(watch.last_failure());
  if (!watch.answered() && !failure.empty()) {
    throw CommandFailure(kExitNoAnswer, fmt::format("no request got an answer: {}", failure));
  }
  if (!writer.problem().empty()) {
    throw UsageError(fmt::format("--records: {}", writer.problem()));
  }
  if (plan.gave_up()) {
    throw CommandFailure(kExitFailures, fmt::format("{} failures in a row ended the run: {}",
                                                    plan.options().max_failures, failure));
  }
  CheckErrorRate(summary, setup.run.max_error_rate, failure);
  return kExitGood;
}

}  // namespace sseprof
