#include "cli/compare_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "../temp_dir.h"
#include "sseprof/error.h"

namespace sseprof::compare_options_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RunData RunOf(const std::string& path, const std::map<std::string, std::string>& labels,
              const std::string& model = "m") {
  RunData run;
  run.path = path;
  run.summary.context.labels = labels;
  run.summary.context.model = model;
  return run;
}

/// "name: path path" of each variant.
std::vector<std::string> Grouped(std::vector<RunData> runs, const std::string& by = "") {
  std::vector<std::string> groups;
  for (const Variant& variant : GroupRuns(std::move(runs), by)) {
    groups.push_back(variant.name + ":");
    for (const RunData& run : variant.runs) groups.back() += " " + run.path;
  }
  return groups;
}

std::string Refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(GroupRuns, ByTheLabelNamedVariant) {
  EXPECT_THAT(Grouped({RunOf("a", {{"variant", "x"}, {"gpu", "1"}}),
                       RunOf("b", {{"variant", "y"}, {"gpu", "2"}}),
                       RunOf("c", {{"variant", "x"}, {"gpu", "3"}})}),
              ElementsAre("x: a c", "y: b"));
}

TEST(GroupRuns, ByTheOneLabelThatDiffers) {
  EXPECT_THAT(Grouped({RunOf("a", {{"weights", "x"}, {"gpu", "1"}}),
                       RunOf("b", {{"weights", "y"}, {"gpu", "1"}})}),
              ElementsAre("x: a", "y: b"));
}

TEST(GroupRuns, ByTheModelElseByFile) {
  EXPECT_THAT(Grouped({RunOf("a", {}, "m"), RunOf("b", {}, "n"), RunOf("c", {}, "m")}),
              ElementsAre("m: a c", "n: b"));
  EXPECT_THAT(Grouped({RunOf("a", {}), RunOf("b", {})}), ElementsAre("a: a", "b: b"));
  // A label that one of them lacks tells nothing apart.
  EXPECT_THAT(Grouped({RunOf("a", {{"weights", "x"}}), RunOf("b", {})}),
              ElementsAre("a: a", "b: b"));
}

TEST(GroupRuns, ByWhatIsAskedFor) {
  const std::vector<RunData> runs = {RunOf("a", {{"gpu", "1"}, {"x", "1"}}, "m"),
                                     RunOf("b", {{"gpu", "2"}, {"x", "2"}}, "n"),
                                     RunOf("c", {{"gpu", "2"}, {"x", "3"}}, "n")};
  EXPECT_THAT(Grouped(runs, "gpu"), ElementsAre("1: a", "2: b c"));
  EXPECT_THAT(Grouped(runs, "model"), ElementsAre("m: a", "n: b c"));
  EXPECT_THAT(Grouped(runs, "file"), ElementsAre("a: a", "b: b", "c: c"));
}

TEST(GroupRuns, RefusesALabelThatIsMissingAndASingleVariant) {
  EXPECT_THAT(Refusal([] {
                Grouped({RunOf("a", {}), RunOf("b", {})}, "gpu");
              }),
              HasSubstr("--by: 'a' has no label 'gpu'"));
  EXPECT_THAT(Refusal([] {
                Grouped({RunOf("a", {}), RunOf("b", {})}, "model");
              }),
              HasSubstr("all runs are of one variant, 'm' (by model)"));
}

TEST(GroupRuns, RefusesARunAsARepeatOfItself) {
  std::vector<RunData> runs = {RunOf("a.jsonl", {}, "m"), RunOf("a.json", {}, "m"),
                               RunOf("b.json", {}, "n")};
  EXPECT_THAT(Grouped(runs), ElementsAre("m: a.jsonl a.json", "n: b.json"));  // no id: not known
  runs[0].summary.context.run_id = runs[1].summary.context.run_id = "e1c440a73e12";
  EXPECT_THAT(Refusal([&] { Grouped(runs); }),
              HasSubstr("'a.jsonl' and 'a.json' are of one run, e1c440a73e12"));
  EXPECT_THAT(Grouped(runs, "file"),
              ElementsAre("a.jsonl: a.jsonl", "a.json: a.json", "b.json: b.json"));
}

TEST(CheckMissing, RefusesAVariantThatThereAreRunsOf) {
  const std::vector<Variant> variants = GroupRuns({RunOf("a", {}, "m"), RunOf("b", {}, "n")}, "");
  EXPECT_EQ(Refusal([&] { CheckMissing({{.name = "x"}}, variants); }), "");
  EXPECT_THAT(Refusal([&] { CheckMissing({{.name = "n"}}, variants); }),
              HasSubstr("there are runs of 'n'"));
}

TEST(FindBaseline, TakesAVariantOrOneOfItsFiles) {
  const std::vector<Variant> variants =
      GroupRuns({RunOf("a", {}, "m"), RunOf("b", {}, "n"), RunOf("c", {}, "n")}, "");
  EXPECT_EQ(FindBaseline(variants, ""), 0u);
  EXPECT_EQ(FindBaseline(variants, "n"), 1u);
  EXPECT_EQ(FindBaseline(variants, "c"), 1u);
  EXPECT_THAT(Refusal([&] { FindBaseline(variants, "z"); }), HasSubstr("give one of m, n"));
}

class CompareOptionsTest : public testing::Test {
 protected:
  std::string CheckRefusal() const {
    return Refusal([this] { asked_.Check(); });
  }
  const TempDir dir_;
  CompareCommandOptions asked_ = {.files = {"a.jsonl", "b.jsonl"}};
};

TEST_F(CompareOptionsTest, RefusesWhatContradictsItself) {
  EXPECT_EQ(CheckRefusal(), "");
  asked_.out = asked_.markdown = "-";
  EXPECT_THAT(CheckRefusal(), HasSubstr("both name stdout"));
  asked_.out = asked_.markdown = dir_.File("x");
  EXPECT_THAT(CheckRefusal(), HasSubstr("the same file"));
  asked_.markdown.clear();
  asked_.files.push_back(asked_.out);
  EXPECT_THAT(CheckRefusal(), HasSubstr("would be overwritten"));
  asked_.out = dir_.File("none/x");
  EXPECT_THAT(CheckRefusal(), HasSubstr("none"));
}

TEST_F(CompareOptionsTest, RefusesAFileThatIsGivenTwice) {
  asked_.files.push_back("a.jsonl");
  EXPECT_THAT(CheckRefusal(), HasSubstr("'a.jsonl' is given twice"));
}

TEST_F(CompareOptionsTest, ReadsWhatIsMissing) {
  asked_.missing = {"FP8=401: no token=x", "INT4"};
  const std::vector<MissingVariant> missing = asked_.Missing();
  EXPECT_EQ(missing.at(0).name, "FP8");
  EXPECT_EQ(missing.at(0).reason, "401: no token=x");
  EXPECT_EQ(missing.at(1).reason, "");
  asked_.missing = {"=x"};
  EXPECT_THAT(CheckRefusal(), HasSubstr("--missing"));
}

}  // namespace
}  // namespace sseprof::compare_options_test
