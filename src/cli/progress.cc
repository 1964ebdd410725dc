#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/output.h"
#include "net/clock.h"

namespace sseprof {
namespace {

constexpr Nanos kPeriod = std::chrono::milliseconds(500);
constexpr int kPeriodsALine = 10;
// Whoever stops the program for so long has written something else on the terminal, as a shell
// does.
constexpr Nanos kStopped = std::chrono::seconds(2);

std::string_view Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool CanMoveCursor() {
  const std::string_view term = Variable("TERM");
  return isatty(STDERR_FILENO) == 1 && !term.empty() && term != "dumb";
}

/// False while the terminal is a shell's that has this run in the background.
bool InForeground() {
  const pid_t group = tcgetpgrp(STDERR_FILENO);
  return group == -1 || group == getpgrp();
}

TerminalSize ReadSize() {
  struct winsize size {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {.columns = size.ws_col, .rows = size.ws_row};
}

void Write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

Progress::Progress(const RunMetrics& metrics, const ProgressGoal& goal)
    : metrics_(metrics), history_(goal) {
  Read(MonotonicNow());
  if (CanMoveCursor()) block_.emplace(Variable("NO_COLOR").empty());
  printer_.emplace(kPeriod, [this] { Update(); });
}

Progress::~Progress() {
  printer_.reset();
  if (block_ && InForeground()) Write(block_->Erase(ReadSize()));
}

void Progress::Update() {
  const Instant now = MonotonicNow();
  Read(now);
  if (block_) return DrawBlock(now);
  // Readings in between tell more closely when requests ended.
  if (++periods_ % kPeriodsALine == 0) WriteStderr(ProgressLine(history_.Figures()));
}

void Progress::DrawBlock(Instant now) {
  const bool foreground = InForeground();
  if (!foreground || now - drawn_at_ > kStopped) block_->Forget();
  if (!foreground) return;
  Write(block_->Draw(ProgressRows(history_.Figures()), ReadSize()));
  drawn_at_ = now;
}

}  // namespace sseprof
