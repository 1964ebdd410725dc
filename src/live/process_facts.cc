#include "live/process_facts.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <system_error>

namespace sseprof {
namespace {

std::int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

std::int64_t OpenFiles() {
  struct stat folder {};
  // From Linux 6.2 on its size is how many there are.
  if (stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0) return folder.st_size;
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return 0;
  return std::distance(begin(files), end(files)) - 1;  // without the one that looks
}

std::int64_t MostFiles() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t kMost = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(limit.rlim_cur, kMost));
}

std::int64_t BootedAt() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    std::int64_t seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

Nanos StartedAt() {
  std::ifstream file("/proc/self/stat");
  std::string fields;
  std::getline(file, fields);
  // The name, in brackets, may hold blanks; the 22nd field is the start in ticks since the boot.
  const auto name_ends = fields.rfind(')');
  if (name_ends == std::string::npos) return {};
  std::size_t at = name_ends;
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = fields.find(' ', at + 1);
  if (at == std::string::npos) return {};
  const std::int64_t ticks = std::stoll(fields.substr(at));
  const std::int64_t per_second = sysconf(_SC_CLK_TCK);
  return std::chrono::seconds(BootedAt()) + Nanos{ticks * (1'000'000'000 / per_second)};
}

}  // namespace

ProcessFacts ReadProcessFacts(Nanos cpu) {
  static const Nanos started = StartedAt();
  return {.cpu = cpu,
          .resident_bytes = ResidentBytes(),
          .open_files = OpenFiles(),
          .most_files = MostFiles(),
          .started = started};
}

}  // namespace sseprof
