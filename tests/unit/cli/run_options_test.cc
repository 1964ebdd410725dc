#include "cli/run_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sseprof::run_options_test {
namespace {

using std::chrono::seconds;

RunOptions Parse(const std::vector<std::string>& args) {
  RunOptions run;
  OptionSet options("run", "");
  run.Define(options);
  EXPECT_EQ(options.Parse(args), OptionSet::Parsed::kGo);
  run.Check();
  run.Imply(options);
  return run;
}

TEST(RunOptions, HasTheDefaultsOfTheReplacedScript) {
  const RunOptions run = Parse({});
  EXPECT_EQ(run.concurrency, 16);
  EXPECT_EQ(run.requests, 64);
  EXPECT_EQ(run.max_tokens, 256);
  EXPECT_EQ(run.temperature, 0.0);
  EXPECT_EQ(run.timeout, seconds{1200});
  EXPECT_EQ(run.connection.connect_timeout, seconds{10});
  EXPECT_EQ(run.first_token_timeout, std::nullopt);
  EXPECT_EQ(run.Load("id").max_failures, 48);
  EXPECT_TRUE(run.Chat().stream);
  EXPECT_TRUE(run.Added().include_usage);
  EXPECT_FALSE(run.Added().token_ids);
  EXPECT_EQ(run.Prompts().size(), 1u);
}

TEST(RunOptions, TakesTheReplacedScriptsCommandLine) {
  const RunOptions run =
      Parse({"--base-url", "http://127.0.0.1:8000", "--model", "M", "--concurrency", "16",
             "--requests", "64", "--max-tokens", "256", "--temperature", "0.0", "--timeout", "1200",
             "--prompt-file", "qwen3_bench_prompt.txt", "--out", "results/X.json"});
  EXPECT_EQ(run.model, "M");
  EXPECT_EQ(run.prompt_file, "qwen3_bench_prompt.txt");
  EXPECT_EQ(run.out, "results/X.json");
}

TEST(RunOptions, HasNoNumberOfRequestsWithADurationAlone) {
  EXPECT_EQ(Parse({"--duration", "10s"}).requests, std::nullopt);
  EXPECT_EQ(Parse({"--duration", "10s", "--requests", "5"}).requests, 5);
}

TEST(RunOptions, DoesOneRunUnlessToldOtherwise) {
  EXPECT_EQ(Parse({}).repeat, 1);
  EXPECT_EQ(Parse({"--out", "-", "--repeat", "1"}).repeat, 1);
  const RunOptions run = Parse({"--repeat", "5", "--repeat-pause", "2m", "--out", "a.json"});
  EXPECT_EQ(run.repeat, 5);
  EXPECT_EQ(run.repeat_pause, seconds{120});
}

TEST(RunOptions, TellsWhatFollowsFromTheRest) {
  RunOptions run;
  OptionSet options("run", "");
  run.Define(options);
  options.Parse({"--concurrency", "4", "--threads", "2"});
  run.Imply(options);
  const auto effective = options.Effective();
  using testing::Contains;
  using testing::Pair;
  EXPECT_THAT(effective, Contains(Pair("requests", "64")));
  EXPECT_THAT(effective, Contains(Pair("threads", "2")));
  EXPECT_THAT(effective, Contains(Pair("max-failures", "12")));
}

TEST(RunOptions, GoesIntoLoadAndChat) {
  const RunOptions run =
      Parse({"--warmup-requests", "8", "--max-failures", "5", "--duration", "2m", "--idle-timeout",
             "500ms", "--exact-tokens", "--ignore-eos", "--extra-body", "{\"top_p\": 0.9}",
             "--save-text", "--records", "r.jsonl"});
  const LoadOptions load = run.Load("id");
  EXPECT_EQ(load.run_id, "id");
  EXPECT_EQ(load.warmup_requests, 8);
  EXPECT_EQ(load.max_failures, 5);
  EXPECT_EQ(load.duration, seconds{120});
  EXPECT_EQ(load.idle_timeout, std::chrono::milliseconds{500});
  EXPECT_TRUE(load.save_text);
  EXPECT_TRUE(run.Chat().ignore_eos);
  EXPECT_EQ(run.Chat().extra_body, "{\"top_p\": 0.9}");
  EXPECT_EQ(run.Added(),
            (AddedFields{.include_usage = true, .continuous_usage = true, .token_ids = true}));
}

TEST(RunOptions, AsksForNoUsageFieldWithoutAStream) {
  const RunOptions run = Parse({"--no-stream"});
  EXPECT_FALSE(run.Chat().stream);
  EXPECT_FALSE(run.Added().include_usage);
}

TEST(RunOptions, StatesWhatTheExtraBodySends) {
  const RunOptions run = Parse(
      {"--extra-body", R"({"max_tokens": 20, "temperature": 1, "model": "other", "top_p": 1})"});
  EXPECT_EQ(run.max_tokens, 20);
  EXPECT_EQ(run.temperature, 1.0);
  EXPECT_EQ(run.model, "other");
}

TEST(RunOptions, ReadsLabels) {
  const auto labels = Parse({"--label", "weights=NVFP4", "--label", "note=a=b"}).Labels();
  EXPECT_THAT(labels, testing::ElementsAre(testing::Pair("note", "a=b"),
                                           testing::Pair("weights", "NVFP4")));
}

TEST(RunOptions, ReadsObjectives) {
  using std::chrono::milliseconds;
  EXPECT_FALSE(Parse({}).Objectives().any());
  const RunOptions run =
      Parse({"--slo", "ttft=300ms", "--slo", "latency=2", "--slo", "tpot=12.5ms"});
  EXPECT_EQ(run.Objectives(), (Slo{.ttft = milliseconds{300},
                                   .tpot = std::chrono::microseconds{12'500},
                                   .latency = seconds{2}}));
  const RunOptions whole = Parse({"--no-stream", "--slo", "latency=100h"});
  EXPECT_EQ(whole.Objectives(), Slo{.latency = std::chrono::hours{100}});
}

TEST(DefaultThreads, GrowsWithTheStreamsAsFarAsTheMachineBears) {
  const struct {
    int streams, cores, threads;
  } kRows[] = {
      {1, 8, 1},    {512, 8, 1},  {513, 8, 2},
      {2000, 8, 4}, {8000, 8, 7},  // a core is left for the others
      {8000, 1, 1},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(DefaultThreads(row.streams, row.cores), row.threads) << row.streams;
  }
}

TEST(RunOptions, ShowsTheSixThatMatterFirst) {
  RunOptions run;
  OptionSet options("run", "");
  run.Define(options);
  testing::internal::CaptureStdout();
  options.Parse({"--help"});
  const std::string help = testing::internal::GetCapturedStdout();
  const auto load = help.find("Load:");
  for (const char* name :
       {"--base-url", "--model", "--concurrency", "--requests", "--max-tokens", "--out"}) {
    EXPECT_LT(help.find(name), load) << name;
  }
}

}  // namespace
}  // namespace sseprof::run_options_test
