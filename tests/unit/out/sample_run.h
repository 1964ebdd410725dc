#pragma once

#include <string>
#include <vector>

#include "../record_builder.h"
#include "sseprof/run_context.h"
#include "sseprof/summary.h"

namespace sseprof {

inline constexpr Nanos kSampleOrigin = std::chrono::seconds(5000);

/// A context with every field set.
inline RunContext SampleContext() {
  RunContext context;
  context.run_id = "r-7f3a";
  context.started_at = "2026-01-02T03:04:05.678Z";
  context.labels = {{"gpu", "H100"}, {"weights", "nvfp4"}};
  context.sseprof_version = "0.1.0";
  context.command = {"sseprof", "run", "--model", "m \"quoted\""};
  context.host = {{"hostname", "node-1"}, {"cores", "16"}};
  context.options = {{"concurrency", "2"}, {"requests", "6"}};
  context.endpoint = "http://127.0.0.1:8000/v1/chat/completions";
  context.model = "nvidia/Qwen3-30B-A3B-NVFP4";
  context.concurrency = 2;
  context.requests = 6;
  context.warmup_requests = 1;
  context.duration = std::chrono::milliseconds(90'500);
  context.max_tokens = 8;
  context.temperature = 0.7;
  context.stream = true;
  context.slo = {.ttft = std::chrono::milliseconds(22),
                 .tpot = std::chrono::milliseconds(10),
                 .latency = std::chrono::milliseconds(80)};
  context.prompt_sha256 = "c0ffee";
  context.prompts = 3;
  context.timestamps = "kernel";
  context.threads = 2;
  context.origin = Instant{kSampleOrigin};
  return context;
}

/// A window with every field set; it counted one request more than the sample has.
inline ServerWindow SampleWindow() {
  ServerWindow window;
  window.kind = "vllm";
  window.scrapes = 4;
  window.failed_scrapes = 1;
  window.length = std::chrono::milliseconds(1'250);
  window.requests = 6;
  window.prompt_tokens = 661;
  window.generation_tokens = 45;
  window.preemptions = 1;
  window.prefix_queries = 661;
  window.prefix_hits = 64;
  window.prefill_seconds = 0.07;
  window.decode_seconds = 0.29;
  window.running = {.mean = 1.5, .max = 2};
  window.waiting = {.mean = 0.25, .max = 1};
  window.kv_usage = {.mean = 0.125, .max = 0.5};
  window.ttft = {.edges = {0.01, 0.02, 0.04}, .counts = {0, 4, 2, 0}, .sum = 0.12};
  window.itl = {.edges = {0.01, 0.025}, .counts = {38, 0, 1}, .sum = 0.315};
  window.latency = {.edges = {0.3}, .counts = {6, 0}, .sum = 0.5};
  window.queue = {.edges = {0.3}, .counts = {6, 0}, .sum = 0.001};
  return window;
}

/// An end with every field set.
inline RunEnd SampleEnd() {
  RunEnd end;
  end.client.client_delay.Record(Nanos{12'000}, 40);
  end.client.client_delay.Record(Nanos{85'000}, 2);
  end.client.clock_rejected = 1;
  end.client.stamps_missing = 2;
  end.client.connections = 3;
  end.client.busy = std::chrono::milliseconds(30);
  end.client.elapsed = std::chrono::milliseconds(400);
  end.timestamps = "kernel";
  end.path = "loopback";
  end.threads = 2;
  end.cpu = std::chrono::milliseconds(45);
  end.max_rss_bytes = 12'345'678;
  end.warnings = {{"field_refused", "the server refused return_token_ids", "none needed"}};
  end.server_kind = "vllm";
  end.server_version = "0.13.0";
  end.server_window = SampleWindow();
  return end;
}

/// Seven requests on two slots: a warm-up, four good ones, a cut one and one that was refused.
inline std::vector<RequestRecord> SampleRecords() {
  using namespace std::chrono_literals;
  std::vector<RequestRecord> records;
  const auto stream = [](std::int64_t n, Nanos start) {
    return RecordBuilder(n).Start(kSampleOrigin + start).Sent(80us).Outputs(8, 20ms, 7ms);
  };
  records.push_back(
      stream(0, 0ms).Warmup().Connect(10us, 90us).Finish("length").UsageTokens(110, 8).Build());
  records.push_back(
      stream(1, 1ms).Connect(10us, 95us).Finish("length").UsageTokens(110, 8).Build());
  records.push_back(stream(2, 80ms)
                        .Finish("length")
                        .UsageTokens(110, 8)
                        .ServerMetrics(R"({"queue_time_ms":1.5,"time_to_first_token_ms":17.25,)"
                                       R"("generation_time_ms":48.5})",
                                       {.queue = 1500us, .first_token = 17250us, .decode = 48500us})
                        .Build());
  records.push_back(RecordBuilder(3)
                        .Start(kSampleOrigin + 81ms)
                        .Sent(70us)
                        .Output(22ms)
                        .Output(29ms, 1, 3ms)
                        .Output(36ms)
                        .Output(90ms)
                        .Finish("stop")
                        .Done(91ms)
                        .UsageTokens(111, 5)
                        .Build());
  records.push_back(stream(4, 160ms).Fail(Outcome::kTruncated, "reset by peer").Build());
  records.push_back(RecordBuilder(5)
                        .Start(kSampleOrigin + 175ms)
                        .Fail(Outcome::kHttp429, "slow down")
                        .Closed(2ms)
                        .Build());
  records.push_back(stream(6, 240ms).Finish("length").UsageTokens(110, 8).Build());
  return records;
}

inline Summary SampleSummary() {
  SummaryBuilder builder(SampleContext());
  for (const RequestRecord& record : SampleRecords()) builder.Add(record);
  const RunEnd end = SampleEnd();
  return builder.Finish(&end);
}

}  // namespace sseprof
