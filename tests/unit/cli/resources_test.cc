#include "cli/resources.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "sseprof/error.h"

namespace sseprof::resources_test {
namespace {

TEST(MakeRoomFor, RaisesTheFileLimitOrSaysWhatToDo) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit low = before;
  low.rlim_cur = 128;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  MakeRoomFor(100, 2);
  rlimit after{};
  getrlimit(RLIMIT_NOFILE, &after);
  EXPECT_EQ(after.rlim_cur, 238u);
  if (before.rlim_max != RLIM_INFINITY && before.rlim_max < 2'000'000'000) {
    EXPECT_THROW(MakeRoomFor(2'000'000'000, 1), UsageError);
  }
  setrlimit(RLIMIT_NOFILE, &before);
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/// True if a mapping that holds this address asks for huge pages.
bool AsksForHugePages(const void* at) {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0;
    unsigned long end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) {
      inside = begin <= address && address < end;
    }
    if (inside && line.starts_with("VmFlags:")) return line.find(" hg") != std::string::npos;
  }
  return false;
}

/// Ends the process: 0 if nearly all of many streams lie on huge pages.
[[noreturn]] void PutManyStreamsOnHugePages() {
  constexpr int kStreams = 1500;
  MakeRoomFor(kStreams, 1);
  std::vector<std::vector<char>> streams;
  int huge = 0;
  for (int i = 0; i < kStreams; ++i) {
    streams.emplace_back(std::size_t{20} << 10);
    if (i % 10 == 0) huge += 10 * AsksForHugePages(streams.back().data());
  }
  std::fprintf(stderr, "%d of %d\n", huge, kStreams);
  std::exit(huge > kStreams * 8 / 10 ? 0 : 1);
}

TEST(MakeRoomFor, PutsManyStreamsOnHugePages) {
  void* page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (madvise(page, 4096, MADV_HUGEPAGE) != 0) GTEST_SKIP() << "this kernel has none";
  // A process of its own: what earlier tests left on the heap would be used first.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(PutManyStreamsOnHugePages(), testing::ExitedWithCode(0), "");
}
#endif

}  // namespace
}  // namespace sseprof::resources_test
