// Every sample of tests/data/wire_corpus.json through a request: outcome, events, times, tokens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "unit/load/wire_corpus_fixture.h"

namespace sseprof::wire_corpus_test {
namespace {

using ::testing::HasSubstr;

Outcome OutcomeOf(JsonView sample) {
  const std::string outcome = Text(sample["expect"]["outcome"]);
  if (outcome == "http_error") {
    const std::int64_t status = sample["http"]["status"].AsInt().value();
    if (status == 429) return Outcome::kHttp429;
    return status < 400 ? Outcome::kHttp3xx : status < 500 ? Outcome::kHttp4xx : Outcome::kHttp5xx;
  }
  if (outcome == "error") {
    const bool bad_json = Text(sample["expect"]["errors"].At(0)["kind"]) == "bad_json";
    return bad_json ? Outcome::kBadEvent : Outcome::kErrorEvent;
  }
  const std::map<std::string, Outcome> others = {
      {"ok", Outcome::kOk},
      {"ok_no_done", Outcome::kOk},
      {"not_sse", Outcome::kNotSse},
      {"done_no_finish", Outcome::kTruncated},
      {"truncated", Outcome::kTruncated},
      {"empty", Outcome::kTruncated},
  };
  return others.at(outcome);
}

template <class Predicate>
std::optional<std::int64_t> FirstEvent(const RequestRecord& record, Predicate&& predicate) {
  const auto it = std::find_if(record.events.begin(), record.events.end(), predicate);
  if (it == record.events.end()) return std::nullopt;
  return it - record.events.begin();
}

void ExpectEvents(const RequestRecord& record, JsonView expect) {
  const auto output = [](const StreamEvent& e) { return IsOutput(e.kind); };
  EXPECT_EQ(record.events.size(), expect["sse_events"].AsInt());
  EXPECT_EQ(std::count_if(record.events.begin(), record.events.end(), output),
            expect["output_events"].AsInt());
  EXPECT_EQ(FirstEvent(record, output), expect["first_output_event_index"].AsInt());
  EXPECT_EQ(FirstEvent(record, [](const StreamEvent& e) { return e.kind == EventKind::kVisible; }),
            expect["first_content_event_index"].AsInt());
  EXPECT_EQ(FirstEvent(record, [](const StreamEvent& e) { return e.kind == EventKind::kDone; })
                .has_value(),
            expect["done"].AsBool());
  EXPECT_EQ(record.text.value_or(""), Text(expect["text"]["0"]));
  EXPECT_EQ(record.reasoning.value_or(""), Text(expect["reasoning"]["0"]));
  for (const JsonView::Member& member : expect["finish_reasons"].Members()) {
    EXPECT_EQ(record.finish_reasons.at(std::stoul(std::string(member.name))), Text(member.value));
  }
}

void ExpectTokens(const RequestRecord& record, JsonView expect) {
  const std::string source = Text(expect["token_source"]);
  const std::optional<std::int64_t> tokens = expect["tokens"].AsInt();
  const Usage usage = record.usage.value_or(Usage());
  EXPECT_EQ(usage.prompt_tokens, expect["usage"]["prompt_tokens"].AsInt());
  if (source == "usage" || source == "timings") {
    EXPECT_EQ(usage.completion_tokens, tokens);
  } else if (tokens) {
    EXPECT_EQ(CountedTokens(record) + HiddenTokens(record), tokens);
    EXPECT_EQ(record.tokens_from,
              source == "token_ids" ? TokenSource::kIds : TokenSource::kLogprobs);
  } else {
    EXPECT_EQ(usage.completion_tokens, std::nullopt);
    EXPECT_EQ(record.tokens_from, TokenSource::kEvents);
  }
}

TEST_F(WireCorpusTest, EverySampleHasItsOutcomeInAnyCut) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
    ForEachSample([&](JsonView sample) {
      const RequestRecord& record = Replay(sample, size);
      EXPECT_EQ(Name(record.outcome), Name(OutcomeOf(sample))) << record.message;
      EXPECT_EQ(record.done_missing, Text(sample["expect"]["outcome"]) == "ok_no_done");
      EXPECT_EQ(record.message.empty(), record.good());
      const JsonView error = sample["expect"]["errors"].At(0);
      EXPECT_THAT(record.message, HasSubstr(Text(error["message"])));
    });
  }
}

TEST_F(WireCorpusTest, EventsAndTokensAreThoseWrittenBeside) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{1} << 20}) {
    ForEachSample([&](JsonView sample) {
      const RequestRecord& record = Replay(sample, size);
      if (record.http_status != 200 || record.outcome == Outcome::kNotSse) return;
      ExpectEvents(record, sample["expect"]);
      ExpectTokens(record, sample["expect"]);
    });
  }
}

TEST_F(WireCorpusTest, ByteByByteEveryEventIsExactAndInOneReadOnlyTheLast) {
  ForEachSample([&](JsonView sample) {
    for (const StreamEvent& event : Replay(sample, 1).events) EXPECT_EQ(event.width, 0ns);
    const RequestRecord& whole = Replay(sample, std::size_t{1} << 20);
    for (std::size_t i = 0; i + 1 < whole.events.size(); ++i) {
      EXPECT_EQ(whole.events[i].width, 1ms);
      EXPECT_EQ(whole.events[i].at, 1ms);
    }
  });
}

TEST_F(WireCorpusTest, RunningUsageCountsTokensPerEvent) {
  const auto tokens = [this](const std::string& name) {
    const RequestRecord record = ReplayNamed(name);
    EXPECT_EQ(record.tokens_from, TokenSource::kUsage) << name;
    std::vector<std::int32_t> values;
    for (const StreamEvent& event : record.events) values.push_back(event.tokens);
    return values;
  };
  EXPECT_THAT(tokens("vllm_force_include_usage"), testing::ElementsAre(0, 1, 1, 0, 0));
  EXPECT_THAT(tokens("sglang_continuous_usage"), testing::ElementsAre(0, 1, 3, 0, 0, 0));
  EXPECT_THAT(tokens("vllm_n2_interleaved"), testing::ElementsAre(0, 0, 1, 1, 1, 2, 1, 1, 0, 0));
}

}  // namespace
}  // namespace sseprof::wire_corpus_test
