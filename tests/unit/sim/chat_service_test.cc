#include "sim/chat_service.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "loopback_client.h"
#include "wire/json.h"

namespace sseprof::chat_service_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string DeltaText(const std::string& chunk, std::string_view field) {
  const auto document = JsonDocument::Parse(chunk);
  return std::string{
      document.root()["choices"].At(0)["delta"][field].AsString().value_or("(none)")};
}

std::string Text(const HttpResponse& response) {
  std::string text;
  for (const std::string& data : response.EventData()) {
    if (data != "[DONE]" && DeltaText(data, "content") != "(none)") {
      text += DeltaText(data, "content");
    }
  }
  return text;
}

HttpResponse Ask(const SimOptions& options, std::string_view members) {
  RunningServer server{options};
  return LoopbackClient{server.port()}.Post(ChatBody(members));
}

TEST(ChatService, StreamHasTheShapeOfVllm) {
  const HttpResponse response = Ask(FastOptions(), R"("stream":true,"max_tokens":3,
      "stream_options":{"include_usage":true})");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.head, HasSubstr("content-type: text/event-stream; charset=utf-8\r\n"));
  const auto events = response.EventData();
  ASSERT_EQ(events.size(), 6);
  EXPECT_EQ(response.chunks.size(), events.size());
  EXPECT_EQ(DeltaText(events[0], "role"), "assistant");
  EXPECT_EQ(DeltaText(events[0], "content"), "");
  for (const std::size_t i : {1, 2, 3}) {
    EXPECT_EQ(DeltaText(events[i], "role"), "(none)");
    EXPECT_NE(DeltaText(events[i], "content"), "");
    const auto chunk = JsonDocument::Parse(events[i]);
    EXPECT_EQ(chunk.root()["choices"].At(0)["finish_reason"].AsString().value_or("null"),
              i == 3 ? "length" : "null");
  }
  const auto usage = JsonDocument::Parse(events[4]);
  EXPECT_EQ(usage.root()["choices"].size(), 0);
  EXPECT_EQ(usage.root()["usage"]["prompt_tokens"].AsInt(), 12);
  EXPECT_EQ(usage.root()["usage"]["completion_tokens"].AsInt(), 3);
  EXPECT_EQ(events[5], "[DONE]");
}

TEST(ChatService, WholeAnswerIsTheStreamsText) {
  const HttpResponse streamed = Ask(FastOptions(), R"("stream":true,"max_tokens":30)");
  const HttpResponse whole = Ask(FastOptions(), R"("max_tokens":30)");
  EXPECT_THAT(whole.head, HasSubstr("application/json"));
  const auto body = JsonDocument::Parse(whole.body);
  EXPECT_EQ(body.root()["choices"].At(0)["message"]["content"].AsString(), Text(streamed));
}

TEST(ChatService, SameSeedGivesTheSameTextsInTurn) {
  SimOptions options = FastOptions();
  options.seed = 5;
  const auto texts = [&options] {
    RunningServer server{options};
    LoopbackClient client{server.port()};
    const std::string body = ChatBody(R"("stream":true,"max_tokens":20)");
    return std::vector{Text(client.Post(body)), Text(client.Post(body))};
  };
  const auto once = texts();
  EXPECT_NE(once[0], once[1]);
  EXPECT_EQ(once, texts());
  options.seed = 6;
  EXPECT_NE(once, texts());
}

struct UsageCase {
  std::string name;
  SimOptions::Usage policy;
  std::string asked;
  int chunks_with_usage;  ///< of role, two tokens and the usage chunk
};

class UsagePolicy : public testing::TestWithParam<UsageCase> {};

TEST_P(UsagePolicy, DecidesWhichChunksHaveUsage) {
  SimOptions options = FastOptions();
  options.usage = GetParam().policy;
  const auto events =
      Ask(options, R"("stream":true,"max_tokens":2)" + GetParam().asked).EventData();
  int with_usage = 0;
  for (const std::string& event : events) {
    if (event != "[DONE]" && JsonDocument::Parse(event).root()["usage"].IsObject()) ++with_usage;
  }
  EXPECT_EQ(with_usage, GetParam().chunks_with_usage);
  EXPECT_EQ(events.size(), GetParam().chunks_with_usage > 0 ? 5 : 4);
}

const std::string kFinal = R"(,"stream_options":{"include_usage":true})";
const std::string kRunning =
    R"(,"stream_options":{"include_usage":true,"continuous_usage_stats":true})";
const std::string kRunningAlone = R"(,"stream_options":{"continuous_usage_stats":true})";

INSTANTIATE_TEST_SUITE_P(
    Cases, UsagePolicy,
    testing::Values(UsageCase{"NotAsked", SimOptions::Usage::kAsAsked, "", 0},
                    UsageCase{"Final", SimOptions::Usage::kAsAsked, kFinal, 1},
                    UsageCase{"Running", SimOptions::Usage::kAsAsked, kRunning, 4},
                    UsageCase{"RunningNeedsFinal", SimOptions::Usage::kAsAsked, kRunningAlone, 0},
                    UsageCase{"Continuous", SimOptions::Usage::kContinuous, kFinal, 4},
                    UsageCase{"ContinuousNotAsked", SimOptions::Usage::kContinuous, "", 0},
                    UsageCase{"Forced", SimOptions::Usage::kForced, "", 4}),
    [](const auto& test) { return test.param.name; });

TEST(ChatService, TokensComeInGroupsWhereAskedTo) {
  SimOptions options = FastOptions();
  options.tokens_per_event = 4;
  EXPECT_EQ(Ask(options, R"("stream":true,"max_tokens":10)").EventData().size(), 6);
  options.tokens_per_event = 1;
  options.stream_interval = 4;
  EXPECT_EQ(Ask(options, R"("stream":true,"max_tokens":10)").EventData().size(), 6);
}

TEST(ChatService, AnswersEndByThemselvesUnlessToldNotTo) {
  SimOptions options = FastOptions();
  options.eos_after = 1;
  EXPECT_EQ(Ask(options, R"("stream":true,"max_tokens":10)").EventData().size(), 3);
  EXPECT_EQ(Ask(options, R"("stream":true,"max_tokens":10,"ignore_eos":true)").EventData().size(),
            12);
}

TEST(ChatService, RepeatedPromptIsCached) {
  SimOptions options = FastOptions();
  options.prefix_cache = SimOptions::PrefixCache::kOn;
  RunningServer server{options};
  LoopbackClient client{server.port()};
  const std::string body =
      R"({"max_tokens":1,"messages":[{"role":"user","content":"1 2 3 4 5 6 7 8 9 0 1 2 3"}]})";
  const auto cached = [&client, &body] {
    const auto reply = JsonDocument::Parse(client.Post(body).body);
    return reply.root()["usage"]["prompt_tokens_details"]["cached_tokens"].AsInt();
  };
  EXPECT_EQ(cached(), 0);
  EXPECT_EQ(cached(), 32);
}

TEST(ChatService, DisconnectFreesTheSequence) {
  RunningServer server{FastOptions()};
  {
    LoopbackClient streaming{server.port()};
    LoopbackClient waiting{server.port()};
    streaming.SendPost(ChatBody(R"("stream":true,"max_tokens":40000)"));
    waiting.SendPost(ChatBody(R"("max_tokens":40000)"));
    streaming.ReadUntil("\n\n");
    EXPECT_TRUE(server.WaitForMetric("num_requests_running", 2));
  }
  EXPECT_TRUE(server.WaitForMetric("num_requests_running", 0));
  EXPECT_TRUE(server.WaitForMetric(
      R"(request_success_total{engine="0",model_name="m",finished_reason="abort"})", 2));
  EXPECT_TRUE(server.WaitForMetric("kv_cache_usage_perc", 0));
}

class LoggedServer : public testing::Test {
 protected:
  LoggedServer() {
    options_.log_path = testing::TempDir() + "sim_log_" + std::to_string(::getpid());
  }
  ~LoggedServer() override { std::filesystem::remove(options_.log_path); }

  struct Line {
    std::int64_t received_ns;
    std::vector<std::int64_t> times;  ///< before and after of each event in turn
  };

  std::map<std::string, Line> ReadLog() const {
    std::map<std::string, Line> lines;
    std::ifstream file{options_.log_path};
    for (std::string text; std::getline(file, text);) {
      const auto document = JsonDocument::Parse(text);
      Line line{document.root()["received_ns"].AsInt().value(), {}};
      const JsonView events = document.root()["events"];
      for (std::size_t i = 0; i < events.size(); ++i) {
        line.times.push_back(events.At(i).At(0).AsInt().value());
        line.times.push_back(events.At(i).At(1).AsInt().value());
      }
      lines.emplace(document.root()["request_id"].AsString().value(), line);
    }
    return lines;
  }

  SimOptions options_ = FastOptions();
};

TEST_F(LoggedServer, LogHasTheTimesOfEveryEvent) {
  RunningServer server{options_};
  LoopbackClient client{server.port()};
  const std::string body = ChatBody(R"("stream":true,"max_tokens":20)");
  const std::size_t events = client.Post(body, "X-Request-Id: mine\r\n").EventData().size();
  const HttpResponse other = client.Post(body);
  client.Post(ChatBody(R"("max_tokens":1)"), "X-Request-Id: no stream\r\n");
  server.Stop();
  const auto log = ReadLog();
  ASSERT_EQ(log.size(), 2);
  const Line& line = log.at("mine");
  ASSERT_EQ(line.times.size(), 2 * events);
  EXPECT_LE(line.received_ns, line.times.front());
  EXPECT_TRUE(std::is_sorted(line.times.begin(), line.times.end()));
  const auto first = JsonDocument::Parse(other.EventData().front());
  EXPECT_EQ(log.count(std::string{first.root()["id"].AsString().value()}), 1);
}

TEST_F(LoggedServer, LogIsWrittenWhileTheServerIdles) {
  RunningServer server{options_};
  LoopbackClient client{server.port()};
  client.Post(ChatBody(R"("stream":true,"max_tokens":2)"), "X-Request-Id: mine\r\n");
  for (int tries = 0; tries < 1000 && ReadLog().empty(); ++tries) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(ReadLog().count("mine"), 1);
}

TEST_F(LoggedServer, StreamsCutByStopAreLogged) {
  RunningServer server{options_};
  LoopbackClient client{server.port()};
  client.SendPost(ChatBody(R"("stream":true,"max_tokens":40000)"), "X-Request-Id: mine\r\n");
  client.ReadUntil("\n\n");
  server.Stop();
  const auto log = ReadLog();
  ASSERT_EQ(log.count("mine"), 1);
  EXPECT_GE(log.at("mine").times.size(), 2);
}

TEST_F(LoggedServer, SlowReadersEventsAreStampedWhenTheKernelTakesThem) {
  options_.pace = PaceOptions{.itl = 20us, .ttft = 0ms};
  RunningServer server{options_};
  LoopbackClient client{server.port(), 4096};
  constexpr int kTokens = 15000;
  client.SendPost(ChatBody(R"("stream":true,"return_token_ids":true,"max_tokens":)" +
                           std::to_string(kTokens) + kRunning),
                  "X-Request-Id: mine\r\n");
  EXPECT_TRUE(server.WaitForMetric("generation_tokens_total", kTokens));
  EXPECT_TRUE(server.WaitForMetric("num_requests_running", 0));
  EXPECT_THAT(ReadLog(), IsEmpty());
  EXPECT_EQ(client.Receive().EventData().size(), kTokens + 3);
  server.Stop();
  const auto log = ReadLog();
  const Line& line = log.at("mine");
  ASSERT_EQ(line.times.size(), 2 * (kTokens + 3));
  EXPECT_TRUE(std::is_sorted(line.times.begin(), line.times.end()));
}

TEST(ChatService, ReaderThatLeavesTooMuchUnreadIsDisconnected) {
  SimOptions options = FastOptions();
  options.pace = PaceOptions{.itl = 10us, .ttft = 0ms};
  RunningServer server{options};
  LoopbackClient client{server.port(), 4096};
  client.SendPost(ChatBody(R"("stream":true,"return_token_ids":true,"max_tokens":40900,
                              "stream_options":{"include_usage":true,
                                                "continuous_usage_stats":true})"));
  EXPECT_TRUE(server.WaitForMetric(
      R"(request_success_total{engine="0",model_name="m",finished_reason="abort"})", 1));
  EXPECT_THROW(client.ReadUntil("[DONE]"), std::runtime_error);
}

}  // namespace
}  // namespace sseprof::chat_service_test
