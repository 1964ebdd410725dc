#include "sim/event_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "sseprof/error.h"

namespace sseprof::event_log_test {
namespace {

using namespace std::chrono_literals;

std::string TempPath() {
  return testing::TempDir() + "event_log_" +
         testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
         std::to_string(::getpid());
}

std::string Content(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

LoggedStream Stream(std::string id) {
  return {
      std::move(id), Instant{5ns}, {{Instant{7ns}, Instant{9ns}}, {Instant{10ns}, Instant{11ns}}}};
}

TEST(EventLog, WritesALinePerStreamWhenToldTo) {
  const std::string path = TempPath();
  EventLog log{path};
  log.Add(Stream("a"));
  log.Add(Stream("b\""));
  EXPECT_TRUE(log.has_waiting());
  EXPECT_EQ(Content(path), "");
  log.WriteOne();
  EXPECT_TRUE(log.has_waiting());
  log.WriteAll();
  EXPECT_FALSE(log.has_waiting());
  EXPECT_EQ(Content(path),
            "{\"request_id\":\"a\",\"received_ns\":5,\"events\":[[7,9],[10,11]]}\n"
            "{\"request_id\":\"b\\\"\",\"received_ns\":5,\"events\":[[7,9],[10,11]]}\n");
  std::filesystem::remove(path);
}

TEST(EventLog, WithoutAPathDropsEverything) {
  EventLog log{""};
  EXPECT_FALSE(log.enabled());
  log.Add(Stream("a"));
  EXPECT_FALSE(log.has_waiting());
  log.WriteOne();
}

TEST(EventLog, UnwritablePathIsRefusedAtOnce) {
  EXPECT_THROW(EventLog{"/nonexistent/dir/log"}, UsageError);
}

TEST(EventLog, FullDiskIsAnError) {
  EventLog log{"/dev/full"};
  log.Add(Stream("a"));
  EXPECT_THROW(log.WriteAll(), UsageError);
}

}  // namespace
}  // namespace sseprof::event_log_test
