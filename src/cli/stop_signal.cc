#include "cli/stop_signal.h"

#include <unistd.h>

#include <cerrno>

#include "cli/exit_status.h"
#include "net/clock.h"

namespace sseprof {
namespace {

// The program's one global: a signal handler gets nothing but a number.
std::atomic<StopSignal*> g_active{nullptr};

}  // namespace

StopSignal::StopSignal(StopTarget& target) : target_(target) {
  g_active.store(this);
  struct sigaction action {};
  action.sa_handler = &StopSignal::Handle;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_int_);
  sigaction(SIGTERM, &action, &old_term_);
}

StopSignal::~StopSignal() {
  sigaction(SIGINT, &old_int_, nullptr);
  sigaction(SIGTERM, &old_term_, nullptr);
  g_active.store(nullptr);
}

std::optional<Instant> StopSignal::at() const {
  if (number() == 0) return std::nullopt;
  return at_.load();
}

void StopSignal::Handle(int number) {
  const int saved_errno = errno;
  StopSignal* active = g_active.load();
  if (active == nullptr) return;
  active->at_.store(MonotonicNow());
  // Two signals can be handled at once, on two threads: one of them is the second.
  int none = 0;
  if (!active->number_.compare_exchange_strong(none, number)) _exit(kExitInterrupted + number);
  active->target_.OnStop();
  errno = saved_errno;
}

}  // namespace sseprof
