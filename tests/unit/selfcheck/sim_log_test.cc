#include "selfcheck/sim_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace sseprof::sim_log_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<SentStream> Read(const std::string& text) {
  std::istringstream log(text);
  std::vector<SentStream> streams;
  ReadSimLog(log, [&streams](const SentStream& stream) { streams.push_back(stream); });
  return streams;
}

TEST(SimLog, GivesEveryStream) {
  const auto streams = Read(
      "{\"request_id\":\"r-0\",\"received_ns\":100,\"events\":[[200,210],[300,305]]}\n"
      "{\"request_id\":\"r-1\",\"received_ns\":150,\"events\":[]}\n");
  ASSERT_EQ(streams.size(), 2u);
  EXPECT_EQ(streams[0].request_id, "r-0");
  EXPECT_EQ(streams[0].received, Instant{Nanos{100}});
  ASSERT_EQ(streams[0].sends.size(), 2u);
  EXPECT_EQ(streams[0].sends[1].before, Instant{Nanos{300}});
  EXPECT_EQ(streams[0].sends[1].after, Instant{Nanos{305}});
  EXPECT_EQ(streams[1].request_id, "r-1");
  EXPECT_TRUE(streams[1].sends.empty());
}

TEST(SimLog, OfNothingIsNothing) { EXPECT_TRUE(Read("").empty()); }

TEST(SimLog, NamesTheLineThatIsCut) {
  const std::string good = "{\"request_id\":\"r\",\"received_ns\":1,\"events\":[]}\n";
  EXPECT_THAT([&] { Read(good + "{\"request_id\":\"r-1\",\"recei"); },
              ThrowsMessage<TruthMismatch>(HasSubstr("line 2")));
}

TEST(SimLog, RefusesWhatIsNoStream) {
  for (const char* line : {
           "[]",
           "{\"received_ns\":1,\"events\":[]}",
           "{\"request_id\":\"r\",\"events\":[]}",
           "{\"request_id\":\"r\",\"received_ns\":1}",
           "{\"request_id\":\"r\",\"received_ns\":1,\"events\":[[1]]}",
           "{\"request_id\":\"r\",\"received_ns\":1,\"events\":[7]}",
           "{\"request_id\":\"r\",\"received_ns\":1,\"events\":[[2,1]]}",
       }) {
    EXPECT_THROW(Read(line), TruthMismatch) << line;
  }
}

}  // namespace
}  // namespace sseprof::sim_log_test
