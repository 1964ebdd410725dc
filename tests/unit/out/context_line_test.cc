#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "out/record_file.h"
#include "out/record_parse.h"
#include "sample_run.h"

namespace sseprof::context_line_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

TEST(ContextLine, ReadsBackInEveryField) {
  const RunContext context = SampleContext();
  const std::string line = ContextLine(context);
  EXPECT_THAT(line, StartsWith(R"({"sseprof_records":1,)"));
  const RunContext back = ParseContextLine(line);
  EXPECT_EQ(back.run_id, context.run_id);
  EXPECT_EQ(back.started_at, context.started_at);
  EXPECT_EQ(back.labels, context.labels);
  EXPECT_EQ(back.sseprof_version, context.sseprof_version);
  EXPECT_EQ(back.command, context.command);
  EXPECT_EQ(back.host, context.host);
  EXPECT_EQ(back.options, context.options);
  EXPECT_EQ(back.endpoint, context.endpoint);
  EXPECT_EQ(back.model, context.model);
  EXPECT_EQ(back.concurrency, context.concurrency);
  EXPECT_EQ(back.requests, context.requests);
  EXPECT_EQ(back.warmup_requests, context.warmup_requests);
  EXPECT_EQ(back.duration, context.duration);
  EXPECT_EQ(back.max_tokens, context.max_tokens);
  EXPECT_EQ(back.temperature, context.temperature);
  EXPECT_EQ(back.stream, context.stream);
  EXPECT_EQ(back.slo, context.slo);
  EXPECT_EQ(back.prompt_sha256, context.prompt_sha256);
  EXPECT_EQ(back.prompts, context.prompts);
  EXPECT_EQ(back.timestamps, context.timestamps);
  EXPECT_EQ(back.threads, context.threads);
  EXPECT_EQ(back.origin, context.origin);
}

TEST(ContextLine, AbsentValuesStayAbsent) {
  RunContext context;
  const RunContext back = ParseContextLine(ContextLine(context));
  EXPECT_FALSE(back.requests);
  EXPECT_FALSE(back.duration);
  EXPECT_FALSE(back.slo.any());
}

TEST(ContextLine, ObjectivesReadBackToTheNanosecond) {
  RunContext context;
  for (std::int64_t ns : {1LL, 12'345'678LL, 299'999'999LL, 300'000'001LL, 3'600'000'000'001LL,
                          359'999'999'999'999LL}) {
    context.slo = {.tpot = Nanos{ns}};
    EXPECT_EQ(ParseContextLine(ContextLine(context)).slo, context.slo) << ns;
  }
  EXPECT_THAT(ContextLine(SampleContext()),
              HasSubstr(R"("slo":{"ttft_s":0.022,"tpot_s":0.01,"latency_s":0.08},)"));
}

TEST(ContextLine, OfAnOlderVersionHasNoObjectives) {
  const std::string line = ContextLine(SampleContext());
  const std::string slo = R"("slo":{"ttft_s":0.022,"tpot_s":0.01,"latency_s":0.08},)";
  const auto with = [&](std::string_view other) {
    std::string changed = line;
    return ParseContextLine(changed.replace(changed.find(slo), slo.size(), other)).slo;
  };
  EXPECT_EQ(with(""), Slo{});
  EXPECT_EQ(with(R"("slo":null,)"), Slo{});
  EXPECT_EQ(with(R"("slo":{},)"), Slo{});
  EXPECT_EQ(with(R"("slo":{"tpot_s":1,"ttft_s":null},)"), Slo{.tpot = 1s});
  EXPECT_THROW(with(R"("slo":7,)"), FormatError);
  EXPECT_THROW(with(R"("slo":{"ttft_s":-1},)"), FormatError);
}

}  // namespace
}  // namespace sseprof::context_line_test
