#include "cli/run_facts.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <random>

#include "sseprof/duration.h"

namespace sseprof {
namespace {

constexpr std::time_t kYear2200 = 7'258'118'400;

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

std::string Rfc3339(Nanos since_epoch) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch - seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(static_cast<std::time_t>(seconds.count())), rest.count());
}

std::optional<Nanos> ParseWallTime(const std::string& text) {
  if (text.find_first_not_of("0123456789.") == std::string::npos) return ParseDuration(text);
  std::tm time{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  std::string fraction = rest == nullptr ? "" : rest;
  if (!fraction.ends_with('Z')) return std::nullopt;
  fraction.pop_back();
  if (!fraction.empty() && !fraction.starts_with('.')) return std::nullopt;
  if (fraction.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
  const std::optional<Nanos> more = ParseDuration("0" + fraction);
  const int day = time.tm_mday;
  const std::time_t whole = timegm(&time);  // makes March of the 30th of February
  if (!more || time.tm_mday != day || whole < 0 || whole >= kYear2200) return std::nullopt;
  return std::chrono::seconds(whole) + *more;
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
