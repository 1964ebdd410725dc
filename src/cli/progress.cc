#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "cli/output.h"
#include "net/clock.h"
#include "stats/client_report.h"

namespace sseprof {
namespace {

void Increase(std::atomic<std::int64_t>& counter, std::int64_t by) {
  // One writer: no read-modify-write is needed.
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

}  // namespace

void LoopCounters::OnStart(const RequestRecord&) { Increase(started_, 1); }

void LoopCounters::OnEvent(const RequestRecord&, const StreamEvent& event) {
  if (!IsOutput(event.kind)) return;
  Increase(tokens_, event.tokens);
  Increase(output_, 1);
  if (event.width > kCoalescedAbove) Increase(coalesced_, 1);
}

void LoopCounters::OnFinish(const RequestRecord& record) {
  Increase(finished_, 1);
  if (!record.good()) Increase(failed_, 1);
  const std::int64_t late = record.client_delay.value_or(Nanos{0}).count();
  if (late > late_.load(std::memory_order_relaxed)) {
    late_.store(late, std::memory_order_relaxed);
  }
}

LoopCounters::Values LoopCounters::Read() {
  // Finished first: what was started can then never look smaller.
  Values values;
  values.finished = finished_.load(std::memory_order_relaxed);
  values.failed = failed_.load(std::memory_order_relaxed);
  values.tokens = tokens_.load(std::memory_order_relaxed);
  values.coalesced = coalesced_.load(std::memory_order_relaxed);
  values.output = output_.load(std::memory_order_relaxed);
  values.late = Nanos{late_.exchange(0, std::memory_order_relaxed)};
  values.started = started_.load(std::memory_order_relaxed);
  return values;
}

std::string ProgressLine(const LoopCounters::Values& values, std::int64_t tokens, Nanos span,
                         std::optional<std::int64_t> total) {
  const double seconds = ToSeconds(span);
  const std::string of = total ? fmt::format("/{}", *total) : "";
  std::string line =
      fmt::format("{}{} requests done, {} in flight, {} failed, {:.0f} tok/s", values.finished, of,
                  std::max<std::int64_t>(values.started - values.finished, 0), values.failed,
                  seconds > 0 ? static_cast<double>(tokens) / seconds : 0.0);
  if (values.late > Nanos{0}) {
    line += fmt::format(", read up to {:.1f} ms late", ToSeconds(values.late) * 1e3);
  }
  if (values.coalesced > 0) {
    line += fmt::format(
        ", {:.1f} % of output coalesced",
        100.0 * static_cast<double>(values.coalesced) / static_cast<double>(values.output));
  }
  return line;
}

Progress::Progress(int loops, std::optional<std::int64_t> total)
    : counters_(static_cast<std::size_t>(loops)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) == 1),
      printed_at_(MonotonicNow()),
      thread_([this] { Print(); }) {}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
  if (terminal_) Show("");
}

void Progress::Print() {
  const auto period = terminal_ ? std::chrono::milliseconds{500} : std::chrono::seconds{5};
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, period, [this] { return stopping_; })) {
    LoopCounters::Values sum;
    for (LoopCounters& counters : counters_) {
      const LoopCounters::Values values = counters.Read();
      sum.started += values.started;
      sum.finished += values.finished;
      sum.failed += values.failed;
      sum.tokens += values.tokens;
      sum.output += values.output;
      sum.coalesced += values.coalesced;
      sum.late = std::max(sum.late, values.late);
    }
    const Instant now = MonotonicNow();
    Show(ProgressLine(sum, sum.tokens - tokens_before_, now - printed_at_, total_));
    tokens_before_ = sum.tokens;
    printed_at_ = now;
  }
}

void Progress::Show(const std::string& line) {
  if (!terminal_) return WriteStderr(line);
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
}

}  // namespace sseprof
