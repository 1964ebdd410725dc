#pragma once

#include "selfcheck/selfcheck.h"

namespace sseprof {

inline Distribution Quantiles(double p50, double p99) {
  Distribution d;
  d.count = 1000;
  d.p50 = p50;
  d.p99 = p99;
  d.p999 = p99 * 2;
  d.max = p99 * 3;
  return d;
}

/// A run in which all is well: 16 streams, 20 ms gaps.
inline SelfcheckRun GoodRun(const std::string& phase = "step",
                            const std::string& timestamps = "kernel") {
  SelfcheckRun run;
  run.phase = phase;
  run.timestamps = run.timestamps_used = timestamps;
  run.requests = 30;
  run.events = 3000;
  run.judged_events = 2940;
  run.contained = 3000;
  run.bracket = Quantiles(5e-6, 45e-6);
  run.error = Quantiles(0, 4e-6);
  run.itl = {Quantiles(20e-3, 20.5e-3), Quantiles(20e-3, 20.6e-3)};
  run.ttft = {Quantiles(210e-3, 219e-3), Quantiles(211e-3, 221e-3)};
  run.latency = {Quantiles(2.1, 2.2), Quantiles(2.11, 2.21)};
  run.client.verdict = "ok";
  run.client.client_delay = Quantiles(50e-6, 200e-6);
  run.client.send_delay = Quantiles(100e-6, 700e-6);
  run.client.cpu_s = 0.12;
  run.reads = 3000;
  run.wall_s = 4.4;
  run.load = CoreLoad{.server = 0.02, .client = 0.05, .stolen = 0};
  return run;
}

inline SelfcheckReport GoodReport() {
  SelfcheckReport report;
  report.sseprof_version = "1.2.3";
  report.host = {{"cpu", "A \"fast\" one"}};
  report.settings.requests = 30;
  report.cores = {.server = {0}, .client = {1, 2, 3}};
  report.runs = {GoodRun("uniform"), GoodRun("uniform", "user"), GoodRun("step"),
                 GoodRun("step", "user")};
  return report;
}

}  // namespace sseprof
