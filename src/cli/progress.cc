#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "cli/output.h"
#include "net/clock.h"

namespace sseprof {

std::string ProgressLine(const RunReading& now, const RunReading* before, Nanos span,
                         const ProgressGoal& goal) {
  const LiveTotals& totals = now.totals;
  const std::int64_t done =
      totals[LiveCounter::kCompleted] + totals.Failed() + totals[LiveCounter::kWarmupFinished];
  const std::int64_t started = totals[LiveCounter::kStarted] + totals[LiveCounter::kWarmupStarted];
  const std::int64_t tokens = totals[LiveCounter::kTokensCounted] -
                              (before == nullptr ? 0 : before->totals[LiveCounter::kTokensCounted]);
  const std::string of = goal.requests ? fmt::format("/{}", *goal.requests) : "";
  return fmt::format("{}{} requests done, {} in flight, {} failed, {:.0f} tok/s", done, of,
                     std::max<std::int64_t>(started - done, 0), totals.Failed(),
                     span > Nanos{0} ? static_cast<double>(tokens) / ToSeconds(span) : 0.0);
}

Progress::Progress(const RunMetrics& metrics, const ProgressGoal& goal)
    : metrics_(metrics),
      goal_(goal),
      terminal_(isatty(STDERR_FILENO) == 1),
      printed_at_(MonotonicNow()) {
  const Nanos period = terminal_ ? Nanos{std::chrono::milliseconds{500}} : std::chrono::seconds{5};
  printer_.emplace(period, [this] { Print(); });
}

Progress::~Progress() {
  printer_.reset();
  if (terminal_) Show("");
}

void Progress::Print() {
  const Instant now = MonotonicNow();
  RunReading reading = metrics_.Read(now);
  Show(ProgressLine(reading, before_ ? &*before_ : nullptr, now - printed_at_, goal_));
  before_ = std::move(reading);
  printed_at_ = now;
}

void Progress::Show(const std::string& line) {
  if (!terminal_) return WriteStderr(line);
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
}

}  // namespace sseprof
