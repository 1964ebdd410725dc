#include "cli/resources.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "net/curl_transport.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

// Fewer than that need no more pages than a processor remembers the places of.
constexpr int kManyStreams = 1000;
constexpr std::size_t kOfAStream = std::size_t{32} << 10;
constexpr std::size_t kMostReserved = std::size_t{1} << 30;

/// Asks for huge pages under the part of the heap where the streams of a large load will lie. (At
/// 10,000 streams the processor looked most addresses up in vain, which made an event a quarter
/// dearer.) Only address space is reserved. Without effect where malloc is another, or the system
/// has no such pages; event loops on threads of their own have other heaps, and fewer streams each.
void PreferHugePages(int streams) {
#ifdef __GLIBC__
  if (streams < kManyStreams) return;
  const std::size_t bytes = std::min(kMostReserved, static_cast<std::size_t>(streams) * kOfAStream);
  mallopt(M_TRIM_THRESHOLD, static_cast<int>(kMostReserved));
  mallopt(M_TOP_PAD, static_cast<int>(bytes));
  // One of them does not fit in what the heap has left, so that it grows.
  constexpr std::size_t kBelowMmap = std::size_t{100} << 10;
  void* first = std::malloc(kBelowMmap);
  void* second = std::malloc(kBelowMmap);
  const auto from = reinterpret_cast<std::uintptr_t>(first);
  const auto to = reinterpret_cast<std::uintptr_t>(sbrk(0));
  constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
  const std::uintptr_t skipped = (kHugePage - from % kHugePage) % kHugePage;
  if (from + skipped < to) {
    madvise(static_cast<char*>(first) + skipped, to - from - skipped, MADV_HUGEPAGE);
  }
  std::free(second);
  std::free(first);
  mallopt(M_TOP_PAD, 1 << 20);
#endif
}

/// How many open files the load can have.
rlim_t FilesFor(int streams, int loops) {
  constexpr rlim_t kOthers = 128;
  const std::int64_t most = (std::int64_t{streams} + loops - 1) / loops;
  return static_cast<rlim_t>(loops) * static_cast<rlim_t>(CurlTransport::FilesFor(most)) + kOthers;
}

void RaiseFileLimit(int streams, rlim_t needed) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return;
  if (limit.rlim_max < needed) {
    throw UsageError(fmt::format(
        "--concurrency: {} streams need {} open files and the limit is {}: raise it (ulimit -n)",
        streams, needed, limit.rlim_max));
  }
  limit.rlim_cur = needed;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Has the kernel make its table of open files large enough at once. Where a process has several
/// threads, each doubling of it holds up whoever opens a file (10 to 15 ms were seen).
void GrowFileTable(rlim_t files) {
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int last = fcntl(file, F_DUPFD_CLOEXEC, static_cast<int>(files) - 1);
  if (last >= 0) close(last);
  if (file >= 0) close(file);
}

}  // namespace

void MakeRoomFor(int streams, int loops) {
  const rlim_t files = FilesFor(streams, loops);
  RaiseFileLimit(streams, files);
  GrowFileTable(files);
  PreferHugePages(streams);
}

}  // namespace sseprof
