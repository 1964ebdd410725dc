#include "sim/sim_server.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "loopback_client.h"
#include "sseprof/error.h"
#include "wire/json.h"

namespace sseprof::sim_server_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(SimServer, AnswersTheSmallRoutes) {
  RunningServer server{FastOptions()};
  LoopbackClient client{server.port()};
  const HttpResponse models = client.Get("/v1/models");
  EXPECT_EQ(models.status, 200);
  EXPECT_EQ(JsonDocument::Parse(models.body).root()["data"].At(0)["id"].AsString(), "m");
  EXPECT_EQ(client.Get("/health").status, 200);
  EXPECT_EQ(client.Get("/health?x=1").status, 200);
  EXPECT_THAT(client.Get("/version").body, HasSubstr("version"));
  const HttpResponse metrics = client.Get("/metrics");
  EXPECT_THAT(metrics.head, HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(metrics.body, HasSubstr("vllm:num_requests_running{"));
}

TEST(SimServer, RefusesWhatItDoesNotKnow) {
  RunningServer server{FastOptions()};
  LoopbackClient client{server.port()};
  EXPECT_EQ(client.Get("/v2").status, 404);
  EXPECT_EQ(client.Get("/v1/chat/completions").status, 405);
  const HttpResponse wrong_model = client.Post(ChatBody(R"("model":"other")"));
  EXPECT_EQ(wrong_model.status, 404);
  EXPECT_EQ(JsonDocument::Parse(wrong_model.body).root()["error"]["type"].AsString(),
            "NotFoundError");
  EXPECT_EQ(client.Post("{").status, 400);
  EXPECT_EQ(client.Post("{}").status, 400);
  EXPECT_EQ(client.Post(ChatBody(R"("max_tokens":0,"stream":true)")).status, 400);
  EXPECT_TRUE(server.WaitForMetric("prompt_tokens_total", 0));
}

TEST(SimServer, AsksForTheKeyUnderV1) {
  SimOptions options = FastOptions();
  options.api_key = "sesame";
  RunningServer server{options};
  LoopbackClient client{server.port()};
  const std::string body = ChatBody(R"("max_tokens":1)");
  const HttpResponse refused = client.Post(body);
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.body, R"({"error":"Unauthorized"})");
  EXPECT_EQ(client.Post(body, "Authorization: Bearer other\r\n").status, 401);
  EXPECT_EQ(client.Get("/v1/models").status, 401);
  EXPECT_EQ(client.Post(body, "Authorization: Bearer sesame\r\n").status, 200);
  EXPECT_EQ(client.Get("/health").status, 200);
}

TEST(SimServer, HoldsManyStreamsAtOnce) {
  constexpr int kStreams = 200;
  SimOptions options = FastOptions();
  options.engine.max_num_seqs = kStreams;
  options.engine.step_base = 50ms;
  RunningServer server{options};
  std::vector<std::unique_ptr<LoopbackClient>> clients;
  for (int i = 0; i < kStreams; ++i) {
    clients.push_back(std::make_unique<LoopbackClient>(server.port()));
    clients.back()->SendPost(ChatBody(R"("stream":true,"max_tokens":40)"));
  }
  EXPECT_TRUE(server.WaitForMetric("num_requests_running", kStreams));
  for (const auto& client : clients) EXPECT_EQ(client->Receive().EventData().size(), 42);
  EXPECT_TRUE(server.WaitForMetric("generation_tokens_total", 40 * kStreams));
}

TEST(SimServer, QueuesBeyondMaxNumSeqs) {
  SimOptions options = FastOptions();
  options.engine.max_num_seqs = 1;
  options.engine.step_base = 20ms;
  RunningServer server{options};
  LoopbackClient first{server.port()};
  LoopbackClient second{server.port()};
  first.SendPost(ChatBody(R"("stream":true,"max_tokens":50)"));
  first.ReadUntil("\r\n\r\n");
  second.SendPost(ChatBody(R"("stream":true,"max_tokens":1)"));
  EXPECT_TRUE(server.WaitForMetric("num_requests_waiting", 1));
  EXPECT_EQ(second.Receive().status, 200);
}

TEST(SimServer, PacedStreamsKeepTheirGap) {
  SimOptions options = FastOptions();
  options.pace = PaceOptions{.itl = 5ms, .ttft = 40ms, .phase = PaceOptions::Phase::kUniform};
  RunningServer server{options};
  LoopbackClient client{server.port()};
  const auto started = std::chrono::steady_clock::now();
  client.SendPost(ChatBody(R"("stream":true,"max_tokens":21)"));
  client.ReadUntil("\n\n");
  EXPECT_GE(std::chrono::steady_clock::now() - started, 40ms);
  client.ReadUntil("[DONE]");
  EXPECT_GE(std::chrono::steady_clock::now() - started, 40ms + 20 * 5ms);
}

TEST(SimServer, StopBeforeRunEndsItAtOnce) {
  SimServer server{FastOptions()};
  server.Stop();
  server.Run();
}

TEST(SimServer, StopCutsStreams) {
  RunningServer server{FastOptions()};
  LoopbackClient client{server.port()};
  client.SendPost(ChatBody(R"("stream":true,"max_tokens":40000)"));
  client.ReadUntil("\n\n");
  server.Stop();
  EXPECT_THROW(client.ReadUntil("[DONE]"), std::runtime_error);
}

TEST(SimServer, TakenPortIsAUsageError) {
  const SimServer first{FastOptions()};
  SimOptions options = FastOptions();
  options.port = first.port();
  EXPECT_THROW(SimServer{options}, UsageError);
}

TEST(SimServer, ImpossibleOptionsAreUsageErrors) {
  const auto refused = [](auto change) {
    SimOptions options = FastOptions();
    change(options);
    EXPECT_THROW(SimServer{options}, UsageError);
  };
  refused([](SimOptions& options) { options.model = ""; });
  refused([](SimOptions& options) { options.tokens_per_event = 0; });
  refused([](SimOptions& options) { options.stream_interval = 0; });
  refused([](SimOptions& options) { options.reasoning_tokens = -1; });
  refused([](SimOptions& options) { options.eos_after = 0.5; });
  refused([](SimOptions& options) { options.engine.max_num_seqs = 0; });
  refused([](SimOptions& options) { options.engine.jitter = 0.3; });
  refused([](SimOptions& options) { options.engine.step_base = 0ms; });
  refused([](SimOptions& options) { options.pace = PaceOptions{.itl = 0ms}; });
  refused([](SimOptions& options) { options.pace = PaceOptions{.ttft = -1ms}; });
  refused([](SimOptions& options) { options.log_path = "/nonexistent/dir/log"; });
}

}  // namespace
}  // namespace sseprof::sim_server_test
