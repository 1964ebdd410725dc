#include "out/text_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "sample_run.h"

namespace sseprof::text_report_test {
namespace {

using testing::HasSubstr;
using testing::Not;

Distribution Around(double seconds) {
  Distribution d;
  d.count = 64;
  d.p50 = seconds;
  d.p90 = seconds * 1.1;
  d.p95 = seconds * 1.2;
  d.p99 = seconds * 1.5;
  d.p999 = seconds * 1.8;
  d.mean = seconds * 1.05;
  d.max = seconds * 2;
  return d;
}

/// A run with nothing to distrust.
Summary Healthy() {
  Summary s;
  s.context = SampleContext();
  s.context.concurrency = 16;
  s.context.max_tokens = 256;
  s.context.temperature = 0;
  s.requests = 64;
  s.ok = 64;
  s.total_time_s = 11.12302629199985;
  s.qps = 5.753829786955687;
  s.prompt_tps = 632.9212765651256;
  s.decode_tps = 1472.9804254606559;
  s.ms_per_output_token = 10.822065244810553;
  s.latency = Around(2.773145455499616);
  s.ttft = Around(0.0412);
  static_cast<Distribution&>(s.itl) = Around(0.0107);
  s.itl.count = 16'320;
  s.tpot = Around(0.0108);
  s.steady_state.emplace();
  s.steady_state->start_s = 0.05;
  s.steady_state->end_s = 8.4;
  s.steady_state->decode_tps = 1490.25;
  s.usage_check.emplace();
  s.usage_check->explanation = "usage equals the counted tokens in all 64 requests";
  s.stalls.count = 0;
  s.stalls.threshold_s = 0.0428;
  s.client.emplace();
  s.client->timestamps = "kernel";
  s.client->path = "loopback";
  s.start_lag = Around(40e-6);
  s.client->client_delay = Around(12e-6);
  s.client->exact = 1000;
  s.client->coalesced_share = 0;
  s.client->verdict = "ok";
  s.server_kind = "vllm";
  s.server_version = "0.13.0";
  return s;
}

TEST(TextReport, OfAHealthyRunIsOneScreen) {
  const std::string expected =
      R"text(nvidia/Qwen3-30B-A3B-NVFP4 at http://127.0.0.1:8000/v1/chat/completions
concurrency 16, max_tokens 256, temperature 0, stream, server vllm 0.13.0, gpu=H100, weights=nvfp4

requests    64 good, 0 failed, of 64, in 11.12 s
throughput  5.754 requests/s, prompt 632.9 tokens/s, decode 1473.0 tokens/s, 10.82 ms/token
steady      decode 1490.2 tokens/s from 0.05 s to 8.40 s

ms             p50        p90        p95        p99      p99.9       mean        max      count
TTFT         41.20      45.32      49.44      61.80      74.16      43.26      82.40         64
ITL          10.70      11.77      12.84      16.05      19.26      11.23      21.40      16320
TPOT         10.80      11.88      12.96      16.20      19.44      11.34      21.60         64
latency     2773.1     3050.5     3327.8     4159.7     4991.7     2911.8     5546.3         64

usage       usage equals the counted tokens in all 64 requests
stalls      no gap above 42.80 ms
client      kernel timestamps, loopback; read late by 12 us p50, 18 us p99; 0.0 % of output events
            coalesced; requests started late by 40 us p50, 60 us p99; ok
)text";
  EXPECT_EQ(TextReport(Healthy()), expected);
  EXPECT_LE(std::count(expected.begin(), expected.end(), '\n'), 24);
}

TEST(TextReport, NamesTheObjectivesOfGoodput) {
  Summary s = Healthy();
  EXPECT_THAT(TextReport(s), Not(HasSubstr("goodput")));
  s.errors = 2;
  s.goodput = {.slo = {.ttft = std::chrono::milliseconds{300}, .tpot = Nanos{12'500'000}},
               .within = 62,
               .share = 62 / 66.0,
               .requests_per_s = 5.5741};
  EXPECT_THAT(
      TextReport(s),
      HasSubstr("\ngoodput     5.574 requests/s: 62 of 66 (93.9 %) within ttft 300 ms, tpot "
                "12.5 ms\nsteady"));
  s.goodput = {.slo = {.latency = std::chrono::milliseconds{1500}}};
  s.ok = s.errors = 0;
  EXPECT_THAT(TextReport(s),
              HasSubstr("\ngoodput     - requests/s: 0 of 0 within latency 1.5 s\n"));
}

TEST(TextReport, ShowsTheServersOwnView) {
  Summary s = Healthy();
  s.server.emplace();
  ServerReport& server = *s.server;
  server.requests = server.client_requests = 64;
  server.prompt_tokens = server.client_prompt_tokens = 7040;
  server.generation_tokens = server.client_generation_tokens = 16'384;
  server.agrees = true;
  server.running = {.mean = 15.75, .max = 16};
  server.waiting = {.mean = 0, .max = 0};
  server.kv_usage = {.mean = 0.02, .max = 0.031};
  server.preemptions = 0;
  server.prefix_hit_rate = 0.95;
  server.ttft = {.count = 64,
                 .mean = 0.0401,
                 .p50 = {0.0383, 0.02, 0.04},
                 .p90 = {0.0393, 0.02, 0.04},
                 .p95 = {0.0412, 0.04, 0.06},
                 .p99 = {2.56, 2.56, std::nullopt}};
  server.ttft_between_s = 0.0011;
  server.queue = ServerDistribution{};
  EXPECT_THAT(TextReport(s), HasSubstr(R"text(60 us p99; ok
server      64 requests, 7040 prompt tokens, 16384 generated tokens, as counted here
            running 15.8 (at most 16), waiting 0.0 (at most 0), KV cache at most 3.1 %, preemptions
            0, prefix cache hits 95.0 %

server, ms            p50            p95     p99   mean  count  client +
TTFT        38.30 (20-40)  41.20 (40-60)  > 2560  40.10     64     1.100
)text"));
}

TEST(TextReport, SetsCountsThatDifferSideBySide) {
  Summary s = Healthy();
  s.server.emplace();
  s.server->requests = 70;
  s.server->generation_tokens = 17'000;
  s.server->client_requests = 64;
  s.server->client_prompt_tokens = 7040;
  s.server->client_generation_tokens = 16'384;
  s.server->agrees = false;
  EXPECT_THAT(TextReport(s),
              HasSubstr("\nserver      70 requests (here 64), 17000 generated tokens "
                        "(here 16384)\n"));
}

TEST(TextReport, ShowsTheTimesThatCameWithTheAnswers) {
  Summary s = Healthy();
  s.server.emplace().per_request.emplace();
  ServerPerRequest& times = *s.server->per_request;
  times.count = 64;
  times.queue = times.first_token = times.decode = times.between = Around(0.001);
  EXPECT_THAT(TextReport(s),
              HasSubstr("\nserver      64 answers carried its own times; means: queue 1.050 ms, "
                        "prefill 1.050 ms, decode 1.050\n            ms; the rest of TTFT, between "
                        "both sides: 1.000 ms p50, 1.500 ms p99\n"));
  times.queue = Distribution{};
  EXPECT_THAT(TextReport(s),
              HasSubstr("; the rest of\n            TTFT, its queue included: 1.000 ms p50"));
  times.between = Distribution{};
  EXPECT_THAT(TextReport(s), HasSubstr("means: prefill 1.050 ms, decode 1.050 ms\n"));
  times.decode = Distribution{};
  EXPECT_THAT(TextReport(s), HasSubstr("means: prefill 1.050 ms\n"));
}

TEST(TextReport, SaysThatTheDurationEndedARun) {
  Summary s = Healthy();
  s.context.duration = std::chrono::seconds{10};
  EXPECT_EQ(TextReport(s).find("--duration"), std::string::npos);
  s.requests = 100;
  EXPECT_NE(TextReport(s).find("of 100, in 11.12 s; ended by --duration 10 s\n"),
            std::string::npos);
}

TEST(TextReport, OfADoubtfulRunSaysWhatToDistrustLast) {
  const std::string expected =
      R"text(nvidia/Qwen3-30B-A3B-NVFP4 at http://127.0.0.1:8000/v1/chat/completions
concurrency 2, max_tokens 8, temperature 0.7, stream, server vllm 0.13.0, gpu=H100, weights=nvfp4

requests    4 good, 2 failed, of 6, in 0.31 s
failures    http_429 1, truncated 1
throughput  12.987 requests/s, prompt 1431.8 tokens/s, decode 94.2 tokens/s, 10.28 ms/token
goodput     9.740 requests/s: 3 of 6 (50.0 %) within ttft 22 ms, tpot 10 ms, latency 80 ms
steady      decode 146.4 tokens/s from 0.02 s to 0.26 s

ms             p50        p90        p95        p99      p99.9       mean        max      count
TTFT         20.00~     21.40~     21.70~     21.94~     21.99~     20.50      22.00          4
ITL          7.000      7.000~     7.000~!    43.19~     52.92~     8.958      54.00         24
TPOT         7.000~     14.79~     16.46~     17.80~     18.10~     9.783      18.13          4
latency      69.00~     84.40~     87.70~     90.34~     90.93~     74.50      91.00          4
~ fewer than 10 independent observations lie beyond it
! not trustworthy: this client may have moved it by more than 5 %

usage       of 4 requests: usage equals the counted tokens in 3; tokens without text, such as the
            one that ends an answer, in 1
stalls      1 above 28.00 ms (0 shared, 1 single), longest 54.00 ms, 4.17 % of all gaps
client      kernel timestamps, loopback; read late by 12 us p50, 85 us p99; 2.8 % of output events
            coalesced; requests started late by - p50, - p99; ok
server      6 requests, 661 prompt tokens, 45 generated tokens
            running 1.5 (at most 2), waiting 0.2 (at most 1), KV cache at most 50.0 %, preemptions
            1, prefix cache hits 9.7 %
            1 answers carried its own times; means: queue 1.500 ms, prefill 17.25 ms, decode 48.50
            ms; the rest of TTFT, between both sides: 1.250 ms p50, 1.250 ms p99

server, ms            p50            p95            p99   mean  count  client +
TTFT        17.50 (10-20)  37.00 (20-40)  39.40 (20-40)  20.00      6         -
ITL          5.132 (0-10)   9.750 (0-10)           > 25  8.077     39         -
latency     150.0 (0-300)  285.0 (0-300)  297.0 (0-300)  83.33      6         -
queue       150.0 (0-300)  285.0 (0-300)  297.0 (0-300)  0.167      6         -

warning: 1 of 36 output events (2.8 %) may have arrived earlier than stated, by 3.0 ms at most: they
         were read together with what came after them (coalesced)
         read the low and high of each ITL quantile; longer answers (a burst ends each) and, if
         client_delay is large, more --threads or a less busy machine make it better

warning: ITL p99 and TTFT p95 rest on fewer than 10 instants beyond them (4 requests, 24 gaps;
         streams that move together count once) (few_samples)
         send more --requests, and repeat the run

warning: the server took 64 of 661 prompt tokens from its prefix cache (prefix_cache)
         vary the prompts (--prompt-file with .jsonl) or turn prefix caching off, if TTFT is to mean
         a full prefill

warning: 1 of 4 answers ended before max_tokens (8) (short_answers)
         use --ignore-eos or a prompt that asks for more, if runs are to be compared

warning: warm-up requests held 11.0 % of the slot time inside the window (warmup_overlap)
         judge throughput by steady_state, or send more --requests

warning: TTFT mixes new connections (1 requests) with reused ones (3) (cold_and_warm)
         open the connections first: --warmup-requests 2

warning: the server refused return_token_ids (field_refused)
         none needed
)text";
  EXPECT_EQ(TextReport(SampleSummary()), expected);
}

TEST(TextReport, StaysWithinAHundredColumns) {
  Summary s = Healthy();
  s.context.endpoint = "http://" + std::string(300, 'h') + "/v1/chat/completions";
  s.context.labels["long"] = std::string(200, 'x');
  s.errors = 12;
  for (const char* reason : {"connect", "http_429", "http_5xx", "not_sse", "stalled", "timeout",
                             "too_large", "truncated"}) {
    s.failures[reason] = 1'234'567;
  }
  s.warnings = {{"few_samples", std::string(30, 'm') + " " + std::string(90, 'n') + " o",
                 "do " + std::string(80, 'a') + " and " + std::string(20, 'b')}};
  std::istringstream lines(TextReport(s));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
}

TEST(TextReport, WithoutAStreamItsRowsAreEmpty) {
  Summary s = Healthy();
  s.context.stream = false;
  s.ttft = s.tpot = Distribution{};
  s.itl = GapDistribution{};
  s.usage_check.reset();
  s.steady_state.reset();
  s.stalls = Stalls{};
  const std::string text = TextReport(s);
  EXPECT_THAT(text, HasSubstr("\nTTFT             -          -"));
  EXPECT_THAT(text, Not(HasSubstr("stalls")));
  EXPECT_THAT(text, Not(HasSubstr("usage")));
  EXPECT_THAT(text, Not(HasSubstr("steady")));
  EXPECT_THAT(text, HasSubstr("no stream"));
}

TEST(TextReport, AnUnknownClientIsSaidToBe) {
  Summary s = Healthy();
  s.client.reset();
  EXPECT_THAT(TextReport(s), HasSubstr("client      unknown"));
}

TEST(TextReport, AShareThatIsNotKnownIsNotSaid) {
  Summary s = Healthy();
  s.client->coalesced = 5;
  s.client->coalesced_share.reset();
  EXPECT_THAT(TextReport(s), HasSubstr("18 us p99; requests started late"));
  EXPECT_THAT(TextReport(s), Not(HasSubstr("coalesced")));
}

TEST(TextReport, UserStampsShowTheirDelayAsError) {
  Summary s = Healthy();
  s.client->timestamps = "user";
  EXPECT_THAT(TextReport(s), HasSubstr("user timestamps, loopback; own error 12 us p50"));
}

}  // namespace
}  // namespace sseprof::text_report_test
