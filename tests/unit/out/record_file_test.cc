#include "out/record_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <string>

#include "../temp_dir.h"
#include "sample_run.h"
#include "sseprof/error.h"

namespace sseprof::record_file_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string WholeFile() {
  std::string text = ContextLine(SampleContext()) + "\n";
  for (const RequestRecord& record : SampleRecords()) text += RequestLine(record) + "\n";
  return text + EndLine(SampleEnd()) + "\n";
}

template <class Action>
std::string ErrorOf(Action action) {
  try {
    action();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

int CountRecords(const std::string& path) {
  RecordReader reader(path);
  int count = 0;
  while (reader.Next()) ++count;
  return count;
}

class RecordFileTest : public testing::Test {
 protected:
  TempDir dir_;
  std::string path_ = dir_.File("run.jsonl");
};

TEST_F(RecordFileTest, WhatIsAppendedIsReadBack) {
  {
    RecordFile file(path_);
    EXPECT_TRUE(file.Append(ContextLine(SampleContext()) + "\n"));
    for (const RequestRecord& record : SampleRecords()) {
      EXPECT_TRUE(file.Append(RequestLine(record) + "\n"));
    }
    EXPECT_TRUE(file.Append(EndLine(SampleEnd()) + "\n"));
    EXPECT_EQ(file.problem(), "");
  }
  EXPECT_EQ(ReadFile(path_), WholeFile());
  RecordReader reader(path_);
  EXPECT_EQ(reader.context().run_id, "r-7f3a");
  for (const RequestRecord& record : SampleRecords()) {
    const auto back = reader.Next();
    ASSERT_TRUE(back);
    EXPECT_EQ(RequestLine(*back), RequestLine(record));
    EXPECT_FALSE(reader.end());
  }
  EXPECT_FALSE(reader.Next());
  ASSERT_TRUE(reader.end());
  EXPECT_EQ(EndLine(*reader.end()), EndLine(SampleEnd()));
}

TEST_F(RecordFileTest, AnOldFileIsReplaced) {
  PutFile(path_, "old\n");
  RecordFile file(path_);
  file.Append("new\n");
  EXPECT_EQ(ReadFile(path_), "new\n");
}

TEST_F(RecordFileTest, AFileThatCannotBeMadeIsAUsageError) {
  EXPECT_THAT(ErrorOf([&] { RecordFile file(dir_.File("no/such/run.jsonl")); }),
              AllOf(HasSubstr("no/such/run.jsonl"), HasSubstr("make it first")));
}

TEST_F(RecordFileTest, AFullDiskStopsItForGood) {
  RecordFile file("/dev/full");
  EXPECT_FALSE(file.Append("{}\n"));
  EXPECT_THAT(file.problem(), HasSubstr("No space left on device"));
  const std::string first = file.problem();
  EXPECT_FALSE(file.Append("{}\n"));
  EXPECT_EQ(file.problem(), first);
}

TEST_F(RecordFileTest, WhatFitsOfAPartIsCutBackToWholeLines) {
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  RecordFile file(path_);
  EXPECT_TRUE(file.Append("first\n"));
  rlimit small = before;
  small.rlim_cur = 18;
  ::setrlimit(RLIMIT_FSIZE, &small);
  const bool written = file.Append("second\nthird\nfourth\n");
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  EXPECT_FALSE(written);
  EXPECT_EQ(ReadFile(path_), "first\nsecond\n");
  EXPECT_FALSE(file.Append("fifth\n"));
  EXPECT_EQ(ReadFile(path_), "first\nsecond\n");
}

TEST_F(RecordFileTest, CutAnywhereItHoldsTheRecordsThatWereWhole) {
  const std::string whole = WholeFile();
  const std::size_t context_end = whole.find('\n') + 1;
  for (std::size_t cut = context_end; cut < whole.size(); cut += 37) {
    PutFile(path_, whole.substr(0, cut));
    int expected = -1;
    for (std::size_t i = 0; i <= cut; ++i) expected += i == cut ? 0 : whole[i] == '\n';
    // A line that lacks nothing but its line end counts.
    if (whole[cut] == '\n') ++expected;
    EXPECT_EQ(CountRecords(path_), expected) << cut;
  }
}

TEST_F(RecordFileTest, ABadLineInTheMiddleIsNamed) {
  PutFile(path_, ContextLine(SampleContext()) + "\n" + RequestLine(SampleRecords()[0]) +
                     "\n{\"n\":\n" + RequestLine(SampleRecords()[1]) + "\n");
  EXPECT_THAT(ErrorOf([&] { CountRecords(path_); }), HasSubstr(path_ + ":3: "));
}

TEST_F(RecordFileTest, NothingMayFollowTheEndMark) {
  PutFile(path_, WholeFile() + RequestLine(SampleRecords()[0]) + "\n");
  EXPECT_THAT(ErrorOf([&] { CountRecords(path_); }), HasSubstr("follows the end mark"));
}

TEST_F(RecordFileTest, AnythingElseIsNoRecordFile) {
  for (const char* text : {"", "\n", "plain text\n", "{}\n", "[1]\n", "{\"sseprof_records\":2}\n",
                           "{\"sseprof_records\":1}\n"}) {
    PutFile(path_, text);
    EXPECT_THAT(ErrorOf([&] { RecordReader reader(path_); }),
                AllOf(HasSubstr(path_), HasSubstr("no record file")))
        << text;
  }
  EXPECT_THAT(ErrorOf([&] { RecordReader reader(dir_.path()); }), HasSubstr("no record file"));
  EXPECT_THAT(ErrorOf([&] { RecordReader reader(dir_.File("none")); }), HasSubstr("No such file"));
}

}  // namespace
}  // namespace sseprof::record_file_test
