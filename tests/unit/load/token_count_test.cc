#include "load/token_count.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace sseprof::token_count_test {
namespace {

using ::testing::ElementsAre;

/// One choice of an event, as the server described it. Text: "x", none: "".
struct Told {
  std::string text;
  std::optional<std::int32_t> ids, logprobs;
  std::optional<std::int64_t> running;
  std::uint16_t choice = 0;
};

class TokenCountTest : public ::testing::Test {
 protected:
  /// One event for each entry; then the final usage.
  void Resolve(const std::vector<Told>& events, std::optional<std::int64_t> usage = {}) {
    count_.Reset(events.size());
    for (const Told& told : events) Add({told});
    if (usage) record_.usage = Usage{.completion_tokens = usage};
    count_.Resolve(record_);
  }

  std::int32_t Add(const std::vector<Told>& choices) {
    ChatChunk chunk;
    StreamEvent event{.kind = EventKind::kEmpty};
    for (const Told& told : choices) {
      ChoiceDelta choice;
      choice.index = told.choice;
      choice.opened = true;
      choice.content = told.text;
      choice.token_ids = told.ids;
      choice.logprobs = told.logprobs;
      if (told.running) chunk.usage = Usage{.completion_tokens = told.running};
      if (choice.output()) event.kind = EventKind::kVisible;
      chunk.choices.push_back(choice);
    }
    const std::int32_t guess = count_.Add(static_cast<std::uint32_t>(record_.events.size()), chunk);
    record_.events.push_back(event);
    return guess;
  }

  std::vector<std::int32_t> Tokens() const {
    std::vector<std::int32_t> tokens;
    for (const StreamEvent& event : record_.events) tokens.push_back(event.tokens);
    return tokens;
  }

  TokenCount count_;
  RequestRecord record_;
};

TEST_F(TokenCountTest, WithoutCountsEveryOutputEventIsOneToken) {
  Resolve({{.text = ""}, {.text = "a"}, {.text = ""}, {.text = "b"}}, 7);
  EXPECT_EQ(record_.tokens_from, TokenSource::kEvents);
  EXPECT_THAT(Tokens(), ElementsAre(0, 1, 0, 1));
}

TEST_F(TokenCountTest, IdsGoBeforeLogprobsAndUsage) {
  Resolve({{.text = "a", .ids = 2, .logprobs = 3, .running = 4},
           {.text = "b", .ids = 1, .logprobs = 3, .running = 8}},
          8);
  EXPECT_EQ(record_.tokens_from, TokenSource::kIds);
  EXPECT_THAT(Tokens(), ElementsAre(2, 1));
}

TEST_F(TokenCountTest, LogprobsServeWhereOneEventLacksIds) {
  Resolve({{.text = "a", .ids = 2, .logprobs = 3}, {.text = "b", .logprobs = 3}});
  EXPECT_EQ(record_.tokens_from, TokenSource::kLogprobs);
  EXPECT_THAT(Tokens(), ElementsAre(3, 3));
}

TEST_F(TokenCountTest, RunningUsageGivesDifferences) {
  Resolve({{.text = "", .running = 0}, {.text = "a", .running = 1}, {.text = "b", .running = 4}},
          4);
  EXPECT_EQ(record_.tokens_from, TokenSource::kUsage);
  EXPECT_THAT(Tokens(), ElementsAre(0, 1, 3));
}

TEST_F(TokenCountTest, RunningUsageIsPerChoiceAndTheFinalIsTheSum) {
  Resolve({{.text = "a", .running = 1, .choice = 0},
           {.text = "b", .running = 2, .choice = 1},
           {.text = "c", .running = 4, .choice = 0},
           {.text = "d", .running = 3, .choice = 1}},
          7);
  EXPECT_EQ(record_.tokens_from, TokenSource::kUsage);
  EXPECT_THAT(Tokens(), ElementsAre(1, 2, 3, 1));
}

TEST_F(TokenCountTest, RunningUsageIsNotTrustedWithoutReason) {
  struct Case {
    std::string why;
    std::vector<Told> events;
    std::optional<std::int64_t> usage;
  };
  const Case cases[] = {
      {"one output event lacks it", {{.text = "a", .running = 1}, {.text = "b"}}, 1},
      {"it falls", {{.text = "a", .running = 3}, {.text = "b", .running = 2}}, 2},
      {"it does not end at the usage",
       {{.text = "a", .running = 1}, {.text = "b", .running = 2}},
       3},
      {"there is no final usage", {{.text = "a", .running = 1}}, std::nullopt},
      {"it counts nothing", {{.text = "a", .running = 0}}, 0},
      {"it is beyond any answer",
       {{.text = "a", .running = std::int64_t{1} << 40}},
       std::int64_t{1} << 40},
  };
  for (const Case& test : cases) {
    record_ = RequestRecord();
    Resolve(test.events, test.usage);
    EXPECT_EQ(record_.tokens_from, TokenSource::kEvents) << test.why;
    for (const std::int32_t tokens : Tokens()) EXPECT_EQ(tokens, 1) << test.why;
  }
}

TEST_F(TokenCountTest, TokensWithoutTextJoinTheNextOutputOfTheirChoice) {
  Resolve({{.text = "a", .ids = 1},
           {.text = "", .ids = 1},
           {.text = "", .ids = 2, .choice = 1},
           {.text = "b", .ids = 2},
           {.text = "c", .ids = 1, .choice = 1}});
  EXPECT_EQ(record_.tokens_from, TokenSource::kIds);
  EXPECT_THAT(Tokens(), ElementsAre(1, 0, 0, 3, 3));
}

TEST_F(TokenCountTest, CarriedTokensCoverAnOutputEventThatHasNone) {
  Resolve({{.text = "", .ids = 2}, {.text = "a"}, {.text = "b", .ids = 1}});
  EXPECT_EQ(record_.tokens_from, TokenSource::kIds);
  EXPECT_THAT(Tokens(), ElementsAre(0, 2, 1));
}

TEST_F(TokenCountTest, WhatIsLeftAtTheEndStaysOnTheLastEventWithoutText) {
  Resolve({{.text = "a", .running = 1}, {.text = "", .running = 2}, {.text = "", .running = 3}}, 3);
  EXPECT_EQ(record_.tokens_from, TokenSource::kUsage);
  EXPECT_THAT(Tokens(), ElementsAre(1, 0, 2));
  EXPECT_EQ(HiddenTokens(record_), 2);
  EXPECT_EQ(CountedTokens(record_), 1);
}

TEST_F(TokenCountTest, SeveralChoicesOfOneEventAddUp) {
  Add({{.text = "a", .ids = 1, .choice = 0}, {.text = "b", .ids = 2, .choice = 1}});
  count_.Resolve(record_);
  EXPECT_EQ(record_.tokens_from, TokenSource::kIds);
  EXPECT_THAT(Tokens(), ElementsAre(3));
}

TEST_F(TokenCountTest, RunningUsageOfSeveralChoicesTogetherIsAmbiguous) {
  Add({{.text = "a", .running = 2, .choice = 0}, {.text = "b", .running = 2, .choice = 1}});
  record_.usage = Usage{.completion_tokens = 4};
  count_.Resolve(record_);
  EXPECT_EQ(record_.tokens_from, TokenSource::kEvents);
}

TEST_F(TokenCountTest, FirstGuessIsTheBestThatOneEventCanTell) {
  EXPECT_EQ(Add({{.text = ""}}), 0);
  EXPECT_EQ(Add({{.text = "a"}}), 1);
  EXPECT_EQ(Add({{.text = "a", .ids = 3, .logprobs = 2}}), 3);
  EXPECT_EQ(Add({{.text = "a", .logprobs = 2}}), 2);
}

TEST_F(TokenCountTest, FirstGuessByRunningUsageIsWhatHasComeSinceTheLastOutput) {
  EXPECT_EQ(Add({{.text = "", .running = 0}}), 0);
  EXPECT_EQ(Add({{.text = "a", .running = 1}}), 1);
  EXPECT_EQ(Add({{.text = "b", .running = 4}}), 3);
  EXPECT_EQ(Add({{.text = "", .running = 5}}), 0);  // text that was held back
  EXPECT_EQ(Add({{.text = "c", .running = 7}}), 3);
  EXPECT_EQ(Add({{.text = "d", .running = 7}}), 0);
}

TEST_F(TokenCountTest, FirstGuessDoesNotFollowAUsageThatFalls) {
  EXPECT_EQ(Add({{.text = "a", .running = 4}}), 4);
  EXPECT_EQ(Add({{.text = "b", .running = 2}}), 1);
  EXPECT_EQ(Add({{.text = "c", .running = 6}}), 2);
}

TEST_F(TokenCountTest, FirstGuessByUsageIsOfTheFirstChoiceAlone) {
  EXPECT_EQ(Add({{.text = "a", .running = 5, .choice = 1}}), 1);
  EXPECT_EQ(Add({{.text = "a", .running = 5, .choice = 0}, {.text = "b", .choice = 1}}), 1);
  EXPECT_EQ(Add({{.text = "a", .running = 6, .choice = 0}}), 6);
}

TEST_F(TokenCountTest, FirstGuessPrefersTheEventsOwnCounts) {
  EXPECT_EQ(Add({{.text = "a", .ids = 2, .running = 9}}), 2);
  EXPECT_EQ(Add({{.text = "a", .logprobs = 3, .running = 19}}), 3);
}

TEST_F(TokenCountTest, FirstGuessHasItsLimits) {
  EXPECT_EQ(Add({{.text = "a", .running = std::int64_t{1} << 40}}),
            std::numeric_limits<std::int32_t>::max());
}

TEST_F(TokenCountTest, ResetForgetsWhatFirstGuessesWentBy) {
  EXPECT_EQ(Add({{.text = "a", .running = 4}}), 4);
  count_.Reset(0);
  EXPECT_EQ(Add({{.text = "a", .running = 4}}), 4);
}

TEST_F(TokenCountTest, ResetForgetsTheRequestBefore) {
  Resolve({{.text = "a", .ids = 5, .choice = 1}});
  record_ = RequestRecord();
  Resolve({{.text = "a"}});
  EXPECT_EQ(record_.tokens_from, TokenSource::kEvents);
  EXPECT_THAT(Tokens(), ElementsAre(1));
}

}  // namespace
}  // namespace sseprof::token_count_test
