#include "cli/run_facts.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <random>

namespace sseprof {
namespace {

/// The value of the first "key : value" line of a file in /proc; empty if there is none.
std::string ProcValue(const char* path, const std::string& key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const auto value = line.find_first_not_of(" \t", line.find(':') + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return {};
}

}  // namespace

std::string NewRunId() {
  std::random_device random;
  const std::uint64_t high = random();
  return fmt::format("{:012x}", (high << 32 | random()) & 0xffff'ffff'ffffULL);
}

int UsableCores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return std::max(1, CPU_COUNT(&cores));
}

std::vector<std::pair<std::string, std::string>> HostFacts() {
  utsname name{};
  uname(&name);
  return {{"hostname", name.nodename},
          {"kernel", fmt::format("{} {}", name.sysname, name.release)},
          {"cpu", ProcValue("/proc/cpuinfo", "model name")},
          {"cores", std::to_string(UsableCores())},
          {"memory", ProcValue("/proc/meminfo", "MemTotal")}};
}

std::int64_t MaxRssBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace sseprof
