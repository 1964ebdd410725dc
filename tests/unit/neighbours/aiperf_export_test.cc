#include "neighbours/aiperf_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "three_requests.h"

namespace sseprof::aiperf_export_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAreArray;

// Those of AIPerf 0.13.0's own file that records give, in its order.
constexpr const char* kKeys[] = {"schema_version",
                                 "aiperf_version",
                                 "benchmark_id",
                                 "request_throughput",
                                 "request_latency",
                                 "request_count",
                                 "time_to_first_token",
                                 "time_to_second_token",
                                 "inter_token_latency",
                                 "output_token_throughput",
                                 "output_token_throughput_per_user",
                                 "output_sequence_length",
                                 "input_sequence_length",
                                 "output_token_count",
                                 "inter_chunk_latency",
                                 "total_output_tokens",
                                 "benchmark_duration",
                                 "total_isl",
                                 "total_osl",
                                 "input_config",
                                 "run_info",
                                 "was_cancelled",
                                 "is_complete",
                                 "error_summary",
                                 "start_time",
                                 "end_time",
                                 "usage_prompt_tokens",
                                 "usage_completion_tokens",
                                 "time_to_first_output_token",
                                 "decode_duration",
                                 "e2e_output_token_throughput",
                                 "osl_mismatch_diff_pct",
                                 "prefill_throughput_per_user",
                                 "osl_mismatch_count",
                                 "completed_request_count",
                                 "request_error_rate",
                                 "total_usage_prompt_tokens",
                                 "total_usage_completion_tokens",
                                 "total_token_throughput",
                                 "input_token_throughput"};

JsonDocument ExportOf(const RunContext& context, const std::vector<RequestRecord>& records,
                      const RunEnd* end) {
  AiperfExport aiperf(context);
  for (const RequestRecord& record : records) aiperf.Add(record);
  return JsonDocument::Parse(aiperf.Finish(end));
}

TEST(AiperfExport, HasExactlyTheseKeysInTheirOrder) {
  std::vector<RequestRecord> records = ThreeRequests();
  records.pop_back();
  const RunEnd end;
  EXPECT_THAT(KeysOf(ExportOf(ThreeRequestsContext(), records, &end).root()),
              ElementsAreArray(kKeys));
}

TEST(AiperfExport, SaysWhatWasRun) {
  RunContext context = ThreeRequestsContext();
  context.labels["variant"] = "nvfp4";
  context.options = {{"prompt-file", "p.jsonl"}};
  context.prompts = 5;
  const RunEnd end;
  const JsonDocument result = ExportOf(context, ThreeRequests(), &end);
  const JsonView root = result.root();
  EXPECT_EQ(root["schema_version"].AsString(), "1.4");
  EXPECT_EQ(root["aiperf_version"].AsString(), "sseprof 0.1.0");
  EXPECT_EQ(root["benchmark_id"].AsString(), "r-1");
  EXPECT_EQ(root["run_info"].Text(), R"({"benchmark_id":"r-1","trial":0,"run_label":"nvfp4",)"
                                     R"("cli_command":"sseprof run --prompt 'it'\\''s # 1'"})");
  EXPECT_EQ(root["input_config"].Text(),
            R"({"models":{"items":[{"name":"m"}]},)"
            R"("endpoint":{"urls":["http://127.0.0.1:8000/v1/chat/completions"],"type":"chat",)"
            R"("streaming":true,"use_server_token_count":true},)"
            R"("datasets":[{"name":"main","type":"file","path":"p.jsonl",)"
            R"("format":"single_turn","entries":5}],)"
            R"("phases":[{"name":"profiling","kind":"profiling","type":"concurrency",)"
            R"("requests":3,"concurrency":2}]})");
  EXPECT_EQ(root["start_time"].AsString(), "2026-01-02T03:04:05.678000");
  EXPECT_EQ(root["end_time"].AsString(), "2026-01-02T03:04:06.080000");  // 1.302 - 0.900
}

TEST(AiperfExport, CountsNoWarmup) {
  const RunEnd end;
  const JsonDocument result = ExportOf(ThreeRequestsContext(), ThreeRequests(), &end);
  EXPECT_EQ(result.root()["completed_request_count"]["avg"].AsDouble(), 3.0);
  EXPECT_EQ(result.root()["total_isl"]["avg"].AsDouble(), 20.0);
}

TEST(AiperfExport, SumsUpErrorsOfOneKind) {
  std::vector<RequestRecord> records = ThreeRequests();
  records.push_back(records.back());
  records.push_back(
      RecordBuilder(5).Start(2s).Output(5ms).Fail(Outcome::kTruncated, "cut").Build());
  records.push_back(RecordBuilder(6).Start(2s).Event(EventKind::kFinish, 5ms).Build());
  const RunEnd end;
  const JsonDocument result = ExportOf(ThreeRequestsContext(), records, &end);
  EXPECT_EQ(result.root()["error_summary"].Text(),
            R"([{"error_details":{"type":"no_output","message":"the answer has no output"},)"
            R"("count":1},)"
            R"({"error_details":{"type":"truncated","message":"cut"},"count":1},)"
            R"({"error_details":{"code":429,"type":"http_429","message":"slow down"},)"
            R"("count":2}])");
}

TEST(AiperfExport, TellsHowTheRunEnded) {
  RunEnd end;
  const auto flags = [](const JsonDocument& result) {
    return result.root()["was_cancelled"].Text() + " " + result.root()["is_complete"].Text();
  };
  EXPECT_EQ(flags(ExportOf(ThreeRequestsContext(), ThreeRequests(), &end)), "false true");
  end.interrupted_at = Instant{2s};
  EXPECT_EQ(flags(ExportOf(ThreeRequestsContext(), ThreeRequests(), &end)), "true true");
  const JsonDocument killed = ExportOf(ThreeRequestsContext(), ThreeRequests(), nullptr);
  EXPECT_EQ(flags(killed), "true false");
  EXPECT_EQ(killed.root()["incomplete_reason"].AsString(), "the record file has no end mark");
}

TEST(AiperfExport, OfNothingHasNoMetrics) {
  RunContext context = ThreeRequestsContext();
  context.started_at = "yesterday";
  context.requests.reset();
  context.duration = 1500ms;
  const RunEnd end;
  const JsonDocument result = ExportOf(context, {}, &end);
  EXPECT_THAT(
      KeysOf(result.root()),
      testing::ElementsAre("schema_version", "aiperf_version", "benchmark_id", "input_config",
                           "run_info", "was_cancelled", "is_complete", "error_summary"));
  EXPECT_EQ(result.root()["input_config"]["phases"].At(0)["duration"].AsDouble(), 1.5);
}

}  // namespace
}  // namespace sseprof::aiperf_export_test
