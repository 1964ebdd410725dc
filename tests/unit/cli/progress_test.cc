#include "cli/progress.h"

#include <gtest/gtest.h>

namespace sseprof {
namespace {

TEST(ProgressLineTest, CountsRequestsAndTheRateOfTheLastSpan) {
  RunMetrics metrics(
      {.facts = {.run = "r", .variant = "v"}, .starts_over = [](Instant) { return false; }});
  RequestRecord record;
  metrics.loop(0).OnStart(record);
  metrics.loop(0).OnStart(record);
  record.events.push_back({.tokens = 3, .kind = EventKind::kVisible});
  metrics.loop(0).OnEvent(record, record.events.back());
  metrics.loop(0).OnFinish(record, 3);
  const RunReading reading = metrics.Read({});
  EXPECT_EQ(ProgressLine(reading, nullptr, std::chrono::seconds(2), {.requests = 5}),
            "1/5 requests done, 1 in flight, 0 failed, 2 tok/s");
}

}  // namespace
}  // namespace sseprof
