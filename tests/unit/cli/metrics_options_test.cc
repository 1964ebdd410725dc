#include "cli/metrics_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "sseprof/error.h"
#include "unit/temp_dir.h"

namespace sseprof::metrics_options_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Args = std::vector<std::string>;

const Args kListen = {"--metrics-listen", "127.0.0.1:0"};

Args operator+(Args first, const Args& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

MetricsOptions Parse(const Args& args) {
  MetricsOptions metrics;
  OptionSet options("run", "");
  metrics.Define(options);
  EXPECT_EQ(options.Parse(args), OptionSet::Parsed::kGo);
  metrics.Check();
  return metrics;
}

std::string Complaint(const Args& args) {
  try {
    Parse(args);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(MetricsOptionsTest, AreNotNeeded) {
  const MetricsOptions metrics = Parse({});
  EXPECT_EQ(metrics.listen, "");
  EXPECT_EQ(metrics.buckets, BucketChoice::kFine);
  EXPECT_EQ(metrics.wait, std::nullopt);
  EXPECT_EQ(metrics.linger, std::nullopt);
  EXPECT_EQ(metrics.Origin(), std::nullopt);
}

TEST(MetricsOptionsTest, TakesAll) {
  const MetricsOptions metrics =
      Parse({"--metrics-listen", "127.0.0.1:9464", "--metrics-buckets", "coarse", "--metrics-wait",
             "10s", "--metrics-linger", "500ms", "--metrics-openmetrics", "run.om",
             "--metrics-origin", "2025-12-22T12:00:00Z"});
  EXPECT_EQ(metrics.Exporter().address.Text(), "127.0.0.1:9464");
  EXPECT_EQ(metrics.Exporter().credentials, "");
  EXPECT_EQ(metrics.buckets, BucketChoice::kCoarse);
  EXPECT_EQ(metrics.wait, 10s);
  EXPECT_EQ(metrics.linger, 500ms);
  EXPECT_EQ(metrics.openmetrics, "run.om");
  EXPECT_EQ(metrics.Origin(), 1'766'404'800s);
}

TEST(MetricsOptionsTest, ZeroIsNoLingeringButNoWait) {
  EXPECT_EQ(Parse(kListen + Args{"--metrics-linger", "0"}).linger, 0s);
  EXPECT_THAT(Complaint(kListen + Args{"--metrics-wait", "0"}), HasSubstr("--metrics-wait: '0'"));
}

TEST(MetricsOptionsTest, BucketsServeTheFileToo) {
  EXPECT_EQ(Complaint({"--metrics-openmetrics", "run.om", "--metrics-buckets", "coarse"}), "");
}

TEST(MetricsOptionsTest, RefusesWhatCannotBe) {
  const struct {
    Args args;
    const char* part;
  } kRows[] = {
      {{"--metrics-auth-file", "f"}, "--metrics-auth-file needs --metrics-listen"},
      {{"--metrics-wait", "1s"}, "--metrics-wait needs --metrics-listen"},
      {{"--metrics-linger", "1s"}, "--metrics-linger needs --metrics-listen"},
      {{"--metrics-origin", "5"}, "--metrics-origin needs --metrics-openmetrics"},
      {kListen + Args{"--metrics-origin", "5"}, "--metrics-origin needs --metrics-openmetrics"},
      {{"--metrics-buckets", "coarse"},
       "--metrics-buckets needs --metrics-listen or --metrics-openmetrics"},
      {{"--metrics-buckets", "medium"}, "--metrics-buckets"},
      {{"--metrics-openmetrics", "-"}, "--metrics-openmetrics: must be a file"},
      {{"--metrics-listen", "9464"}, "--metrics-listen: '9464' has no port"},
      {{"--metrics-listen", "host:9464"}, "--metrics-listen: 'host:9464': the host must be"},
      {{"--metrics-listen", "127.0.0.1:99999"}, "--metrics-listen: '127.0.0.1:99999': the port"},
      {{"--metrics-openmetrics", "f", "--metrics-origin", "noon"},
       "--metrics-origin: 'noon' is no time"},
      {kListen + Args{"--metrics-auth-file", "/no/file"},
       "--metrics-auth-file: can't read '/no/file'"},
  };
  for (const auto& row : kRows) {
    EXPECT_THAT(Complaint(row.args), HasSubstr(row.part)) << row.part;
  }
}

TEST(MetricsOptionsTest, ReadsTheCredentialsFromTheirFile) {
  const auto with = [](const std::string& text) {
    return kListen + Args{"--metrics-auth-file", TempFile("credentials", text)};
  };
  EXPECT_EQ(Parse(with("me:se:cret\n")).Exporter().credentials, "me:se:cret");
  for (const char* text : {"me\n", "me:\n", ":secret\n", ":", "me:secret\nyou:secret\n"}) {
    EXPECT_THAT(Complaint(with(text)), HasSubstr("must hold one line of the form USER:PASSWORD"))
        << text;
    EXPECT_THAT(Complaint(with(text)), Not(HasSubstr("secret"))) << text;
  }
  EXPECT_THAT(Complaint(with("\n")), HasSubstr("is empty"));
}

}  // namespace
}  // namespace sseprof::metrics_options_test
