#include "cli/neighbour_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "out/record_file.h"
#include "sseprof/error.h"
#include "unit/record_builder.h"
#include "unit/temp_dir.h"

namespace sseprof::neighbour_output_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void WriteRun(const std::string& path) {
  using namespace std::chrono_literals;
  RecordFile file(path);
  file.Append(ContextLine(RunContext{}) + "\n");
  file.Append(RequestLine(RecordBuilder(0).Output(1ms).Finish("stop").Build()) + "\n");
  file.Append(EndLine(RunEnd{}) + "\n");
  ASSERT_EQ(file.problem(), "");
}

std::vector<std::string> FilesIn(const TempDir& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

TEST(NeighbourOutput, KeepsRecordsInAFileWithoutAName) {
  const TempDir folder;
  {
    const NeighbourOutput output({.neighbours = {.vllm = folder.File("v.json")}});
    ASSERT_NE(output.records(), "");
    EXPECT_THAT(FilesIn(folder), ElementsAre());
    WriteRun(output.records());
    EXPECT_THAT(FilesIn(folder), ElementsAre());
    output.Write();
  }
  EXPECT_THAT(FilesIn(folder), ElementsAre("v.json"));
  EXPECT_THAT(ReadFile(folder.File("v.json")), HasSubstr("\"completed\":1,"));
}

TEST(NeighbourOutput, ReadsTheRecordFileWhereThereIsOne) {
  const TempDir folder;
  const std::string records = folder.File("r.jsonl");
  const NeighbourOutput output(
      {.records = records, .neighbours = {.aiperf = folder.File("a.json")}});
  EXPECT_EQ(output.records(), records);
  WriteRun(records);
  output.Write();
  EXPECT_THAT(ReadFile(folder.File("a.json")), HasSubstr("\"request_count\""));
  EXPECT_TRUE(std::filesystem::exists(records));
}

TEST(NeighbourOutput, IsNothingWhereNothingIsAskedFor) {
  const NeighbourOutput none({});
  EXPECT_EQ(none.records(), "");
  none.Write();
  EXPECT_EQ(NeighbourOutput({.records = "r"}).records(), "r");
}

TEST(NeighbourOutput, OfADeviceKeepsRecordsElsewhere) {
  const NeighbourOutput output({.neighbours = {.vllm = "/dev/null"}});
  WriteRun(output.records());
  output.Write();
}

TEST(NeighbourOutput, NeedsAFolder) {
  const TempDir folder;
  try {
    const NeighbourOutput output({.neighbours = {.aiperf = folder.File("none/a.json")}});
    FAIL() << "there is no such folder";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("--save-aiperf"));
    EXPECT_THAT(error.what(), HasSubstr("none"));
  }
}

TEST(NeighbourOutput, ExplainsWhichRecordsHaveAProblem) {
  const TempDir folder;
  const NeighbourFiles files{.vllm = folder.File("v.json")};
  EXPECT_EQ(NeighbourOutput({.neighbours = files}).Explain("full"), "--save-vllm: full");
  EXPECT_EQ(NeighbourOutput({.records = "r", .neighbours = files}).Explain("full"),
            "--records: full");
  EXPECT_EQ(NeighbourOutput({.records = "r"}).Explain("full"), "--records: full");
  EXPECT_EQ(NeighbourOutput({.neighbours = files}).Explain(""), "");
}

}  // namespace
}  // namespace sseprof::neighbour_output_test
