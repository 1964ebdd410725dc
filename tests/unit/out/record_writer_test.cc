#include "out/record_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "../temp_dir.h"
#include "out/summary_json.h"
#include "sample_run.h"
#include "sseprof/error.h"

namespace sseprof::record_writer_test {
namespace {

using testing::HasSubstr;
using testing::Not;

Summary Report(const std::string& path) {
  RecordReader reader(path);
  SummaryBuilder builder(reader.context());
  while (const auto record = reader.Next()) builder.Add(*record);
  return builder.Finish(reader.end() ? &*reader.end() : nullptr);
}

void Hide(std::string& text) {
  const std::string secret = "sk-123456";
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret)) {
    text.replace(at, secret.size(), "***");
  }
}

TEST(RecordWriter, TheRebuiltSummaryIsTheSameByteForByte) {
  const TempDir dir;
  std::mt19937 random(1);
  std::vector<RequestRecord> records = SampleRecords();
  std::string first;
  for (int order = 0; order < 5; ++order) {
    const std::string path = dir.File("run.jsonl");
    RecordWriter writer({.path = path, .context = SampleContext});
    for (const RequestRecord& record : records) writer.Take(RequestRecord(record));
    const std::string written = SummaryJson(writer.Close(SampleEnd()));
    EXPECT_EQ(writer.problem(), "");
    EXPECT_EQ(SummaryJson(Report(path)), written);
    if (order == 0) first = written;
    EXPECT_EQ(written, first) << "the order of records must not matter";
    std::shuffle(records.begin(), records.end(), random);
  }
}

TEST(RecordWriter, WithoutAFileThereIsStillASummary) {
  RecordWriter writer({.context = SampleContext});
  for (const RequestRecord& record : SampleRecords()) writer.Take(RequestRecord(record));
  EXPECT_EQ(SummaryJson(writer.Close(SampleEnd())), SummaryJson(SampleSummary()));
}

TEST(RecordWriter, ARunWithoutRequestsHasAContextAndAnEnd) {
  const TempDir dir;
  const std::string path = dir.File("run.jsonl");
  RecordWriter writer({.path = path, .context = SampleContext});
  const Summary summary = writer.Close(SampleEnd());
  EXPECT_EQ(summary.ok, 0u);
  EXPECT_EQ(ReadFile(path), ContextLine(SampleContext()) + "\n" + EndLine(SampleEnd()) + "\n");
}

TEST(RecordWriter, TakesRecordsFromManyThreads) {
  const TempDir dir;
  const std::string path = dir.File("run.jsonl");
  RecordWriter writer({.path = path, .context = SampleContext});
  std::vector<std::thread> loops;
  loops.reserve(4);
  for (int loop = 0; loop < 4; ++loop) {
    loops.emplace_back([&writer, loop] {
      for (int i = 0; i < 250; ++i) {
        writer.Take(RecordBuilder(loop * 250 + i)
                        .Start(kSampleOrigin)
                        .Outputs(5, std::chrono::milliseconds(20), std::chrono::milliseconds(7))
                        .Finish("length")
                        .Build());
      }
    });
  }
  for (std::thread& loop : loops) loop.join();
  EXPECT_EQ(writer.Close(SampleEnd()).ok, 1000u);
  EXPECT_EQ(Report(path).ok, 1000u);
}

TEST(RecordWriter, ALineIsInTheFileSoonAfterItsRequest) {
  const TempDir dir;
  const std::string path = dir.File("run.jsonl");
  RecordWriter writer({.path = path, .context = SampleContext});
  writer.Take(RequestRecord(SampleRecords()[0]));
  const std::string expected =
      ContextLine(SampleContext()) + "\n" + RequestLine(SampleRecords()[0]) + "\n";
  for (int i = 0; i < 500 && ReadFile(path) != expected; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(ReadFile(path), expected);
}

TEST(RecordWriter, AFullDiskLeavesTheSummaryWithAWarning) {
  RecordWriter writer({.path = "/dev/full", .context = SampleContext});
  for (const RequestRecord& record : SampleRecords()) writer.Take(RequestRecord(record));
  const Summary summary = writer.Close(SampleEnd());
  EXPECT_EQ(summary.ok, 4u);
  EXPECT_THAT(writer.problem(), HasSubstr("No space left"));
  const auto stopped =
      std::find_if(summary.warnings.begin(), summary.warnings.end(),
                   [](const Warning& warning) { return warning.code == "records_stopped"; });
  ASSERT_NE(stopped, summary.warnings.end());
  EXPECT_THAT(stopped->message, HasSubstr("No space left"));
}

TEST(RecordWriter, SecretsReachNeitherFileNorSummary) {
  const TempDir dir;
  const std::string path = dir.File("run.jsonl");
  const std::string secret = "sk-123456";
  const auto context = [&] {
    RunContext run = SampleContext();
    run.endpoint += "?key=" + secret;
    run.command.push_back(secret);
    run.labels["note"] = secret;
    return run;
  };
  RecordWriter writer({.path = path, .context = context, .filter = Hide});
  RequestRecord record = SampleRecords()[4];
  record.message = "no such key " + secret;
  record.server_id = secret;
  record.server_metrics = R"({"a":"sk-123456"})";
  record.text = secret;
  writer.Take(std::move(record));
  RunEnd end = SampleEnd();
  end.warnings[0].message = secret;
  end.server_version = secret;
  const std::string json = SummaryJson(writer.Close(end));
  EXPECT_THAT(json, Not(HasSubstr(secret)));
  EXPECT_THAT(ReadFile(path), Not(HasSubstr(secret)));
  EXPECT_THAT(ReadFile(path), HasSubstr("no such key ***"));
  EXPECT_EQ(SummaryJson(Report(path)), json);
}

TEST(RecordWriter, MetricsThatHidingSpoilsAreDropped) {
  const TempDir dir;
  const std::string path = dir.File("run.jsonl");
  RecordWriter writer({.path = path, .context = SampleContext, .filter = [](std::string& text) {
                         const auto at = text.find("4711");
                         if (at != std::string::npos) text.replace(at, 4, "***");
                       }});
  RequestRecord record = SampleRecords()[1];
  record.server_metrics = R"({"a":4711})";
  writer.Take(std::move(record));
  writer.Close(SampleEnd());
  EXPECT_EQ(Report(path).ok, 1u);
}

TEST(RecordWriter, AFileThatCannotBeMadeIsAUsageErrorBeforeTheLoad) {
  EXPECT_THROW(RecordWriter({.path = "/no/such/dir/run.jsonl", .context = SampleContext}),
               UsageError);
}

TEST(RecordWriter, GoesAwayWithoutClose) {
  const TempDir dir;
  const std::string path = dir.File("run.jsonl");
  {
    RecordWriter writer({.path = path, .context = SampleContext});
    writer.Take(RequestRecord(SampleRecords()[1]));
  }
  EXPECT_EQ(Report(path).ok, 1u) << "what was taken is written";
}

}  // namespace
}  // namespace sseprof::record_writer_test
