#pragma once

#include <string>
#include <vector>

#include "sseprof/run_context.h"
#include "unit/record_builder.h"
#include "wire/json.h"

namespace sseprof {

/// A warm-up, two good requests (the second of one token) and one that was refused.
inline std::vector<RequestRecord> ThreeRequests() {
  using namespace std::chrono_literals;
  std::vector<RequestRecord> records = {
      RecordBuilder(0)
          .Start(900ms)
          .Warmup()
          .Output(90ms)
          .Finish("stop")
          .UsageTokens(500, 500)
          .Closed(95ms)
          .Build(),
      RecordBuilder(1)
          .Start(1000ms)
          .Event(EventKind::kEmpty, 100ms)
          .Output(120ms)
          .Output(150ms)
          .Event(EventKind::kFinish, 170ms)
          .Finish("stop")
          .Event(EventKind::kUsage, 171ms)
          .Done(172ms)
          .UsageTokens(11, 2)
          .Closed(173ms)
          .Build(),
      RecordBuilder(2)
          .Start(1050ms)
          .Event(EventKind::kEmpty, 200ms)
          .Output(240ms)
          .Event(EventKind::kFinish, 250ms)
          .Finish("stop")
          .Done(251ms)
          .UsageTokens(9, 1)
          .Closed(252ms)
          .Build(),
      RecordBuilder(3).Start(1100ms).Fail(Outcome::kHttp429, "slow down").Closed(20ms).Build()};
  records.back().http_status = 429;
  return records;
}

inline RunContext ThreeRequestsContext() {
  using namespace std::chrono_literals;
  RunContext context;
  context.run_id = "r-1";
  context.started_at = "2026-01-02T03:04:05.678Z";
  context.sseprof_version = "0.1.0";
  context.command = {"sseprof", "run", "--prompt", "it's # 1"};
  context.endpoint = "http://127.0.0.1:8000/v1/chat/completions";
  context.model = "m";
  context.concurrency = 2;
  context.requests = 3;
  context.max_tokens = 256;
  context.origin = Instant{900ms};
  return context;
}

inline std::vector<std::string> KeysOf(const JsonView& object) {
  std::vector<std::string> keys;
  for (const JsonView::Member& member : object.Members()) keys.emplace_back(member.name);
  return keys;
}

}  // namespace sseprof
