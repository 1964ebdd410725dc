#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "out/compare_report.h"
#include "schema_check.h"
#include "unit/compare/comparison_fixture.h"

namespace sseprof::compare_schema_test {
namespace {

Comparison Sample(const std::vector<double>& a, const std::vector<double>& b) {
  Comparison all = Compare({VariantOf("A", a), VariantOf("B", b)}, {});
  all.missing = {{"C", "the server did not start"}};
  return all;
}

class CompareSchema : public testing::Test {
 protected:
  const SchemaCheck schema_{"/src/out/compare.schema.json"};
  const std::string good_ = CompareJson(Sample({1, 1.004, 0.997}, {0.93, 0.934, 0.927}));
};

TEST_F(CompareSchema, HoldsForRepeats) { EXPECT_EQ(schema_.Violation(good_), ""); }

TEST_F(CompareSchema, HoldsForSingleRunsWithoutRecords) {
  EXPECT_EQ(schema_.Violation(CompareJson(Sample({1}, {0.9}))), "");
}

TEST_F(CompareSchema, HoldsForReasonsAndForRunsOfNothing) {
  Variant a = VariantOf("A", {1, 1}), b = VariantOf("B", {1, 1});
  a.runs[0].summary.errors = 100;
  b.runs[1].summary = Summary();
  const std::string text = CompareJson(Compare({a, b}, {}));
  EXPECT_NE(text.find("\"code\": \"errors\""), std::string::npos);
  EXPECT_EQ(schema_.Violation(text), "");
}

TEST_F(CompareSchema, IsStrict) {
  const std::pair<const char*, const char*> changes[] = {
      {"\"verdict\": \"better\"", "\"verdict\": \"nice\""},
      {"\"run_noise\"", "\"noise\""},
      {"\"statistic\": \"p999\"", "\"statistic\": \"p9999\""},
      {"\"percent\"", "\"per_cent\""},
      {"\"from\": \"summary\"", "\"from\": \"hearsay\""},
      {"\"reason\": \"the server did not start\"", "\"reason\": null"},
      {"\"schema_version\": 1", "\"schema_version\": 2"},
  };
  for (const auto& [from, to] : changes) {
    std::string bad = good_;
    const std::size_t at = bad.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    EXPECT_NE(schema_.Violation(bad.replace(at, std::string_view(from).size(), to)), "") << to;
  }
}

TEST_F(CompareSchema, DescribesEveryKey) { EXPECT_EQ(schema_.Undescribed(), ""); }

}  // namespace
}  // namespace sseprof::compare_schema_test
