#include "cli/openmetrics_file.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "net/clock.h"
#include "sseprof/error.h"
#include "unit/record_builder.h"
#include "unit/temp_dir.h"

namespace sseprof::openmetrics_file_test {
namespace {

using namespace std::chrono_literals;

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class OpenMetricsFileTest : public ::testing::Test {
 protected:
  /// The file of a run that began now, as it stands after it.
  std::string Written(std::optional<Nanos> origin, bool starts = true) {
    OpenMetricsFile file(path_, origin, run_);
    file.Begin();
    if (starts) run_.loop(0).OnStart(RecordBuilder(0).Start(start_.time_since_epoch()).Build());
    std::this_thread::sleep_for(2ms);  // readings of one millisecond are one
    Summary summary;
    summary.total_time_s = 2.5;
    run_.Finish(summary);
    file.Write();
    return ReadFile(path_);
  }

  const TempDir dir_;
  const std::string path_ = dir_.File("run.om");
  const Instant start_ = MonotonicNow();
  RunMetrics run_{{.facts = {.run = "r", .variant = "v"},
                   .anchor = {.at = start_ - 10s, .since_epoch = 1'700'000'000s},
                   .starts_over = [](Instant) { return false; }}};
};

const char kStart[] = "sseprof_run_start_timestamp_seconds{run=\"r\",variant=\"v\"} ";
const char kEnd[] = "sseprof_run_end_timestamp_seconds{run=\"r\",variant=\"v\"} ";
const char kStarted[] = "sseprof_requests_started_total{run=\"r\",variant=\"v\"} ";

TEST_F(OpenMetricsFileTest, HasTheRunBeforeTheLoadAndAfterIt) {
  const std::string text = Written({});
  EXPECT_TRUE(Has(text, std::string(kStarted) + "0 17000000"));
  EXPECT_TRUE(Has(text, std::string(kStarted) + "1 17000000"));
  EXPECT_TRUE(Has(text, std::string(kStart) + "1700000010 17000000"));
  EXPECT_TRUE(Has(text, std::string(kEnd) + "1700000012.5 17000000"));
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
}

TEST_F(OpenMetricsFileTest, AnOriginMovesTheMeasuredStartAndAllWithIt) {
  const std::string text = Written(1'000'000s);
  EXPECT_TRUE(Has(text, std::string(kStart) + "1000000 10000"));
  EXPECT_TRUE(Has(text, std::string(kEnd) + "1000002.5 10000"));
  EXPECT_FALSE(Has(text, " 17000000"));
}

TEST_F(OpenMetricsFileTest, WithoutAMeasuredStartThereIsNothingToMove) {
  const std::string text = Written(1'000'000s, false);
  EXPECT_TRUE(Has(text, std::string(kStart) + "0 17000000"));
  EXPECT_FALSE(Has(text, " 10000"));
}

TEST_F(OpenMetricsFileTest, AFileThatCannotBeWrittenIsRefused) {
  OpenMetricsFile file("/no/such/folder/run.om", {}, run_);
  file.Begin();
  run_.Finish({});
  EXPECT_THROW(file.Write(), UsageError);
}

}  // namespace
}  // namespace sseprof::openmetrics_file_test
