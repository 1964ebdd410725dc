#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <optional>
#include <string>

#include "../out/sample_run.h"
#include "../temp_dir.h"
#include "out/summary_json.h"

namespace sseprof {
namespace {

using namespace std::chrono_literals;

rapidjson::Document ParseText(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.c_str());
  EXPECT_FALSE(document.HasParseError()) << document.GetErrorOffset();
  return document;
}

class SummarySchema : public testing::Test {
 protected:
  /// Where a summary breaks the schema; empty: nowhere.
  std::string Violation(const std::string& summary) const {
    const rapidjson::Document document = ParseText(summary);
    rapidjson::SchemaValidator validator(schema_);
    if (document.Accept(validator)) return "";
    rapidjson::StringBuffer place;
    validator.GetInvalidDocumentPointer().StringifyUriFragment(place);
    return std::string(place.GetString()) + " " + validator.GetInvalidSchemaKeyword();
  }

  const rapidjson::Document source_ =
      ParseText(ReadFile(std::string(SSEPROF_SOURCE_DIR) + "/src/out/summary.schema.json"));
  const rapidjson::SchemaDocument schema_{source_};
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

/// Paths of properties without a description.
void CollectUndescribed(const rapidjson::Value& schema, const std::string& path, std::string& out) {
  if (!schema.IsObject()) return;
  if (schema.HasMember("properties")) {
    for (const auto& property : schema["properties"].GetObject()) {
      const std::string name = path + "/" + property.name.GetString();
      // Names of failures and quantiles speak for themselves.
      if (path != "/failures" && !property.value.HasMember("description")) out += name + "\n";
      CollectUndescribed(property.value, name, out);
    }
  }
  if (schema.HasMember("items")) CollectUndescribed(schema["items"], path + "[]", out);
}

TEST_F(SummarySchema, DescribesEveryKey) {
  std::string undescribed;
  CollectUndescribed(source_, "", undescribed);
  CollectUndescribed(source_["definitions"]["distribution_s"], "distribution", undescribed);
  EXPECT_EQ(undescribed, "");
}

}  // namespace
}  // namespace sseprof
