#include "neighbours/neighbour_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "out/record_file.h"
#include "sseprof/error.h"
#include "three_requests.h"
#include "unit/temp_dir.h"

namespace sseprof::neighbour_files_test {
namespace {

using testing::HasSubstr;

class NeighbourFilesTest : public testing::Test {
 protected:
  void WriteRecords(const RunContext& context) {
    std::string text = ContextLine(context) + "\n";
    for (const RequestRecord& record : ThreeRequests()) text += RequestLine(record) + "\n";
    PutFile(records_, text + EndLine(RunEnd{}) + "\n");
  }

  std::string Complaint() const {
    try {
      WriteNeighbourFiles(records_, files_);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }

  TempDir dir_;
  std::string records_ = dir_.File("run.jsonl");
  NeighbourFiles files_{.vllm = dir_.File("v.json"), .aiperf = dir_.File("a.json")};
};

TEST_F(NeighbourFilesTest, AreMadeOfTheRecordFile) {
  WriteRecords(ThreeRequestsContext());
  ASSERT_EQ(Complaint(), "");
  const JsonDocument vllm = JsonDocument::Parse(ReadFile(files_.vllm));
  EXPECT_EQ(vllm.root()["completed"].AsInt(), 2);
  const JsonDocument aiperf = JsonDocument::Parse(ReadFile(files_.aiperf));
  EXPECT_EQ(aiperf.root()["request_count"]["avg"].AsDouble(), 2.0);
  EXPECT_EQ(aiperf.root()["is_complete"].AsBool(), true);
}

TEST_F(NeighbourFilesTest, AreThoseThatWereAskedFor) {
  WriteRecords(ThreeRequestsContext());
  files_.vllm.clear();
  ASSERT_EQ(Complaint(), "");
  EXPECT_FALSE(std::filesystem::exists(dir_.File("v.json")));
  EXPECT_TRUE(std::filesystem::exists(files_.aiperf));
  files_.aiperf.clear();
  EXPECT_FALSE(files_.any());
  records_ = dir_.File("none");
  EXPECT_EQ(Complaint(), "");
}

TEST_F(NeighbourFilesTest, OfVllmNeedAStream) {
  RunContext context = ThreeRequestsContext();
  context.stream = false;
  WriteRecords(context);
  EXPECT_THAT(Complaint(), HasSubstr("--save-vllm"));
  EXPECT_FALSE(std::filesystem::exists(files_.aiperf));
}

TEST_F(NeighbourFilesTest, AreWrittenWhateverBecomesOfTheOther) {
  WriteRecords(ThreeRequestsContext());
  files_.vllm = "/dev/full";
  EXPECT_THAT(Complaint(), HasSubstr("/dev/full"));
  EXPECT_TRUE(std::filesystem::exists(files_.aiperf));
}

TEST_F(NeighbourFilesTest, NeedARecordFile) {
  PutFile(records_, "{}\n");
  EXPECT_THAT(Complaint(), HasSubstr("run.jsonl:1"));
}

}  // namespace
}  // namespace sseprof::neighbour_files_test
