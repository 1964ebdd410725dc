#include "net/thread_urgency.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace sseprof {
namespace {

constexpr std::uint64_t kShortSliceNanos = 100'000;  // the shortest that Linux takes
constexpr std::uint64_t kResetOnFork = 1;
constexpr std::int32_t kBehind = 10;

/// The kernel's sched_attr: its own header of it cannot stand beside <sched.h>.
struct Scheduling {
  std::uint32_t size = sizeof(Scheduling);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;
};
static_assert(sizeof(Scheduling) == 48);

/// Of the calling thread, where it is scheduled as most are: nobody has given it another policy.
std::optional<Scheduling> Usual() {
  Scheduling found;
  if (syscall(SYS_sched_getattr, 0, &found, sizeof found, 0) != 0) return std::nullopt;
  if (found.policy != SCHED_OTHER) return std::nullopt;
  return found;
}

void Ask(const Scheduling& wanted) { syscall(SYS_sched_setattr, 0, &wanted, 0); }

}  // namespace

void RunPromptly() {
  auto wanted = Usual();
  if (!wanted) return;
  wanted->flags |= kResetOnFork;
  wanted->runtime = kShortSliceNanos;
  Ask(*wanted);
}

void StayBehind() {
  auto wanted = Usual();
  if (!wanted) return;
  wanted->flags |= kResetOnFork;
  wanted->policy = SCHED_BATCH;
  wanted->nice = std::max(wanted->nice, kBehind);
  Ask(*wanted);
}

}  // namespace sseprof
