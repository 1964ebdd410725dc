#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scripted_transport.h"
#include "sseprof/runner.h"
#include "unit/load/sse_text.h"

namespace sseprof {

using namespace std::chrono_literals;
using Steps = std::vector<ScriptedStep>;
using Result = TransferEnd::Result;

/// A good stream: head at once, role and first text after `ttft`, then `tokens` - 1 more with `gap`
/// between; finish, usage and [DONE] come with the last.
inline Steps Good(Nanos ttft, Nanos gap = 10ms, int tokens = 3) {
  Steps steps = {{0ns, StreamHead()}, {ttft, ScriptedBytes{kRole + kText}}};
  for (int i = 1; i < tokens; ++i) steps.push_back({gap, ScriptedBytes{kText}});
  steps.push_back({0ns, ScriptedBytes{kFinish + kUsage + kDoneMark}});
  steps.push_back({0ns, TransferEnd{}});
  return steps;
}

/// An HTTP error that comes `after` the start.
inline Steps HttpError(int status, Nanos after = 0ns, const std::string& body = "no",
                       std::optional<Nanos> retry_after = {}) {
  return {{after, ResponseHead{.status = status, .retry_after = retry_after}},
          {0ns, ScriptedBytes{body}},
          {0ns, TransferEnd{}}};
}

inline Steps Refused() {
  return {{0ns, TransferEnd{.result = Result::kConnect, .message = "connection refused"}}};
}

/// Runs whole loads on virtual time. Records are kept in order of their numbers.
class RunnerTest : public ::testing::Test, public RecordSink, public LiveSink {
 protected:
  using Script = ScriptedTransport::Script;

  /// Set up a run; the caller may schedule things on `transport()` before Run.
  void Prepare(LoadOptions options, Script script, AddedFields added = {}) {
    options.run_id = "r";
    transport_.emplace(std::move(script));
    plan_.emplace(options, ChatOptions{.model = "m", .max_tokens = 8}, added, prompts_);
  }

  void Run() {
    Runner runner(*plan_, plan_->options().concurrency, *transport_, *this, this);
    runner.Run();
    std::sort(records_.begin(), records_.end(),
              [](const RequestRecord& a, const RequestRecord& b) { return a.n < b.n; });
  }

  void Run(LoadOptions options, Script script) {
    Prepare(std::move(options), std::move(script));
    Run();
  }

  ScriptedTransport& transport() { return *transport_; }
  LoadPlan& plan() { return *plan_; }
  const std::vector<RequestRecord>& records() const { return records_; }

  /// An instant as offset from the run's begin.
  Nanos Since(Instant at) const { return at - transport_->begin(); }

  template <class Value>
  std::vector<Value> Map(const std::function<Value(const RequestRecord&)>& what) const {
    std::vector<Value> values;
    for (const RequestRecord& record : records_) values.push_back(what(record));
    return values;
  }
  std::vector<Nanos> Starts() const {
    return Map<Nanos>([this](const RequestRecord& r) { return Since(r.start); });
  }
  std::vector<Nanos> Readies() const {
    return Map<Nanos>([this](const RequestRecord& r) { return Since(r.ready.value()); });
  }
  std::vector<Outcome> Outcomes() const {
    return Map<Outcome>([](const RequestRecord& r) { return r.outcome; });
  }

  void Take(RequestRecord&& record) override { records_.push_back(std::move(record)); }
  void OnStart(const RequestRecord&) override { ++live_starts_; }
  void OnEvents(const RequestRecord& record, std::size_t first) override {
    for (std::size_t i = first; i < record.events.size(); ++i) {
      ++live_events_;
      if (IsOutput(record.events[i].kind)) live_tokens_ += record.events[i].tokens;
    }
  }
  void OnFinish(const RequestRecord&, std::int64_t guessed) override {
    ++live_finishes_;
    guessed_.push_back(guessed);
  }

  PromptSet prompts_ = PromptSet::FromText("p");
  std::optional<ScriptedTransport> transport_;
  std::optional<LoadPlan> plan_;
  std::vector<RequestRecord> records_;
  std::size_t live_starts_ = 0, live_events_ = 0, live_finishes_ = 0;
  std::int64_t live_tokens_ = 0;       ///< on output events, as they were told
  std::vector<std::int64_t> guessed_;  ///< as the ends told them
};

}  // namespace sseprof
