#include "sseprof/chat_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "wire/json.h"

namespace sseprof::chat_request_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kMessages = R"([{"role":"user","content":"hi"}])";

ChatOptions Options() { return {.model = "m"}; }

std::string Body(const ChatOptions& options, const AddedFields& added = {}) {
  return BuildChatBody(options, kMessages, std::nullopt, added);
}

TEST(ChatRequest, AsksForAStreamWithUsageByDefault) {
  EXPECT_EQ(Body(Options()),
            R"({"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":256,)"
            R"("temperature":0.0,"stream":true,"stream_options":{"include_usage":true}})");
}

TEST(ChatRequest, AddsWhatIsAskedFor) {
  ChatOptions options = Options();
  options.ignore_eos = true;
  options.temperature = 0.7;
  const AddedFields all{.include_usage = true, .continuous_usage = true, .token_ids = true};
  EXPECT_EQ(Body(options, all),
            R"({"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":256,)"
            R"("temperature":0.7,"stream":true,)"
            R"("stream_options":{"include_usage":true,"continuous_usage_stats":true},)"
            R"("return_token_ids":true,"ignore_eos":true})");
}

TEST(ChatRequest, LeavesOutWhatIsNotAskedFor) {
  EXPECT_EQ(Body(Options(), {.include_usage = false}),
            R"({"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":256,)"
            R"("temperature":0.0,"stream":true})");
}

TEST(ChatRequest, WithoutAStreamNothingIsAddedForIt) {
  ChatOptions options = Options();
  options.stream = false;
  const AddedFields all{.include_usage = true, .continuous_usage = true, .token_ids = true};
  EXPECT_EQ(Body(options, all),
            R"({"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":256,)"
            R"("temperature":0.0,"stream":false})");
}

TEST(ChatRequest, APromptsOwnMaxTokensWins) {
  const std::string body = BuildChatBody(Options(), kMessages, 7, {});
  EXPECT_EQ(JsonDocument::Parse(body).root()["max_tokens"].AsInt(), 7);
}

TEST(ChatRequest, TheModelsNameIsEscaped) {
  ChatOptions options = Options();
  options.model = "a\"b\\c";
  EXPECT_EQ(JsonDocument::Parse(Body(options)).root()["model"].AsString(), "a\"b\\c");
}

TEST(ChatRequest, TheExtraBodyComesLastAndOverridesOurKeys) {
  ChatOptions options = Options();
  options.extra_body = R"({"top_p": 0.9, "max_tokens": null, "stream_options": {"x": [1, 2]}})";
  EXPECT_EQ(Body(options, {.token_ids = true}),
            R"({"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.0,)"
            R"("stream":true,"return_token_ids":true,"top_p":0.9,"max_tokens":null,)"
            R"("stream_options":{"x":[1,2]}})");
}

TEST(ChatRequest, AnyOfOurKeysCanBeOverridden) {
  ChatOptions options = Options();
  options.ignore_eos = true;
  options.extra_body =
      R"({"model":1,"messages":2,"max_tokens":3,"temperature":4,"stream":5,"stream_options":6,)"
      R"("return_token_ids":7,"ignore_eos":8})";
  EXPECT_EQ(Body(options, {.token_ids = true}), options.extra_body);
}

std::string Problem(const std::string& extra_body) {
  ChatOptions options = Options();
  options.extra_body = extra_body;
  try {
    Body(options);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(ChatRequest, AnExtraBodyMustBeAnObject) {
  EXPECT_THAT(Problem("{\"a\": }"), HasSubstr("line 1, column 7"));
  EXPECT_THAT(Problem("[1]"), HasSubstr("no JSON object"));
  EXPECT_THAT(Problem(" "), HasSubstr("line 1"));
}

struct Refusal {
  std::string_view message;
  AddedFields asked;
  std::optional<AddedFields> left;
};

TEST(ChatRequest, ARefusedFieldIsDropped) {
  const AddedFields all{.include_usage = true, .continuous_usage = true, .token_ids = true};
  const std::vector<Refusal> rows = {
      {"model not found", all, {}},
      {"", all, {}},
      {"Unrecognized request argument: return_token_ids", all, AddedFields{true, true, false}},
      {"stream_options.continuous_usage_stats: extra inputs", all, AddedFields{true, false, true}},
      {"stream_options.include_usage: extra inputs", all, AddedFields{false, false, true}},
      {"unknown key stream_options", all, AddedFields{true, false, true}},
      {"unknown key stream_options", AddedFields{true, false, true},
       AddedFields{false, false, true}},
      {"unknown key stream_options", AddedFields{false, false, true}, {}},
      {"return_token_ids", AddedFields{true, true, false}, {}},
      {"continuous_usage_stats", AddedFields{true, false, false}, {}},
      {R"([{"loc":["body","stream_options","continuous_usage_stats"]},{"loc":["return_token_ids"]}])",
       all, AddedFields{true, false, false}},
  };
  for (const Refusal& row : rows) {
    SCOPED_TRACE(row.message);
    EXPECT_EQ(FieldsAfterRefusal(row.asked, row.message), row.left);
  }
}

TEST(ChatRequest, AnEchoOfTheBodyRefusesNothing) {
  const AddedFields all{true, true, true};
  EXPECT_EQ(FieldsAfterRefusal(all, R"([{'loc': ('body', 'messages'), 'msg': 'bad role', 'input': )"
                                    R"({'stream_options': {'include_usage': True}}}])"),
            std::nullopt);
  EXPECT_EQ(FieldsAfterRefusal(all, R"([{"loc":["body","return_token_ids"],"input":true}])"),
            (AddedFields{true, true, false}));
}

TEST(ChatRequest, RefusalsComeToAnEnd) {
  std::optional<AddedFields> fields = AddedFields{true, true, true};
  int refusals = 0;
  while ((fields = FieldsAfterRefusal(*fields, "stream_options, return_token_ids"))) ++refusals;
  EXPECT_EQ(refusals, 2);
}

TEST(ChatRequest, NamesWhatWasDropped) {
  const AddedFields all{true, true, true};
  EXPECT_THAT(DroppedNames(all, all), IsEmpty());
  EXPECT_THAT(DroppedNames(all, {false, false, false}),
              ElementsAre("stream_options.include_usage", "stream_options.continuous_usage_stats",
                          "return_token_ids"));
  EXPECT_THAT(DroppedNames({false, false, false}, all), IsEmpty());
}

}  // namespace
}  // namespace sseprof::chat_request_test
