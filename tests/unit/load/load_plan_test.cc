#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "sseprof/runner.h"
#include "unit/temp_dir.h"

namespace sseprof::load_plan_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Instant kNow{100s};

PromptSet Prompts(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += fmt::format(R"({{"prompt":"p{}","max_tokens":{}}})"
                         "\n",
                         i, 10 + i);
  }
  return PromptSet::FromFile(TempFile("prompts.jsonl", lines));
}

class LoadPlanTest : public ::testing::Test {
 protected:
  LoadPlan& Make(const LoadOptions& options, AddedFields added = {}) {
    return plan_.emplace(options, ChatOptions{.model = "m"}, added, prompts_);
  }

  RequestRecord Ended(Outcome outcome) {
    RequestRecord record;
    record.outcome = outcome;
    return record;
  }

  PromptSet prompts_ = Prompts(3);
  std::optional<LoadPlan> plan_;
};

TEST_F(LoadPlanTest, DealsWarmUpFirstAndBothWithThePromptsInOrder) {
  LoadPlan& plan = Make({.requests = 4, .warmup_requests = 2});
  std::vector<std::int64_t> prompts, limits;
  for (std::int64_t n = 0; n < 6; ++n) {
    const auto ticket = plan.Take(kNow);
    ASSERT_TRUE(ticket);
    EXPECT_EQ(ticket->n, n);
    EXPECT_EQ(ticket->warmup, n < 2);
    prompts.push_back(ticket->prompt);
    limits.push_back(ticket->max_tokens);
  }
  EXPECT_THAT(prompts, ElementsAre(0, 1, 0, 1, 2, 0));
  EXPECT_THAT(limits, ElementsAre(10, 11, 10, 11, 12, 10));
  EXPECT_FALSE(plan.Take(kNow));
  EXPECT_TRUE(plan.Exhausted(kNow));
}

TEST_F(LoadPlanTest, DurationCountsFromTheFirstMeasuredStart) {
  LoadPlan& plan = Make({.duration = 10s, .warmup_requests = 1});
  EXPECT_TRUE(plan.Take(kNow)->warmup);
  EXPECT_FALSE(plan.Take(kNow + 1h)->warmup);
  EXPECT_FALSE(plan.Exhausted(kNow + 1h + 9s));
  EXPECT_TRUE(plan.Take(kNow + 1h + 9999ms));
  EXPECT_TRUE(plan.Exhausted(kNow + 1h + 10s));
  EXPECT_FALSE(plan.Take(kNow + 1h + 10s));
}

TEST_F(LoadPlanTest, TheFirstTakeIsTheOrigin) {
  LoadPlan& plan = Make({.requests = 3});
  EXPECT_EQ(plan.origin(), std::nullopt);
  plan.Take(kNow);
  plan.Take(kNow + 1s);
  EXPECT_EQ(plan.origin(), kNow);
}

TEST_F(LoadPlanTest, BodiesAreMadeOnceForEachPrompt) {
  LoadPlan& plan = Make({.requests = 10});
  const LoadPlan::Body body = plan.BodyOf({.n = 0, .prompt = 1});
  EXPECT_THAT(*body.json, HasSubstr("\"p1\""));
  EXPECT_THAT(*body.json, HasSubstr("\"max_tokens\":11"));
  EXPECT_EQ(plan.BodyOf({.n = 4, .prompt = 1}).json, body.json);
  EXPECT_NE(plan.BodyOf({.n = 5, .prompt = 2}).json, body.json);
}

TEST_F(LoadPlanTest, ABadExtraBodyIsFoundAtOnce) {
  EXPECT_THROW(LoadPlan({}, ChatOptions{.model = "m", .extra_body = "[1]"}, {}, prompts_),
               std::invalid_argument);
}

TEST_F(LoadPlanTest, RefusedFieldsAreDroppedForTheRun) {
  LoadPlan& plan = Make({.requests = 10}, {.include_usage = true, .token_ids = true});
  const LoadPlan::Body before = plan.BodyOf({.prompt = 0});
  EXPECT_THAT(*before.json, HasSubstr("return_token_ids"));
  EXPECT_FALSE(plan.Refused(before.fields, "the context is too long"));
  EXPECT_TRUE(plan.warnings().empty());

  EXPECT_TRUE(plan.Refused(before.fields, "unknown field return_token_ids"));
  EXPECT_TRUE(plan.Refused(before.fields, "any words")) << "another request was refused before";
  const LoadPlan::Body after = plan.BodyOf({.prompt = 0});
  EXPECT_THAT(*after.json, Not(HasSubstr("return_token_ids")));
  EXPECT_THAT(*after.json, HasSubstr("include_usage"));
  EXPECT_FALSE(plan.Refused(after.fields, "unknown field return_token_ids"));

  ASSERT_EQ(plan.warnings().size(), 1u);
  EXPECT_EQ(plan.warnings()[0].code, "field_refused");
  EXPECT_THAT(plan.warnings()[0].message, HasSubstr("return_token_ids"));
  EXPECT_FALSE(plan.warnings()[0].advice.empty());
}

TEST_F(LoadPlanTest, AWholeAnswerIsAskedForWithoutAddedFields) {
  LoadPlan plan({}, ChatOptions{.model = "m", .stream = false}, {}, prompts_);
  EXPECT_EQ(plan.BodyOf({.prompt = 0}).fields, (AddedFields{.include_usage = false}));
}

TEST_F(LoadPlanTest, FailuresInARowEndTheRun) {
  LoadPlan& plan = Make({.requests = 100, .max_failures = 3});
  for (const Outcome outcome : {Outcome::kConnect, Outcome::kHttp5xx, Outcome::kOk,
                                Outcome::kTruncated, Outcome::kTimeout, Outcome::kCancelled}) {
    plan.Finished(Ended(outcome));
    EXPECT_FALSE(plan.gave_up());
  }
  plan.Finished(Ended(Outcome::kStalled));
  EXPECT_TRUE(plan.gave_up());
  EXPECT_FALSE(plan.stopped());
  EXPECT_FALSE(plan.Take(kNow));
}

TEST_F(LoadPlanTest, StopEndsTheDealing) {
  LoadPlan& plan = Make({.requests = 100});
  EXPECT_TRUE(plan.Take(kNow));
  plan.Stop();
  EXPECT_FALSE(plan.Take(kNow));
  EXPECT_TRUE(plan.Exhausted(kNow));
  EXPECT_FALSE(plan.gave_up());
}

TEST_F(LoadPlanTest, ThreadsShareTheNumbers) {
  LoadPlan& plan = Make({.requests = 4000});
  std::vector<std::vector<std::int64_t>> taken(4);
  std::vector<std::thread> threads;
  for (auto& mine : taken) {
    threads.emplace_back([&plan, &mine] {
      while (const auto ticket = plan.Take(kNow)) mine.push_back(ticket->n);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::int64_t> all;
  for (const auto& mine : taken) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 4000u);
  EXPECT_EQ(*all.rbegin(), 3999);
}

}  // namespace
}  // namespace sseprof::load_plan_test
