#include "stats/summary_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace sseprof::summary_warnings_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A run in which nothing is wrong.
Summary Healthy() {
  Summary summary;
  summary.context.concurrency = 16;
  summary.context.max_tokens = 256;
  summary.requests = 64;
  summary.ok = 64;
  summary.ttft.count = 64;
  summary.itl.count = 16'000;
  summary.usage_check.emplace();
  summary.usage_check->exact = 64;
  summary.client.emplace();
  summary.client->verdict = "ok";
  return summary;
}

WarningFacts Facts() {
  WarningFacts facts;
  facts.events.output = 1000;
  return facts;
}

struct Case {
  const char* code;
  std::function<void(Summary&, WarningFacts&)> change;
  const char* number;  ///< the message has it
};

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      {"client_limited",
       [](Summary& s, WarningFacts&) {
         s.client->verdict = "client_limited";
         s.client->reason = "sending took 9000 us";
       },
       "9000 us"},
      {"server_counters",
       [](Summary& s, WarningFacts&) {
         s.server.emplace().agrees = false;
         s.server->requests = 70;
         s.server->client_requests = 64;
         s.server->generation_tokens = s.server->client_generation_tokens = 9;
       },
       "counted 70 requests during the run, this client 64"},
      {"prefix_cache",
       [](Summary& s, WarningFacts&) {
         s.server.emplace().prefix_hits = 96;
         s.server->prefix_queries = 110;
       },
       "took 96 of 110 prompt tokens"},
      {"coalesced", [](Summary&, WarningFacts& f) { f.events.output_coalesced = 11; }, "1.1 %"},
      {"usage_mismatch",
       [](Summary& s, WarningFacts&) {
         s.usage_check->multi_token_events = 3;
         s.usage_check->max_difference = 41;
       },
       "by 41 at most"},
      {"usage_mismatch", [](Summary&, WarningFacts& f) { f.usage_above_limit = 2; },
       "2 report more than max_tokens"},
      {"usage_missing", [](Summary&, WarningFacts& f) { f.missing_usage = 5; }, "5 of 64"},
      {"few_samples",
       [](Summary& s, WarningFacts&) {
         s.itl.weak = {"p99", "p999"};
       },
       "ITL p99 rests on fewer than 10 instants beyond it"},
      {"few_samples", [](Summary& s, WarningFacts&) { s.ttft.weak = {"p95"}; },
       "TTFT p95 rests on fewer than 10 instants beyond it"},
      {"few_samples",
       [](Summary& s, WarningFacts&) {
         s.itl.weak = {"p99"};
         s.ttft.weak = {"p95"};
       },
       "ITL p99 and TTFT p95 rest on fewer than 10 instants beyond them"},
      {"prefix_cache", [](Summary&, WarningFacts& f) { f.cached = 48; }, "48 of 64"},
      {"slow_start",
       [](Summary&, WarningFacts& f) {
         f.first_ttft_s = 0.151;
         f.other_ttft_s = 0.1;
       },
       "151.0 ms"},
      {"short_answers", [](Summary&, WarningFacts& f) { f.short_answers = 1; }, "1 of 64"},
      {"no_done", [](Summary&, WarningFacts& f) { f.done_missing = 9; }, "9 of 64"},
      {"warmup_overlap", [](Summary&, WarningFacts& f) { f.warmup_share = 0.123; }, "12.3 %"},
      {"cold_and_warm", [](Summary& s, WarningFacts&) { s.ttft_cold_count = 16; }, "(16 requests)"},
      {"cold_only",
       [](Summary& s, WarningFacts&) {
         s.ttft_cold_count = 64;
         s.connect.p50 = 0.01234;
       },
       "all 64 TTFTs are on new connections, though 16 slots could have reused theirs; connecting "
       "took 12.34 ms at the median"},
      {"cold_only",
       [](Summary& s, WarningFacts&) {
         s.ttft.count = s.ttft_cold_count = 16;
         s.context.warmup_requests = 1;
       },
       "all 16 TTFTs"},
      {"interrupted", [](Summary& s, WarningFacts&) { s.interrupted = true; }, "64 of 64"},
      {"no_end_mark",
       [](Summary& s, WarningFacts& f) {
         s.interrupted = true;
         s.client.reset();
         f.end_known = false;
       },
       "end mark"},
      {"proxy_buffering", [](Summary&, WarningFacts& f) { f.events.output_bundled = 501; },
       "50.1 %"},
  };
  return cases;
}

TEST(Warnings, AHealthyRunHasNone) { EXPECT_THAT(MakeWarnings(Healthy(), Facts()), IsEmpty()); }

TEST(Warnings, EachHasItsCauseItsNumbersAndAdvice) {
  for (const Case& c : Cases()) {
    Summary summary = Healthy();
    WarningFacts facts = Facts();
    c.change(summary, facts);
    const std::vector<Warning> warnings = MakeWarnings(summary, facts);
    ASSERT_EQ(warnings.size(), 1u) << c.code;
    EXPECT_EQ(warnings[0].code, c.code);
    EXPECT_THAT(warnings[0].message, HasSubstr(c.number));
    EXPECT_FALSE(warnings[0].advice.empty()) << c.code;
  }
}

TEST(Warnings, StayQuietAtTheirLimits) {
  Summary summary = Healthy();
  summary.usage_check->hidden_tokens = 64;
  summary.itl.weak = {"p999"};
  summary.ttft.weak = {"p99", "p999"};
  summary.ttft_cold_count = 64;
  summary.context.concurrency = 64;
  WarningFacts facts = Facts();
  facts.events.output_coalesced = 10;
  facts.events.output_bundled = 500;
  facts.first_ttft_s = 0.15;
  facts.other_ttft_s = 0.1;
  facts.warmup_share = 0.01;
  EXPECT_THAT(MakeWarnings(summary, facts), IsEmpty());
}

TEST(Warnings, AnswersMayEndEarlyInOnePerCent) {
  Summary summary = Healthy();
  summary.ok = 100;
  WarningFacts facts = Facts();
  facts.short_answers = 1;
  EXPECT_THAT(MakeWarnings(summary, facts), IsEmpty());
}

TEST(Warnings, ThoseOfTheRunGoThroughInAFixedOrder) {
  Summary summary = Healthy();
  WarningFacts facts = Facts();
  facts.of_run = {{"field_refused", "m", "a"}, {"clock_fallback", "m", "a"}};
  facts.cached = 1;
  std::vector<std::string> codes;
  for (const Warning& warning : MakeWarnings(summary, facts)) codes.push_back(warning.code);
  EXPECT_THAT(codes, ElementsAre("clock_fallback", "prefix_cache", "field_refused"));
}

}  // namespace
}  // namespace sseprof::summary_warnings_test
