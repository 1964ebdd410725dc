#include "out/record_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "out/record_file.h"
#include "out/record_parse.h"
#include "sample_run.h"
#include "wire/json.h"

namespace sseprof::record_lines_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

RequestRecord ReadBack(const RequestRecord& record) {
  return std::get<RequestRecord>(ParseRecordLine(RequestLine(record)));
}

/// A record in which every field is set.
RequestRecord FullRecord() {
  RequestRecord record;
  record.n = 17;
  record.request_id = "r-7f3a-17";
  record.server_id = "chatcmpl-\"x\"\n\xC3\xA4";
  record.scheduled = Instant{1s};
  record.ready = Instant{2s};
  record.start = Instant{3s};
  record.sent = 90us;
  record.connect_start = 5us;
  record.connect = 40us;
  record.tls = 70us;
  record.first_byte = 20ms;
  record.end = 60ms;
  record.closed = 61ms;
  record.events = {
      {.at = 21ms, .choice = 0, .kind = EventKind::kEmpty},
      {.at = 22ms, .width = 4us, .tokens = 2, .choice = 1, .kind = EventKind::kVisible},
      {.at = 23ms, .tokens = 1, .choice = 0, .kind = EventKind::kOther},
      {.at = 24ms, .choice = 2, .kind = EventKind::kFinish},
      {.at = 25ms, .kind = EventKind::kUsage},
      {.at = 26ms, .kind = EventKind::kUnknown},
      {.at = 27ms, .kind = EventKind::kError},
      {.at = 60ms, .width = 2ms, .kind = EventKind::kDone},
  };
  record.extra_choices = {{.event = 2, .choice = 1}, {.event = 2, .choice = 3}};
  record.tokens_from = TokenSource::kLogprobs;
  record.client_delay = 33us;
  record.outcome = Outcome::kErrorEvent;
  record.http_status = 200;
  record.message = "overloaded";
  record.usage = Usage{.prompt_tokens = 110, .cached_tokens = 96, .reasoning_tokens = 0};
  record.server_metrics = R"({"prompt_ms":1.5,"n":[1,2]})";
  record.finish_reasons = {"stop", "", "length"};
  record.prompt = 2;
  record.max_tokens = 256;
  record.done_missing = true;
  record.warmup = true;
  record.retried = true;
  record.resent = true;
  record.reused = true;
  record.text = "visible";
  record.reasoning = "";
  return record;
}

void ExpectSameEvents(const RequestRecord& a, const RequestRecord& b) {
  ASSERT_EQ(a.events.size(), b.events.size());
  for (std::size_t i = 0; i < a.events.size(); ++i) {
    EXPECT_EQ(a.events[i].at, b.events[i].at) << i;
    EXPECT_EQ(a.events[i].width, b.events[i].width) << i;
    EXPECT_EQ(a.events[i].tokens, b.events[i].tokens) << i;
    EXPECT_EQ(a.events[i].choice, b.events[i].choice) << i;
    EXPECT_EQ(a.events[i].kind, b.events[i].kind) << i;
  }
  ASSERT_EQ(a.extra_choices.size(), b.extra_choices.size());
  for (std::size_t i = 0; i < a.extra_choices.size(); ++i) {
    EXPECT_EQ(a.extra_choices[i].event, b.extra_choices[i].event) << i;
    EXPECT_EQ(a.extra_choices[i].choice, b.extra_choices[i].choice) << i;
  }
}

void ExpectSame(const RequestRecord& a, const RequestRecord& b) {
  EXPECT_EQ(a.n, b.n);
  EXPECT_EQ(a.request_id, b.request_id);
  EXPECT_EQ(a.server_id, b.server_id);
  EXPECT_EQ(a.scheduled, b.scheduled);
  EXPECT_EQ(a.ready, b.ready);
  EXPECT_EQ(a.start, b.start);
  EXPECT_EQ(a.sent, b.sent);
  EXPECT_EQ(a.connect_start, b.connect_start);
  EXPECT_EQ(a.connect, b.connect);
  EXPECT_EQ(a.tls, b.tls);
  EXPECT_EQ(a.first_byte, b.first_byte);
  EXPECT_EQ(a.end, b.end);
  EXPECT_EQ(a.closed, b.closed);
  ExpectSameEvents(a, b);
  EXPECT_EQ(a.tokens_from, b.tokens_from);
  EXPECT_EQ(a.client_delay, b.client_delay);
  EXPECT_EQ(a.outcome, b.outcome);
  EXPECT_EQ(a.http_status, b.http_status);
  EXPECT_EQ(a.message, b.message);
  EXPECT_EQ(a.usage, b.usage);
  EXPECT_EQ(a.server_metrics, b.server_metrics);
  EXPECT_EQ(a.finish_reasons, b.finish_reasons);
  EXPECT_EQ(a.prompt, b.prompt);
  EXPECT_EQ(a.max_tokens, b.max_tokens);
  EXPECT_EQ(a.done_missing, b.done_missing);
  EXPECT_EQ(a.warmup, b.warmup);
  EXPECT_EQ(a.retried, b.retried);
  EXPECT_EQ(a.resent, b.resent);
  EXPECT_EQ(a.reused, b.reused);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.reasoning, b.reasoning);
}

TEST(RequestLine, ReadsBackInEveryField) {
  for (const RequestRecord& record : {FullRecord(), RequestRecord{}}) {
    ExpectSame(ReadBack(record), record);
    EXPECT_EQ(RequestLine(ReadBack(record)), RequestLine(record));
  }
  for (const RequestRecord& record : SampleRecords()) ExpectSame(ReadBack(record), record);
}

TEST(RequestLine, IsOneLineWhateverTheTexts) {
  RequestRecord record = FullRecord();
  record.server_metrics = "{\"a\":\r\n 1}";
  EXPECT_EQ(RequestLine(record).find_first_of("\r\n"), std::string::npos);
  EXPECT_EQ(ReadBack(record).server_metrics, R"({"a":1})");
}

TEST(RequestLine, LooksLikeThis) {
  const RequestRecord record = RecordBuilder(3)
                                   .Start(7s)
                                   .Sent(80us)
                                   .Event(EventKind::kEmpty, 20ms)
                                   .Output(20ms, 1, 150us)
                                   .Output(27ms)
                                   .Finish("stop")
                                   .UsageTokens(110, 2)
                                   .Build();
  EXPECT_EQ(RequestLine(record),
            R"({"n":3,"request_id":"run-3","server_id":"","scheduled_ns":null,"ready_ns":null,)"
            R"("start_ns":7000000000,"sent_ns":80000,"connect_start_ns":null,"connect_ns":null,)"
            R"("tls_ns":null,"first_byte_ns":null,"end_ns":27000000,"closed_ns":null,)"
            R"("event_ns":[20000000,20000000,27000000],"kinds":"evv","tokens":[0,1,1],)"
            R"("tokens_from":"events","uncertain":[[1,150000]],"client_delay_ns":null,)"
            R"("outcome":"ok","http_status":200,"message":"",)"
            R"("usage":{"prompt_tokens":110,"completion_tokens":2},"finish_reason":"stop",)"
            R"("prompt":0,"max_tokens":256,"warmup":false,"retried":false,"resent":false,)"
            R"("reused":true,"done_missing":false})");
}

TEST(RequestLine, ChoicesStandThereOnlyWhereThereAreSeveral) {
  EXPECT_THAT(RequestLine(RecordBuilder(0).Output(1ms).Build()), Not(HasSubstr("choice")));
  EXPECT_THAT(RequestLine(FullRecord()), HasSubstr(R"("choice":[0,1,[0,1,3],2,0,0,0,0])"));
}

TEST(RequestLine, FinishReasonsReadBackHoweverManyChoices) {
  const RequestRecord spoken = RecordBuilder(0).Output(1ms).Build();
  const RequestRecord silent = RecordBuilder(0).Build();
  const std::vector<std::vector<std::string>> all = {
      {}, {""}, {"stop"}, {"", ""}, {"stop", "length"}};
  for (RequestRecord record : {spoken, silent}) {
    for (const auto& reasons : all) {
      record.finish_reasons = reasons;
      EXPECT_EQ(ReadBack(record).finish_reasons, reasons) << RequestLine(record);
    }
  }
  RequestRecord record = spoken;
  record.finish_reasons = {""};
  EXPECT_THAT(RequestLine(record), HasSubstr(R"("finish_reason":null)"));
}

TEST(RequestLine, BadUtf8IsMended) {
  RequestRecord record;
  record.message = "bad \xff byte";
  EXPECT_EQ(ReadBack(record).message, "bad \xEF\xBF\xBD byte");
}

TEST(RequestLine, WhereNoAnswerCameThereIsNoStatus) {
  EXPECT_THAT(RequestLine({}), HasSubstr(R"("http_status":null,)"));
  EXPECT_EQ(ReadBack({}).http_status, 0);
}

TEST(RequestLine, WritersMemoryIsReusedWithoutTraces) {
  RequestLineWriter writer;
  std::string lines;
  writer.Append(FullRecord(), lines);
  writer.Append(RequestRecord{}, lines);
  EXPECT_EQ(lines, RequestLine(FullRecord()) + "\n" + RequestLine({}) + "\n");
}

TEST(EndLine, ReadsBackInEveryField) {
  RunEnd end = SampleEnd();
  end.interrupted_at = Instant{77s};
  const std::string line = EndLine(end);
  EXPECT_THAT(line, StartsWith(R"({"end":true,)"));
  const RunEnd back = std::get<RunEnd>(ParseRecordLine(line));
  EXPECT_EQ(back.client.client_delay.ToSparse().slots, end.client.client_delay.ToSparse().slots);
  EXPECT_EQ(back.client.client_delay.ToSparse().sum_squares,
            end.client.client_delay.ToSparse().sum_squares);
  EXPECT_EQ(back.client.clock_rejected, end.client.clock_rejected);
  EXPECT_EQ(back.client.stamps_missing, end.client.stamps_missing);
  EXPECT_EQ(back.client.connections, end.client.connections);
  EXPECT_EQ(back.client.busy, end.client.busy);
  EXPECT_EQ(back.client.elapsed, end.client.elapsed);
  EXPECT_EQ(back.timestamps, end.timestamps);
  EXPECT_EQ(back.path, end.path);
  EXPECT_EQ(back.threads, end.threads);
  EXPECT_EQ(back.cpu, end.cpu);
  EXPECT_EQ(back.max_rss_bytes, end.max_rss_bytes);
  EXPECT_EQ(back.interrupted_at, end.interrupted_at);
  EXPECT_EQ(back.warnings, end.warnings);
  EXPECT_EQ(back.server_kind, end.server_kind);
  EXPECT_EQ(back.server_version, end.server_version);
  EXPECT_EQ(EndLine(back), line);
}

TEST(ParseRecordLine, SaysWhatIsWrong) {
  const std::string good = RequestLine(RecordBuilder(0).Output(1ms).Output(2ms).Build());
  const auto problem = [&](std::string_view from, std::string_view to) -> std::string {
    std::string line = good;
    const std::size_t at = line.find(from);
    if (at == std::string::npos) return "no such text in the line";
    line.replace(at, from.size(), to);
    try {
      ParseRecordLine(line);
    } catch (const FormatError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(problem("\"n\":0", "\"n\":0"), "");
  EXPECT_THAT(problem("\"n\":0", "\"n\":\"0\""), HasSubstr("'n'"));
  EXPECT_THAT(problem("\"vv\"", "\"vvv\""), HasSubstr("differ in length"));
  EXPECT_THAT(problem("\"vv\"", "\"v?\""), HasSubstr("letter '?'"));
  EXPECT_THAT(problem("[1,1]", "[1]"), HasSubstr("differ in length"));
  EXPECT_THAT(problem("[1,1]", "[1,1.5]"), HasSubstr("'tokens'"));
  EXPECT_THAT(problem("\"uncertain\":[]", "\"uncertain\":[[2,5]]"), HasSubstr("'uncertain'"));
  EXPECT_THAT(problem("\"start_ns\":0", "\"start_ns\":9223372036854775807"),
              HasSubstr("'start_ns'"));
  EXPECT_THAT(problem("\"ok\"", "\"fine\""), HasSubstr("'outcome'"));
  EXPECT_THAT(problem("\"events\"", "\"guess\""), HasSubstr("'tokens_from'"));
  EXPECT_THAT(problem("\"warmup\":false", "\"warmup\":0"), HasSubstr("'warmup'"));
  EXPECT_THAT(problem("\"usage\":null", "\"usage\":7"), HasSubstr("'usage'"));
  EXPECT_THAT(problem("}", ""), HasSubstr("column"));
}

TEST(ParseRecordLine, PassesOverKeysThatItDoesNotKnow) {
  std::string line = RequestLine(RecordBuilder(4).Build());
  line.insert(1, R"("of_a_later_version":{"x":[1]},)");
  EXPECT_EQ(std::get<RequestRecord>(ParseRecordLine(line)).n, 4);
}

}  // namespace
}  // namespace sseprof::record_lines_test
