#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "bench/command.h"
#include "bench/stats/tables.h"
#include "bench/stats/tally.h"
#include "bench/stats/trial.h"

// How often `compare` is wrong, and what it finds, on runs whose truth is known. Prints Markdown on
// stdout; exit status 1 where a bound is broken.

namespace sseprof::bench {
namespace {

constexpr double kMostApart = 1e-12;

struct Options {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 400;  ///< 1 to 400, whatever comes of them
  std::size_t scenario = 0;   ///< 0: all of them
  unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  bool every_cell = false;
};

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> scenarios = {
      {"64 requests, 16 streams, fixed", 64, 16, 256, 256},
      {"64, 16, varied", 64, 16, 64, 256},
      {"256, 16, varied", 256, 16, 64, 256},
      {"1,000, 64, varied", 1'000, 64, 64, 256}};
  return scenarios;
}

/// Every seed's, in their order, whatever the number of threads.
std::vector<Trial> RunTrials(const Scenario& scenario, const Options& options) {
  std::vector<Trial> trials(options.seeds);
  std::atomic<std::uint64_t> next{0};
  const auto work = [&] {
    for (std::uint64_t i = next++; i < options.seeds; i = next++) {
      trials[i] = RunTrial(scenario, options.first_seed + i);
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < options.threads; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  return trials;
}

int RunBench(const Options& options) {
  std::vector<ScenarioTally> all;
  std::vector<std::string> broken;
  for (std::size_t i = 0; i < Scenarios().size(); ++i) {
    if (options.scenario != 0 && options.scenario != i + 1) continue;
    const Scenario& scenario = Scenarios()[i];
    fmt::print(stderr, "{}\n", scenario.name);
    const double apart = RecordsAgainstSummaries(scenario, options.first_seed);
    if (apart > kMostApart) {
      broken.push_back(fmt::format("{}: repeats with records and their summaries are {} apart",
                                   scenario.name, apart));
    }
    all.push_back(TallyOf(scenario, RunTrials(scenario, options)));
  }
  fmt::print("{}\n{}\n{}", FalseVerdicts(all), Coverage(all), Power(all));
  if (options.every_cell) {
    for (const ScenarioTally& one : all) fmt::print("\n{}", Cells(one));
  }
  if (options.seeds == kTrialsOfBounds) {
    const std::vector<std::string> bounds = Broken(all);
    broken.insert(broken.end(), bounds.begin(), bounds.end());
  }
  for (const std::string& line : broken) fmt::print(stderr, "broken: {}\n", line);
  return broken.empty() ? 0 : 1;
}

}  // namespace
}  // namespace sseprof::bench

int main(int argc, char** argv) {
  CLI::App app{"How often compare is wrong, and what it finds, on runs whose truth is known"};
  sseprof::bench::Options options;
  app.add_option("--first-seed", options.first_seed, "Others than 1 and those after it");
  app.add_option("--seeds", options.seeds, "How many; the bounds are of 400 alone")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--scenario", options.scenario, "The first, second .. alone")
      ->check(CLI::Range(1, 4));
  app.add_option("--threads", options.threads, "The result does not depend on it")
      ->check(CLI::Range(1, 256));
  app.add_flag("--cells", options.every_cell, "Print every cell");
  ParseOrExit(app, argc, argv);
  return sseprof::bench::RunBench(options);
}
