#include <gtest/gtest.h>

#include <string>

#include "unit/count_allocations.h"
#include "unit/load/live_request_fixture.h"

#ifdef SSEPROF_COUNTS_ALLOCATIONS

namespace sseprof::allocation_test {
namespace {

class QuietRequest : public LiveRequest::Owner, public LiveSink {
 public:
  void OnRequestEnd(LiveRequest&) override {}
  void OnStart(const RequestRecord&) override {}
  void OnEvents(const RequestRecord& record, std::size_t first) override {
    events += static_cast<int>(record.events.size() - first);
  }
  void OnFinish(const RequestRecord&, std::int64_t) override {}
  int events = 0;
};

TEST(LiveRequestAllocationTest, TheTokenPathDoesNotAllocate) {
  QuietRequest quiet;
  const ScriptedTransport clock({}, kStart);
  ChatChunkReader reader;
  const LiveRequest::Loop loop{.transport = clock, .reader = reader, .live = &quiet};
  LiveRequest request(loop, quiet);
  const std::string token = Event(
      R"({"id":"a-rather-long-id-of-a-chunk","choices":[{"index":0,"delta":{"content":"a word"},)"
      R"("token_ids":[1]}],"usage":{"prompt_tokens":1,"completion_tokens":2}})");
  RequestRecord base;
  base.start = kStart;
  base.max_tokens = 300;
  request.Begin(base);
  request.OnHead(StreamHead());
  request.OnBody({.bytes = token, .at = kStart + 1ms});  // brings id and choice
  EXPECT_EQ(AllocationsOf([&] {
              for (int i = 0; i < 299; ++i) {
                request.OnBody({.bytes = token, .at = kStart + 2ms, .width = 1us});
                if (i % 3 == 2) request.OnReadEnd();
              }
            }),
            0);
  request.OnReadEnd();
  EXPECT_EQ(quiet.events, 300);
}

}  // namespace
}  // namespace sseprof::allocation_test

#endif
