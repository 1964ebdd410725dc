#include "selfcheck/core_load.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string>

namespace sseprof {
namespace {

/// Of all these cores together, in seconds.
struct Spent {
  double busy = 0;
  double worst_stolen = 0;
};

std::optional<Spent> SpentOn(const std::vector<int>& cores, const CoreWindow& window) {
  Spent spent;
  for (const int core : cores) {
    const auto before = window.before.find(core);
    const auto after = window.after.find(core);
    if (before == window.before.end() || after == window.after.end()) return std::nullopt;
    const auto seconds = [&](std::int64_t CoreTicks::*ticks) {
      return static_cast<double>(after->second.*ticks - before->second.*ticks) / window.ticks_per_s;
    };
    const double stolen = seconds(&CoreTicks::stolen);
    spent.busy += std::max(
        0.0, window.wall_s - seconds(&CoreTicks::idle) - seconds(&CoreTicks::interrupts) - stolen);
    spent.worst_stolen = std::max(spent.worst_stolen, stolen);
  }
  return spent;
}

double Share(double part_s, double of_s) { return std::clamp(part_s / of_s, 0.0, 1.0); }

}  // namespace

std::map<int, CoreTicks> ParseProcStat(std::string_view text) {
  std::map<int, CoreTicks> cores;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("cpu") || line.starts_with("cpu ")) continue;
    std::istringstream fields(line.substr(3));
    int core = 0;
    std::array<std::int64_t, 8> ticks{};  // user nice system idle iowait irq softirq steal
    fields >> core;
    for (std::int64_t& value : ticks) fields >> value;
    if (!fields) return {};
    cores[core] = {
        .idle = ticks[3] + ticks[4], .interrupts = ticks[5] + ticks[6], .stolen = ticks[7]};
  }
  return cores;
}

std::optional<CoreLoad> LoadOfOthers(const CoreWindow& window, const CorePlan& cores) {
  const auto server = SpentOn(cores.server, window);
  const auto client = SpentOn(cores.client, window);
  if (!server || !client || window.wall_s <= 0) return std::nullopt;
  CoreLoad load;
  load.stolen = Share(std::max(server->worst_stolen, client->worst_stolen), window.wall_s);
  if (cores.shared) {
    const double ours = window.server_cpu_s + window.client_cpu_s;
    load.server = load.client = Share(server->busy - ours, window.wall_s);
    return load;
  }
  load.server = Share(server->busy - window.server_cpu_s, window.wall_s);
  const double spare_cores = static_cast<double>(cores.client.size()) - window.threads;
  const double spare_s = std::max(0.0, spare_cores) * window.wall_s;
  load.client = Share(client->busy - window.client_cpu_s - spare_s, window.threads * window.wall_s);
  return load;
}

}  // namespace sseprof
