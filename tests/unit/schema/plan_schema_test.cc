#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "schema_check.h"
#include "suite/plan.h"
#include "unit/temp_dir.h"
#include "wire/json.h"

namespace sseprof::plan_schema_test {
namespace {

const std::filesystem::path kPlans = std::string(SSEPROF_SOURCE_DIR) + "/prompts/plans";

/// Without comments.
std::string PlainJson(const std::string& text) {
  return JsonDocument::Parse(text, JsonDocument::Dialect::kWithComments).root().Text();
}

TEST(PlanSchema, HoldsForEveryPlanOfTheProject) {
  const SchemaCheck schema("/src/suite/plan.schema.json");
  int plans = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kPlans)) {
    const std::string path = entry.path().string(), text = ReadFile(path);
    EXPECT_EQ(schema.Violation(PlainJson(text)), "") << path;
    EXPECT_EQ(ParsePlan(text, path).name, entry.path().stem()) << path;
    ++plans;
  }
  EXPECT_GE(plans, 3);
}

TEST(PlanSchema, RefusesWhatTheParserRefuses) {
  const SchemaCheck schema("/src/suite/plan.schema.json");
  const std::string good = PlainJson(ReadFile((kPlans / "sim.json").string()));
  const std::pair<const char*, const char*> changes[] = {
      {"\"sseprof_plan\":1", "\"sseprof_plan\":2"},
      {"\"repeats\":3", "\"repeats\":0"},
      {"\"command\":", "\"comand\":"},
      {"\"name\":\"BF16\"", "\"name\":\"a/b\""},
      {"\"/v1/models\"", "\"v1\""},
      {"\"base_url\":", "\"url\":"},
  };
  for (const auto& [from, to] : changes) {
    std::string bad = good;
    const std::size_t at = bad.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    bad.replace(at, std::string_view(from).size(), to);
    EXPECT_NE(schema.Violation(bad), "") << to;
    EXPECT_THROW(ParsePlan(bad, "p"), UsageError) << to;
  }
}

TEST(PlanSchema, DescribesEveryKey) {
  EXPECT_EQ(SchemaCheck("/src/suite/plan.schema.json").Undescribed(), "");
}

}  // namespace
}  // namespace sseprof::plan_schema_test
