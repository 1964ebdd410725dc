#include "out/compare_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "unit/compare/comparison_fixture.h"
#include "wire/json.h"

namespace sseprof::compare_report_test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::vector<double> kUsual = {1, 1.004, 0.997};
const std::vector<double> kFaster = {0.93, 0.934, 0.927};

Comparison Faster() { return Compare({VariantOf("A", kUsual), VariantOf("B", kFaster)}, {}); }

/// The line of `text` that begins so; empty if there is none.
std::string LineOf(const std::string& text, const std::string& begin) {
  const std::size_t at = text.find("\n" + begin);
  if (at == std::string::npos) return "";
  return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

TEST(CompareText, BeginsWithTheVerdictAndWhatItCannotSee) {
  const std::string text = CompareText(Faster());
  EXPECT_THAT(text, StartsWith("B is better than A: "));
  EXPECT_THAT(text, HasSubstr("3 runs per variant; unit: the run."));
}

TEST(CompareText, StatesTheTableOfTheReplacedScript) {
  const std::string line = LineOf(CompareText(Faster()), "variant  model  runs");
  EXPECT_EQ(
      line,
      "variant  model  runs     QPS  prompt_tps  decode_tps  p50 latency (s)  p95 latency (s)    "
      " failed");
  EXPECT_EQ(
      LineOf(CompareText(Faster()), "A        m"),
      "A        m         3  6.1538    676.9000   1575.0000           2.6000           3.3800  "
      "0 of 1920");
}

TEST(CompareText, StatesCellsWithIntervalVerdictAndWhatTheyRestOn) {
  const std::string line = LineOf(CompareText(Faster()), "ITL p50 (ms)");
  EXPECT_THAT(line, HasSubstr("10.00"));
  EXPECT_THAT(line, HasSubstr("9.303"));
  EXPECT_THAT(line, HasSubstr("-7.0 %  -7.8 % to -6.2 %"));
  EXPECT_THAT(line, HasSubstr("better"));
  EXPECT_THAT(line, HasSubstr("3 runs against 3"));
}

TEST(CompareText, NamesReasonsAndWhatIsMissing) {
  Comparison all = Faster();
  all.reasons = {{"errors", "A run 1", "9 of 64 requests failed", "Mend them first."}};
  all.missing = {{"FP8", "401 from the model hub"}};
  const std::string text = CompareText(all);
  EXPECT_THAT(text, HasSubstr("Before you trust it\n  A run 1: 9 of 64 requests failed. Mend them "
                              "first. (errors)\n"));
  EXPECT_THAT(text, HasSubstr("FP8: N/A: 401 from the model hub."));
  EXPECT_THAT(LineOf(text, "FP8"), HasSubstr("N/A"));
}

TEST(CompareText, SaysOfSeveralRunsTogetherWhatIsTheSame) {
  Comparison all = Faster();
  all.reasons = {{"errors", "A run 1", "9 failed", "Mend them."},
                 {"errors", "B run 2", "8 failed", "Mend them."},
                 {"order", "", "not in turns", "Interleave."}};
  EXPECT_THAT(CompareText(all), HasSubstr("  A run 1: 9 failed; B run 2: 8 failed. Mend them. "
                                          "(errors)\n  not in turns. Interleave. (order)\n"));
}

TEST(CompareText, WithoutAnIntervalShowsTheValuesAlone) {
  const Comparison all = Compare({VariantOf("A", {1}), VariantOf("B", {0.9})}, {});
  const std::string line = LineOf(CompareText(all), "ITL p50 (ms)");
  EXPECT_THAT(line, HasSubstr("-10.0 %"));
  EXPECT_THAT(line, Not(HasSubstr(" to ")));
  EXPECT_THAT(line, HasSubstr("not enough data"));
}

TEST(CompareMarkdown, HasHeadingsTablesAndNoMarkupOfOthers) {
  Comparison all = Faster();
  all.variants[1].runs[0].summary.context.model = "<img src=x>|";
  all.variants[1].runs[1].summary.context.model = "<img src=x>|";
  all.variants[1].runs[2].summary.context.model = "<img src=x>|";
  const std::string text = CompareMarkdown(all);
  EXPECT_THAT(text, StartsWith("B is better than A: "));
  EXPECT_THAT(text, HasSubstr("\n## B against A, exploratory\n"));
  EXPECT_THAT(text, HasSubstr("| B | \\<img src=x\\>\\| | 3 |"));
}

TEST(CompareJson, HoldsVariantsPairsAndCells) {
  const JsonDocument document = JsonDocument::Parse(CompareJson(Faster()));
  const JsonView root = document.root();
  EXPECT_EQ(root["verdict"].AsString(), "better");
  EXPECT_EQ(root["variants"].At(0)["runs"].size(), 3u);
  const JsonView pair = root["pairs"].At(0);
  EXPECT_EQ(pair["b"].AsString(), "B");
  EXPECT_EQ(pair["cells"].size(), 25u);
  const JsonView cell = pair["cells"].At(6);
  EXPECT_EQ(cell["metric"].AsString(), "itl");
  EXPECT_EQ(cell["b_runs"].size(), 3u);
  EXPECT_NEAR(cell["difference"]["percent"].AsDouble().value(), -7.0, 0.1);
}

TEST(CompareJson, EndsWithoutABoundAreNull) {
  Comparison all = Faster();
  all.pairs[0].cells[0].difference->upper = HUGE_VAL;
  all.pairs[0].cells[0].difference->lower = -HUGE_VAL;
  const JsonDocument document = JsonDocument::Parse(CompareJson(all));
  const JsonView difference = document.root()["pairs"].At(0)["cells"].At(0)["difference"];
  EXPECT_TRUE(difference["upper_percent"].IsNull());
  EXPECT_EQ(difference["lower_percent"].AsDouble(), -100.0);
}

TEST(CompareText, SaysWhichEndOfAnIntervalHasNoBound) {
  Comparison all = Faster();
  Difference& difference = *all.pairs[0].cells[0].difference;
  difference.lower = std::log(0.875);
  difference.upper = HUGE_VAL;
  EXPECT_THAT(CompareText(all), HasSubstr(" -12.5 % or more "));
  difference.lower = -HUGE_VAL;
  EXPECT_THAT(CompareText(all), HasSubstr(" without bounds "));
  difference.upper = std::log(1.08);
  EXPECT_THAT(CompareText(all), HasSubstr(" up to +8.0 % "));
}

}  // namespace
}  // namespace sseprof::compare_report_test
