#include "out/summary_parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "out/json_fields.h"
#include "out/summary_json.h"
#include "sample_run.h"
#include "wire/json.h"

namespace sseprof::summary_parse_test {
namespace {

using testing::HasSubstr;

constexpr char kReplaced[] = R"({
  "endpoint": "http://127.0.0.1:8000/v1/chat/completions", "model": "Qwen/Qwen3-30B-A3B",
  "concurrency": 16, "requests": 64, "max_tokens": 256, "temperature": 0.0, "stream": false,
  "ok": 64, "errors": 0, "total_time_s": 11.97304896699643, "qps": 5.345338532934698,
  "latency_s": {"p50": 2.983149752999452, "p95": 3.2878576165003324, "mean": 2.9860875507183664,
                "min": 2.678864686000452, "max": 3.299574479999137},
  "ttft_s": {"p50": null, "p95": null, "mean": null, "min": null, "max": null},
  "token_usage": {"prompt_tokens_mean": 110.0, "completion_tokens_mean": 256.0},
  "derived": {"prompt_tps": 587.9872386228168, "decode_tps": 1368.4066644312827,
              "ms_per_output_token": 11.664404494993619}})";

/// `text` with its first `from` replaced.
std::string With(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string Refusal(const std::string& text) {
  try {
    ParseSummary(text);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "";
}

TEST(ParseSummary, IsTheInverseOfWriting) {
  const std::string text = SummaryJson(SampleSummary());
  const ParsedSummary parsed = ParseSummary(text);
  EXPECT_FALSE(parsed.replaced_script);
  EXPECT_EQ(SummaryJson(parsed.summary), text);
}

TEST(ParseSummary, IsTheInverseForARunOfNothing) {
  const RunEnd end;
  for (const RunEnd* known : {&end, static_cast<const RunEnd*>(nullptr)}) {
    const std::string text = SummaryJson(SummaryBuilder(RunContext{}).Finish(known));
    EXPECT_EQ(SummaryJson(ParseSummary(text).summary), text);
  }
}

TEST(ParseSummary, ReadsAFileOfTheReplacedScript) {
  const ParsedSummary parsed = ParseSummary(kReplaced);
  EXPECT_TRUE(parsed.replaced_script);
  const Summary& s = parsed.summary;
  EXPECT_EQ(s.context.model, "Qwen/Qwen3-30B-A3B");
  EXPECT_EQ(s.context.concurrency, 16);
  EXPECT_FALSE(s.context.stream);
  EXPECT_EQ(s.latency.p95, 3.2878576165003324);
  EXPECT_EQ(s.latency.count, 64u);
  EXPECT_EQ(s.latency.p99, std::nullopt);
  EXPECT_EQ(s.ttft.p50, std::nullopt);
  EXPECT_EQ(s.itl.count, 0u);
  EXPECT_EQ(s.decode_tps, 1368.4066644312827);
  EXPECT_FALSE(s.client);
}

TEST(ParseSummary, ReadsSummariesFromBeforeTheWarmUpWasInThem) {
  std::string text = SummaryJson(SampleSummary());
  text = With(With(text, "\"prompts\": 3,", ""), "\"warmup_requests\": 1,", "");
  const RunContext context = ParseSummary(text).summary.context;
  EXPECT_EQ(context.prompts, 1u);
  EXPECT_EQ(context.warmup_requests, 0);
}

TEST(ParseSummary, NamesWhatIsWrong) {
  EXPECT_THAT(Refusal(With(kReplaced, "\"concurrency\": 16", "\"concurrency\": \"16\"")),
              HasSubstr("'concurrency' is not an integer"));
  EXPECT_EQ(Refusal(With(kReplaced, "\"p95\": 3.2878576165003324", "\"p95\": \"x\"")),
            "latency_s: 'p95' is not a number");
  EXPECT_EQ(Refusal("[]"), "it is not a JSON object");
  EXPECT_EQ(Refusal("{}"), "'endpoint' is not a string");
  const std::string ours = SummaryJson(SampleSummary());
  EXPECT_THAT(Refusal(With(ours, "\"schema_version\": 1", "\"schema_version\": 2")),
              HasSubstr("another sseprof"));
  EXPECT_THAT(Refusal(With(With(ours, "\"schema_version\": 1", "\"schema_version\": 2"),
                           "\"temperature\": ", "\"temperature\": \"of another kind\", \"x\": ")),
              HasSubstr("another sseprof"));
  EXPECT_THROW(ParseSummary("{"), JsonError);
}

}  // namespace
}  // namespace sseprof::summary_parse_test
