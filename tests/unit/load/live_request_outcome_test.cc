#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "load/live_request.h"
#include "unit/load/live_request_fixture.h"

namespace sseprof::live_request_outcome_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(LiveRequestTest, HttpStatusesFailWithTheServersWords) {
  struct Case {
    int status;
    std::string body;
    Outcome outcome;
    std::string message;
  };
  const Case cases[] = {
      {400, R"({"error":{"message":"too long","code":400}})", Outcome::kHttp4xx, "too long"},
      {404, "", Outcome::kHttp4xx, "HTTP status 404"},
      {429, R"({"error":"slow down"})", Outcome::kHttp429, "slow down"},
      {503, "<html>busy</html>", Outcome::kHttp5xx, "<html>busy</html>"},
      {500, std::string(1000, 'x'), Outcome::kHttp5xx, std::string(512, 'x')},
      {204, "", Outcome::kNotSse, "HTTP status 204"},
  };
  for (const Case& test : cases) {
    const RequestRecord& record =
        Answer({.status = test.status, .content_type = "application/json"}, test.body);
    EXPECT_EQ(record.outcome, test.outcome) << test.status;
    EXPECT_EQ(record.http_status, test.status);
    EXPECT_EQ(record.message, test.message);
    EXPECT_TRUE(record.events.empty());
  }
}

TEST_F(LiveRequestTest, RedirectTellsItsTarget) {
  const RequestRecord& record = Answer({.status = 308, .location = "https://gw/v1"}, "moved");
  EXPECT_EQ(record.outcome, Outcome::kHttp3xx);
  EXPECT_EQ(record.message, "https://gw/v1");
}

TEST_F(LiveRequestTest, RefusalKeepsTheWholeWords) {
  const std::string words(600, 'w');
  Answer({.status = 400}, R"({"message":")" + words + "\"}");
  EXPECT_EQ(request_->record().message, words.substr(0, 512));
  EXPECT_EQ(request_->refusal(), words);
  Begin();
  EXPECT_EQ(request_->refusal(), "");
}

TEST_F(LiveRequestTest, AnErrorBodyIsReadUpTo64KiB) {
  request_->OnHead({.status = 500});
  EXPECT_TRUE(Body(std::string(65535, 'x')));
  EXPECT_FALSE(Body("y"));
  EXPECT_EQ(End(Result::kCancelled).outcome, Outcome::kHttp5xx);
}

TEST_F(LiveRequestTest, MediaTypeIsComparedWithoutCaseAndParameters) {
  const std::string body = kText + kFinish + kDoneMark;
  EXPECT_TRUE(
      Answer({.status = 200, .content_type = "Text/Event-Stream; charset=UTF-8"}, body).good());
  EXPECT_TRUE(
      Answer({.status = 200, .content_type = "text/event-stream", .content_encoding = "Identity"},
             body)
          .good());
}

TEST_F(LiveRequestTest, NotAStream) {
  const RequestRecord& json =
      Answer({.status = 200, .content_type = "application/json"}, R"({"error":"no model"})");
  EXPECT_EQ(json.outcome, Outcome::kNotSse);
  EXPECT_EQ(json.message, "application/json: no model");
  const RequestRecord& gzip = Answer(
      {.status = 200, .content_type = "text/event-stream", .content_encoding = "gzip"}, "\x1f\x8b");
  EXPECT_EQ(gzip.outcome, Outcome::kNotSse);
  EXPECT_EQ(gzip.message, "content-encoding gzip");
  EXPECT_EQ(Answer({.status = 200}, "").message, "no content-type");
}

TEST_F(LiveRequestTest, BadEventFailsButParsingGoesOn) {
  const RequestRecord& record =
      Stream(kText + Event("{\"a\":" + std::string(200, '[')) + kText + kFinish + kDoneMark);
  EXPECT_EQ(record.outcome, Outcome::kBadEvent);
  EXPECT_THAT(record.message, HasSubstr(": {\"a\":[[["));
  EXPECT_LT(record.message.size(), 200u);
  EXPECT_EQ(Kinds(), "vxvfd");
  EXPECT_THAT(record.finish_reasons, ElementsAre("stop"));
}

TEST_F(LiveRequestTest, ErrorEventsFail) {
  EXPECT_EQ(Stream(kText + Event(R"({"error":{"message":"worker gone"}})") + kDoneMark).outcome,
            Outcome::kErrorEvent);
  EXPECT_EQ(request_->record().message, "worker gone");
  EXPECT_EQ(Kinds(), "vxd");
  EXPECT_EQ(Stream("event: error\ndata: boom\n\n").outcome, Outcome::kErrorEvent);
  EXPECT_EQ(request_->record().message, "boom");
  EXPECT_EQ(Stream(kText + Delta("{}", "\"abort\"") + kDoneMark).outcome, Outcome::kErrorEvent);
  EXPECT_EQ(request_->record().message, "finish_reason abort");
  EXPECT_EQ(Stream(kText + Delta("{}", "\"error\"") + kDoneMark).outcome, Outcome::kErrorEvent);
}

TEST_F(LiveRequestTest, TheFirstCauseCounts) {
  const RequestRecord& record =
      Stream(Event("{") + Event(R"({"error":"late"})"), Result::kBroken, "reset");
  EXPECT_EQ(record.outcome, Outcome::kBadEvent);
}

TEST_F(LiveRequestTest, TruncatedStreams) {
  EXPECT_EQ(Stream(kText).outcome, Outcome::kTruncated);
  EXPECT_EQ(request_->record().message, "choice 0 has no finish_reason");
  EXPECT_EQ(Stream(kText + kDoneMark).outcome, Outcome::kTruncated);
  EXPECT_EQ(request_->record().message, "choice 0 has no finish_reason, though [DONE] came");
  EXPECT_EQ(Stream("").outcome, Outcome::kTruncated);
  EXPECT_EQ(request_->record().message, "no choice was opened");
  EXPECT_EQ(Stream(kDoneMark).outcome, Outcome::kTruncated);
  EXPECT_EQ(Stream(kText, Result::kBroken, "connection reset").outcome, Outcome::kTruncated);
  EXPECT_THAT(request_->record().message, HasSubstr("connection reset"));
  EXPECT_EQ(Stream(kText + kFinish, Result::kBroken, "reset").outcome, Outcome::kTruncated);
  EXPECT_THAT(request_->record().message, StartsWith("the answer broke off before [DONE]"));
  Begin();
  EXPECT_EQ(End(Result::kBroken, "empty reply").outcome, Outcome::kTruncated);
  EXPECT_EQ(request_->record().http_status, 0);
}

TEST_F(LiveRequestTest, AnnotationsDoNotOpenAChoice) {
  const std::string annotation = Event(R"({"choices":[{"index":1,"finish_reason":null}]})");
  EXPECT_TRUE(Stream(annotation + kText + kFinish + annotation + kDoneMark).good());
  EXPECT_EQ(Stream(annotation + kDoneMark).message, "no choice was opened, though [DONE] came");
}

TEST_F(LiveRequestTest, EveryOpenedChoiceMustFinish) {
  const auto chunk = [](int index, const std::string& finish) {
    return Event(R"({"choices":[{"index":)" + std::to_string(index) +
                 R"(,"delta":{"content":"a"},"finish_reason":)" + finish + "}]}");
  };
  const std::string begin = chunk(0, "null") + chunk(2, "null") + chunk(0, "\"stop\"");
  EXPECT_EQ(Stream(begin + kDoneMark).message, "choice 2 has no finish_reason, though [DONE] came");
  const RequestRecord& record = Stream(begin + chunk(2, "\"length\"") + kDoneMark);
  EXPECT_TRUE(record.good());
  EXPECT_THAT(record.finish_reasons, ElementsAre("stop", "", "length"));
  EXPECT_EQ(record.events[1].choice, 2);
}

TEST_F(LiveRequestTest, TransportErrorsAfterAWholeAnswerDoNotCount) {
  const std::string whole = kText + kFinish + kDoneMark;
  EXPECT_TRUE(Stream(whole, Result::kBroken, "reset").good());
  Begin();
  request_->OnHead(StreamHead());
  Body(whole);
  request_->Fail(Outcome::kTimeout, "late");
  EXPECT_TRUE(End(Result::kCancelled).good());
}

TEST_F(LiveRequestTest, ConnectAndTlsFailures) {
  EXPECT_EQ(End(Result::kConnect, "refused").outcome, Outcome::kConnect);
  EXPECT_EQ(request_->record().message, "refused");
  Begin();
  EXPECT_EQ(End(Result::kTls, "bad certificate").outcome, Outcome::kTls);
}

TEST_F(LiveRequestTest, TheRunnersReasonStandsBeforeTheCancelling) {
  request_->OnHead(StreamHead());
  Body(kText, 3ms);
  request_->Fail(Outcome::kStalled, "nothing arrived for 5 s");
  const RequestRecord& record = End(Result::kCancelled, "cancelled");
  EXPECT_EQ(record.outcome, Outcome::kStalled);
  EXPECT_EQ(record.message, "nothing arrived for 5 s");
  EXPECT_EQ(Ttft(record), 3ms) << "times so far are kept";
}

TEST_F(LiveRequestTest, TooLargeALineEndsTheTransfer) {
  request_->OnHead(StreamHead());
  EXPECT_FALSE(Body("data: " + std::string((1 << 20) + 1, 'x')));
  EXPECT_EQ(End(Result::kCancelled).outcome, Outcome::kTooLarge);
}

TEST_F(LiveRequestTest, WholeAnswers) {
  Make({.stream = false});
  const ResponseHead head{.status = 200, .content_type = "application/json"};
  const std::string answer =
      R"({"id":"w","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"length"}],)"
      R"("usage":{"completion_tokens":4}})";
  request_->OnHead(head);
  Body(answer.substr(0, 30), 2ms);
  Body(answer.substr(30), 3ms);
  const RequestRecord& record = End();
  EXPECT_TRUE(record.good());
  EXPECT_FALSE(record.done_missing);
  EXPECT_EQ(record.end, 3ms);
  EXPECT_EQ(record.usage->completion_tokens, 4);
  EXPECT_EQ(record.server_id, "w");
  EXPECT_THAT(record.finish_reasons, ElementsAre("length"));
  EXPECT_TRUE(record.events.empty());

  EXPECT_EQ(Answer(head, "<html>").outcome, Outcome::kBadEvent);
  EXPECT_EQ(Answer(head, R"({"error":"x"})").outcome, Outcome::kErrorEvent);
  EXPECT_EQ(Answer(head, answer.substr(0, 30), Result::kBroken, "eof").outcome,
            Outcome::kTruncated);
  EXPECT_EQ(Answer(head, R"({"choices":[]})").outcome, Outcome::kTruncated);
}

TEST_F(LiveRequestTest, WholeAnswersHaveALimit) {
  Make({.stream = false});
  request_->OnHead({.status = 200});
  const std::string block(std::size_t{16} << 20, ' ');
  EXPECT_TRUE(Body(block) && Body(block) && Body(block));
  EXPECT_FALSE(Body(block));
  EXPECT_EQ(End(Result::kCancelled).outcome, Outcome::kTooLarge);
}

}  // namespace
}  // namespace sseprof::live_request_outcome_test
