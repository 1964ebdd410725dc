#include "cli/run_outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "sseprof/error.h"
#include "unit/temp_dir.h"

namespace sseprof::run_outputs_test {
namespace {

using testing::HasSubstr;

TEST(NumberedPath, PutsTheNumberBeforeTheLastExtension) {
  const struct {
    const char* path;
    const char* numbered;
  } kRows[] = {
      {"x.json", "x.7.json"},
      {"x.tar.gz", "x.tar.7.gz"},
      {"x", "x.7"},
      {"out.d/x", "out.d/x.7"},  // a folder's name has no extension
      {"out.d/x.json", "out.d/x.7.json"},
      {"../x", "../x.7"},
      {".hidden", ".hidden.7"},
      {".hidden.json", ".hidden.7.json"},
      {"x.", "x.7."},
  };
  for (const auto& row : kRows) EXPECT_EQ(NumberedPath(row.path, 7), row.numbered);
  EXPECT_EQ(NumberedPath("x.json", 12), "x.12.json");
}

TEST(NumberedPath, LeavesADeviceAsItIs) { EXPECT_EQ(NumberedPath("/dev/null", 2), "/dev/null"); }

RunOptions Repeated(int runs) {
  RunOptions run;
  run.out = "a.json";
  run.records = "b.jsonl";
  run.metrics.openmetrics = "c.txt";
  run.neighbours = {.vllm = "v.json", .aiperf = "p.json"};
  run.repeat = runs;
  return run;
}

TEST(OutputsOfRun, HaveTheNumberOnlyIfThereAreSeveral) {
  const RunOutputs one = OutputsOfRun(Repeated(1), 1);
  EXPECT_EQ(one.out, "a.json");
  EXPECT_EQ(one.records, "b.jsonl");
  EXPECT_EQ(one.openmetrics, "c.txt");
  EXPECT_EQ(one.neighbours.vllm, "v.json");
  EXPECT_EQ(one.neighbours.aiperf, "p.json");
  const RunOutputs second = OutputsOfRun(Repeated(2), 2);
  EXPECT_EQ(second.out, "a.2.json");
  EXPECT_EQ(second.records, "b.2.jsonl");
  EXPECT_EQ(second.openmetrics, "c.2.txt");
  EXPECT_EQ(second.neighbours.vllm, "v.2.json");
  EXPECT_EQ(second.neighbours.aiperf, "p.2.json");
}

TEST(OutputsOfRun, AreNoneWhereNoneIsAskedFor) {
  RunOptions run;
  run.repeat = 2;
  const RunOutputs outputs = OutputsOfRun(run, 2);
  EXPECT_EQ(outputs.out + outputs.records + outputs.openmetrics, "");
  EXPECT_FALSE(outputs.neighbours.any());
}

std::string Complaint(const RunOptions& run) {
  try {
    CheckOutputs(run);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(CheckOutputs, LooksAtTheFilesOfOtherFormats) {
  const TempDir folder;
  RunOptions run;
  run.neighbours.vllm = folder.File("none/v.json");
  EXPECT_THAT(Complaint(run), HasSubstr("none/v.json"));
  run.neighbours = {.aiperf = folder.File("none/a.json")};
  EXPECT_THAT(Complaint(run), HasSubstr("none/a.json"));
  run.neighbours.aiperf = folder.File("a.json");
  EXPECT_EQ(Complaint(run), "");
}

TEST(CheckOutputs, RefusesRecordsThatCannotBeReadBackWhereTheyMustBe) {
  const TempDir folder;
  RunOptions run;
  run.records = "/dev/null";
  EXPECT_EQ(Complaint(run), "");
  run.neighbours.vllm = folder.File("v.json");
  EXPECT_THAT(Complaint(run), HasSubstr("--records: '/dev/null' can't be read back"));
}

TEST(CheckOutputs, LooksAtTheFilesOfEveryRun) {
  const TempDir folder;
  RunOptions run;
  run.repeat = 3;
  run.out = folder.File("a.json");
  CheckOutputs(run);
  std::filesystem::create_directory(folder.File("a.3.json"));
  try {
    CheckOutputs(run);
    FAIL() << "a folder can't be written";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("a.3.json"));
  }
}

}  // namespace
}  // namespace sseprof::run_outputs_test
