#include "wire/server_times.h"

#include <gtest/gtest.h>

namespace sseprof::server_times_test {
namespace {

using namespace std::chrono_literals;

TEST(ReadServerTimes, ReadsVllms) {
  const ServerTimes times = ReadServerTimes(
      R"({"time_to_first_token_ms": 12.5, "queue_time_ms": 0.25, "generation_time_ms": 700,
          "mean_itl_ms": 11.1, "tokens_per_second": 90})");
  EXPECT_EQ(times.queue, 250us);
  EXPECT_EQ(times.first_token, 12500us);
  EXPECT_EQ(times.decode, 700ms);
}

TEST(ReadServerTimes, ReadsLlamaCpps) {
  const ServerTimes times = ReadServerTimes(
      R"({"cache_n":7,"prompt_n":3,"prompt_ms":4.125,"predicted_n":8,"predicted_ms":50.5})");
  EXPECT_EQ(times.queue, std::nullopt);
  EXPECT_EQ(times.first_token, 4125us);
  EXPECT_EQ(times.decode, 50500us);
}

TEST(ReadServerTimes, TakesNothingForATimeThatIsNone) {
  for (const char* json :
       {"", "{", "[]", "{}", R"({"queue_time_ms":null})", R"({"queue_time_ms":-1})",
        R"({"queue_time_ms":"3"})", R"({"queue_time_ms":1e300})"}) {
    const ServerTimes times = ReadServerTimes(json);
    EXPECT_FALSE(times.queue || times.first_token || times.decode) << json;
  }
}

}  // namespace
}  // namespace sseprof::server_times_test
