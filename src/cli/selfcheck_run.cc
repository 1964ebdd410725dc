#include "cli/selfcheck_run.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <utility>

#include "cli/connection_options.h"
#include "cli/exit_status.h"
#include "cli/resources.h"
#include "cli/run_facts.h"
#include "cli/run_load.h"
#include "cli/run_options.h"
#include "cli/sim_child.h"
#include "net/clock.h"
#include "selfcheck/core_load.h"
#include "selfcheck/truth_join.h"

namespace sseprof {
namespace {

constexpr char kModel[] = "sseprof-sim";

class KeptRecords final : public RecordSink {
 public:
  void Take(RequestRecord&& record) override {
    const std::lock_guard lock(mutex_);
    records_.push_back(std::move(record));
  }
  /// Call it when no more records can come.
  const std::vector<RequestRecord>& all() const { return records_; }

 private:
  std::mutex mutex_;
  std::vector<RequestRecord> records_;
};

/// One reading of all that is counted over a run.
struct Reading {
  Instant at = MonotonicNow();
  Nanos cpu = ProcessCpuTime();
  std::int64_t switches = 0;
  std::map<int, CoreTicks> cores;

  Reading() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    switches = usage.ru_nivcsw;
    std::ifstream stat("/proc/stat");
    std::ostringstream text;
    text << stat.rdbuf();
    cores = ParseProcStat(text.str());
  }
};

std::vector<std::string> SimArguments(const SelfcheckLoad& load) {
  return {"--model",   kModel,
          "--phase",   load.phase,
          "--itl-ms",  fmt::format("{}", load.settings.itl_ms),
          "--ttft-ms", fmt::format("{}", load.settings.ttft_ms)};
}

RunContext MakeContext(const SelfcheckLoad& load, const RunOptions& run) {
  RunContext context;
  context.run_id = NewRunId();
  context.model = kModel;
  context.concurrency = run.concurrency;
  context.requests = run.requests;
  context.max_tokens = run.max_tokens;
  context.timestamps = load.timestamps == TimestampKind::kKernel ? "kernel" : "user";
  context.threads = run.threads.value();
  return context;
}

RunOptions MakeRun(const SelfcheckLoad& load, const std::string& url) {
  RunOptions run;
  run.connection.base_url = url;
  run.connection.timestamps = load.timestamps;
  run.model = kModel;
  run.concurrency = load.settings.concurrency;
  run.requests = load.settings.requests;
  run.max_tokens = load.settings.tokens;
  run.threads = load.settings.threads;
  run.max_failures = 3 * std::int64_t{run.concurrency};
  return run;
}

RunEnd MakeEnd(const RunLoad& load, int threads, Nanos cpu) {
  RunEnd end;
  end.client = load.Stats();
  end.timestamps = load.timestamps() == TimestampKind::kKernel ? "kernel" : "user";
  end.path = load.left_loopback() ? "nic" : "loopback";
  end.threads = threads;
  end.cpu = cpu;
  end.max_rss_bytes = MaxRssBytes();
  return end;
}

/// What the load left behind.
struct Profiled {
  RunContext context;
  RunEnd end;
  Nanos wall{};
  std::int64_t switches = 0;
};

Profiled Profile(const SelfcheckLoad& load, const std::string& url, LoadStop& stop,
                 RecordSink& records) {
  const RunOptions run = MakeRun(load, url);
  const PromptSet prompts = run.Prompts();
  Profiled profiled{.context = MakeContext(load, run)};
  LoadPlan plan(run.Load(profiled.context.run_id), run.Chat(), run.Added(), prompts);
  RunLoad loops(plan, ResolveAccess(run.connection).curl, load.settings.threads);
  const Reading before;
  {
    const LoadStop::Watch watch(stop, loops);
    loops.Run(records);
  }
  const Reading after;
  profiled.context.origin = plan.origin().value_or(Instant{});
  profiled.end = MakeEnd(loops, load.settings.threads, after.cpu - before.cpu);
  profiled.wall = after.at - before.at;
  profiled.switches = after.switches - before.switches;
  return profiled;
}

}  // namespace

SelfcheckRun ProfileSim(const SelfcheckLoad& load, LoadStop& stop) {
  MakeRoomFor(load.settings.concurrency, load.settings.threads);
  KeptRecords records;
  const Reading before;
  SimChild sim(SimArguments(load), load.cores.server);
  const Profiled profiled = Profile(load, sim.url(), stop, records);
  const SimChild::End sim_end = sim.Stop();
  const Reading after;
  if (!sim_end.good) throw CommandFailure(kExitFailures, "the simulated server ended badly");

  std::ifstream log = sim.Log();
  SelfcheckRun run = JoinRun(profiled.context, profiled.end, records.all(), log);
  run.phase = load.phase;
  run.wall_s = ToSeconds(profiled.wall);
  run.switches = profiled.switches;
  run.server_cpu_s = ToSeconds(sim_end.cpu);
  run.server_switches = sim_end.switches;
  run.load = LoadOfOthers({.before = before.cores,
                           .after = after.cores,
                           .ticks_per_s = static_cast<double>(sysconf(_SC_CLK_TCK)),
                           .wall_s = ToSeconds(after.at - before.at),
                           .server_cpu_s = run.server_cpu_s,
                           .client_cpu_s = ToSeconds(after.cpu - before.cpu),
                           .threads = load.settings.threads},
                          load.cores);
  return run;
}

}  // namespace sseprof
