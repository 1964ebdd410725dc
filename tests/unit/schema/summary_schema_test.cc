#include <gtest/gtest.h>

#include <string>

#include "../out/sample_run.h"
#include "out/summary_json.h"
#include "schema_check.h"

namespace sseprof::summary_schema_test {
namespace {

using namespace std::chrono_literals;

class SummarySchema : public testing::Test {
 protected:
  std::string Violation(const std::string& summary) const { return schema_.Violation(summary); }

  const SchemaCheck schema_{"/src/out/summary.schema.json"};
};

TEST_F(SummarySchema, HoldsForWhatIsWritten) {
  EXPECT_EQ(Violation(SummaryJson(SampleSummary())), "");
}

TEST_F(SummarySchema, HoldsForARunOfNothing) {
  const RunEnd end;
  EXPECT_EQ(Violation(SummaryJson(SummaryBuilder(RunContext{}).Finish(&end))), "");
  EXPECT_EQ(Violation(SummaryJson(SummaryBuilder(RunContext{}).Finish(nullptr))), "");
}

TEST_F(SummarySchema, HoldsForObjectivesThatNothingWasHeldAgainst) {
  RunContext context;
  context.slo = {.latency = 1s};
  EXPECT_EQ(Violation(SummaryJson(SummaryBuilder(context).Finish(nullptr))), "");
}

TEST_F(SummarySchema, HoldsWithoutAStream) {
  RunContext context = SampleContext();
  context.stream = false;
  SummaryBuilder builder(context);
  builder.Add(RecordBuilder(1).Start(kSampleOrigin).End(50ms).UsageTokens(100, 8).Build());
  EXPECT_EQ(Violation(SummaryJson(builder.Finish(nullptr))), "");
}

TEST_F(SummarySchema, HoldsForEveryFailure) {
  SummaryBuilder builder(SampleContext());
  for (int i = 1; i <= static_cast<int>(Outcome::kCancelled); ++i) {
    builder.Add(
        RecordBuilder(i).Start(kSampleOrigin).Fail(static_cast<Outcome>(i)).Closed(1ms).Build());
  }
  EXPECT_EQ(Violation(SummaryJson(builder.Finish(nullptr))), "");
}

struct Change {
  const char* from;
  const char* to;
};

TEST_F(SummarySchema, IsStrict) {
  const std::string good = SummaryJson(SampleSummary());
  const Change changes[] = {
      {"\"ok\": 4", "\"ok\": \"4\""},
      {"\"ok\": 4", "\"ok\": -4"},
      {"\"qps\"", "\"qqs\""},
      {"\"cold_count\": 1", "\"cold_count\": 1, \"more\": 1"},
      {"\"stddev\"", "\"sd\""},
      {"\"p999\"\n", "\"p998\"\n"},
      {"\"verdict\": \"ok\"", "\"verdict\": \"fine\""},
      {"\"truncated\": 1", "\"bored\": 1"},
      {"\"code\": \"few_samples\"", "\"code\": \"few\""},
      {"\"share\": 0.5", "\"share\": 1.5"},
      {"\"within\": 3", "\"within\": null"},
      {"\"tpot_s\": 0.01,", ""},
      {"\"failed_scrapes\": 1,", ""},
      {"\"p50_low\": 0.01", "\"p50_lower\": 0.01"},
      {"\"agrees\": null", "\"agrees\": 1"},
      {"\"schema_version\": 1", "\"schema_version\": 2"},
      {"\"run\": {", "\"run\": null, \"ruin\": {"},
      {"\"prompts\": 3", "\"prompts\": 0"},
      {"\"warmup_requests\": 1,", ""},
  };
  for (const Change& change : changes) {
    std::string bad = good;
    const std::size_t at = bad.find(change.from);
    ASSERT_NE(at, std::string::npos) << change.from;
    bad.replace(at, std::string_view(change.from).size(), change.to);
    EXPECT_NE(Violation(bad), "") << change.to;
  }
}

TEST_F(SummarySchema, DescribesEveryKey) { EXPECT_EQ(schema_.Undescribed(), ""); }

}  // namespace
}  // namespace sseprof::summary_schema_test
