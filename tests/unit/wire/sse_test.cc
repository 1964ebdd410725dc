#include "sseprof/sse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sseprof::sse_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Result = SseDecoder::Result;

struct Event {
  std::string type;
  std::string data;
  bool operator==(const Event&) const = default;
};

void PrintTo(const Event& event, std::ostream* out) {
  *out << '[' << event.type << '|' << event.data << ']';
}

struct Decoded {
  std::vector<Event> events;
  Result last = Result::kMore;
  std::uint64_t comments = 0;
  std::size_t tail = 0;
  bool done = false;
  bool operator==(const Decoded&) const = default;
};

void PrintTo(const Decoded& decoded, std::ostream* out) {
  *out << testing::PrintToString(decoded.events) << " last " << static_cast<int>(decoded.last)
       << " comments " << decoded.comments << " tail " << decoded.tail << " done " << decoded.done;
}

Decoded Decode(const std::vector<std::string_view>& reads, SseDecoder decoder = SseDecoder()) {
  Decoded decoded;
  for (const std::string_view read : reads) {
    decoder.Feed(read);
    SseEvent event;
    while ((decoded.last = decoder.Next(event)) == Result::kEvent) {
      decoded.events.push_back({std::string(event.type), std::string(event.data)});
    }
  }
  decoded.comments = decoder.comments();
  if (decoded.last == Result::kTooLarge) return decoded;
  decoded.tail = decoder.tail_bytes();
  decoded.done = decoder.tail_is_done();
  return decoded;
}

std::vector<std::string_view> Bytes(std::string_view text) {
  std::vector<std::string_view> reads;
  for (std::size_t i = 0; i < text.size(); ++i) reads.push_back(text.substr(i, 1));
  return reads;
}

/// Decodes it in one read, and demands that every other way to cut it gives the same.
Decoded DecodeEveryWay(std::string_view text, SseDecoder::Limits limits = {}) {
  const Decoded whole = Decode({text}, SseDecoder(limits));
  EXPECT_EQ(Decode(Bytes(text), SseDecoder(limits)), whole);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(Decode({text.substr(0, cut), text.substr(cut)}, SseDecoder(limits)), whole)
        << "cut at " << cut;
  }
  return whole;
}

TEST(Sse, FollowsTheGrammar) {
  struct Row {
    std::string_view says;
    std::string_view text;
    std::vector<Event> events;
  };
  const std::vector<Row> rows = {
      {"LF ends lines", "data: a\n\ndata: b\n\n", {{"", "a"}, {"", "b"}}},
      {"CRLF ends lines", "data: a\r\n\r\ndata: b\r\n\r\n", {{"", "a"}, {"", "b"}}},
      {"CR ends lines", "data: a\r\rdata: b\r\r", {{"", "a"}, {"", "b"}}},
      {"line ends may be mixed",
       "data: a\r\n\ndata: b\n\rdata: c\r\r\n",
       {{"", "a"}, {"", "b"}, {"", "c"}}},
      {"an LF behind a CRLF is a blank line", "data: a\r\n\ndata: b\n\n", {{"", "a"}, {"", "b"}}},
      {"one leading BOM is dropped",
       "\xEF\xBB\xBF"
       "data: a\n\n",
       {{"", "a"}}},
      {"a second BOM is part of the name",
       "\xEF\xBB\xBF\xEF\xBB\xBF"
       "data: a\n\n",
       {}},
      {"a BOM later on is part of the name",
       "data: a\n\n\xEF\xBB\xBF"
       "data: b\n\n",
       {{"", "a"}}},
      {"a line of a BOM alone is blank", "\xEF\xBB\xBF\ndata: a\n\n", {{"", "a"}}},
      {"one space goes, not two", "data:  a\n\n", {{"", " a"}}},
      {"a tab stays", "data:\ta\n\n", {{"", "\ta"}}},
      {"no space is needed", "data:a\n\n", {{"", "a"}}},
      {"trailing blanks stay", "data: a \n\n", {{"", "a "}}},
      {"only the first colon counts", "data: a: b\n\n", {{"", "a: b"}}},
      {"data lines are joined by LF", "data: a\ndata\ndata: c\n\n", {{"", "a\n\nc"}}},
      {"data alone is an event without data", "data\n\ndata:\n\n", {{"", ""}, {"", ""}}},
      {"two empty data lines are one LF", "data\ndata\n\n", {{"", "\n"}}},
      {"no data, no event", "\n\nevent: x\n\nid: 1\n\n", {}},
      {"a type belongs to one event", "event: x\ndata: a\n\ndata: b\n\n", {{"x", "a"}, {"", "b"}}},
      {"a type without data is forgotten", "event: x\n\ndata: a\n\n", {{"", "a"}}},
      {"the last type wins", "event: x\nevent: y\ndata: a\n\n", {{"y", "a"}}},
      {"the type may come last", "data: a\nevent: x\n\n", {{"x", "a"}}},
      {"names have a case", "Data: a\n\nDATA: a\n\n data: a\n\n", {}},
      {"other fields are ignored", "id: 1\nretry: 5\nfoo: bar\nfoo\ndata: a\nid\n\n", {{"", "a"}}},
      {"comments are no part of an event", "data: a\n: note\n:\ndata: b\n\n", {{"", "a\nb"}}},
      {"an event without its blank line is lost", "data: a\n\ndata: b\n", {{"", "a"}}},
      {"bad UTF-8 is replaced",
       "event: \xFF\ndata: a\xE2\x82\n\n",
       {{"\xEF\xBF\xBD", "a\xEF\xBF\xBD"}}},
      {"bad UTF-8 does not join over lines",
       "data: \xE2\x82\ndata: \xAC\n\n",
       {{"", "\xEF\xBF\xBD\n\xEF\xBF\xBD"}}},
      {"a NUL is a character",
       std::string_view("data: a\0b\n\n", 11),
       {{"", std::string("a\0b", 3)}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.says);
    EXPECT_EQ(DecodeEveryWay(row.text).events, row.events);
  }
}

TEST(Sse, CountsComments) {
  EXPECT_EQ(DecodeEveryWay(": a\n\n:\n:b\r\ndata: x\n\n: open").comments, 3U);
}

TEST(Sse, KnowsItsTail) {
  struct Row {
    std::string_view text;
    std::size_t bytes;
    bool done;
  };
  const std::vector<Row> rows = {
      {"", 0, false},
      {"data: a\n\n", 0, false},
      {"data: [DONE]\n\n", 0, false},
      {"data: [DONE]\n", 7, true},
      {"data: [DONE]\r", 7, true},
      {"data: [DONE]", 12, true},
      {"data: [DONE] \n", 8, true},
      {"data:[DONE]\n: note", 13, true},
      {"data: x\ndata: [DONE]\n", 9, false},
      {"data: x\ndata: [DONE]", 14, false},
      {"data: a\n\ndata: {\"cho", 11, false},
      {": a comment without an end", 26, false},
      {"\xEF\xBB\xBF"
       "data: [DONE]",
       12, true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const Decoded decoded = DecodeEveryWay(row.text);
    EXPECT_EQ(decoded.tail, row.bytes);
    EXPECT_EQ(decoded.done, row.done);
  }
}

std::vector<std::size_t> BytesAfter(const std::vector<std::string_view>& reads) {
  std::vector<std::size_t> after;
  SseDecoder decoder;
  for (const std::string_view read : reads) {
    decoder.Feed(read);
    SseEvent event;
    while (decoder.Next(event) == Result::kEvent) after.push_back(event.bytes_after);
  }
  return after;
}

TEST(Sse, SaysHowManyBytesFollowAnEvent) {
  EXPECT_THAT(BytesAfter({"data: a\n\n"}), ElementsAre(0));
  EXPECT_THAT(BytesAfter({"data: a\n\ndata: b\n\nda"}), ElementsAre(11, 2));
  EXPECT_THAT(BytesAfter({"da", "ta: a\n\nxy"}), ElementsAre(2));
}

TEST(Sse, ACrLfCountsAsOneLineEnd) {
  EXPECT_THAT(BytesAfter({"data: a\r\n\r\n"}), ElementsAre(0));
  EXPECT_THAT(BytesAfter({"data: a\r\n\r\nx"}), ElementsAre(1));
  EXPECT_THAT(BytesAfter({"data: a\r\n\r", "\n"}), ElementsAre(0));
  EXPECT_THAT(BytesAfter({"data: a\r\n\r", "\ndata: b\r\n\r\n"}), ElementsAre(0, 0));
}

TEST(Sse, AnEventIsCompleteAtTheCrOfItsBlankLine) {
  SseDecoder decoder;
  SseEvent event;
  decoder.Feed("data: a\r\n\r");
  ASSERT_EQ(decoder.Next(event), Result::kEvent);
  EXPECT_EQ(event.data, "a");
}

TEST(Sse, RefusesWhatIsTooLarge) {
  struct Row {
    std::string_view says;
    std::string_view text;
    std::size_t events;
    Result last;
  };
  const SseDecoder::Limits limits{.line = 10, .event = 6};
  const std::vector<Row> rows = {
      {"a line at its limit", "data: abcd\n\n", 1, Result::kMore},
      {"a line above it", "data: abcde\n\n", 0, Result::kTooLarge},
      {"a comment above it", ":1234567890\n", 0, Result::kTooLarge},
      {"a line above it that has no end", "data: abcde", 0, Result::kTooLarge},
      {"an event at its limit", "data:abc\ndata:de\n\n", 1, Result::kMore},
      {"an event above it", "data:abc\ndata:def\n\n", 0, Result::kTooLarge},
      {"an event of one line above it", "data\n\ndata:abcdefg\n\n", 1, Result::kTooLarge},
      {"small ones before it count", "data:a\n\ndata:b\n\ndata: abcde\n\ndata:c\n\n", 2,
       Result::kTooLarge},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.says);
    const SseDecoder::Limits of_row = row.says == "an event of one line above it"
                                          ? SseDecoder::Limits{.line = 100, .event = 6}
                                          : limits;
    const Decoded decoded = DecodeEveryWay(row.text, of_row);
    EXPECT_EQ(decoded.events.size(), row.events);
    EXPECT_EQ(decoded.last, row.last);
  }
}

TEST(Sse, StaysTooLargeUntilReset) {
  SseDecoder decoder(SseDecoder::Limits{.line = 8, .event = 8});
  SseEvent event;
  decoder.Feed("data: too long");
  EXPECT_EQ(decoder.Next(event), Result::kTooLarge);
  decoder.Feed("\n\ndata: a\n\n");
  EXPECT_EQ(decoder.Next(event), Result::kTooLarge);
  decoder.Reset();
  decoder.Feed("data: a\n\n");
  EXPECT_EQ(decoder.Next(event), Result::kEvent);
}

TEST(Sse, ResetForgetsTheStreamBefore) {
  SseDecoder decoder;
  SseEvent event;
  decoder.Feed(
      "\xEF\xBB\xBF"
      ":c\nevent: x\ndata: a\ndata: half\r");
  EXPECT_EQ(decoder.Next(event), Result::kMore);
  decoder.Reset();
  EXPECT_EQ(decoder.tail_bytes(), 0U);
  EXPECT_EQ(decoder.comments(), 0U);
  decoder.Feed(
      "\n\xEF\xBB\xBF"
      "data: b\n\n");  // the LF is a line of its own now
  EXPECT_EQ(decoder.Next(event), Result::kMore);
  decoder.Reset();
  decoder.Feed(
      "\xEF\xBB\xBF"
      "data: b\n\n");
  ASSERT_EQ(decoder.Next(event), Result::kEvent);
  EXPECT_EQ(event.type, "");
  EXPECT_EQ(event.data, "b");
}

TEST(Sse, AnEventInOneReadIsNotCopied) {
  const std::string_view text = "data: abc\n\n";
  SseDecoder decoder;
  SseEvent event;
  decoder.Feed(text);
  ASSERT_EQ(decoder.Next(event), Result::kEvent);
  EXPECT_EQ(event.data.data(), text.data() + 6);
}

TEST(Sse, EmptyReadsChangeNothing) {
  EXPECT_THAT(Decode({"", "data: a\r", "", "\n\r", "", "\n", ""}).events,
              ElementsAre(Event{"", "a"}));
  EXPECT_THAT(Decode({}).events, IsEmpty());
}

/// Generous bounds: a quadratic scan of these would take far longer.
TEST(Sse, TimeIsLinearInTheBytes) {
  const auto start = std::chrono::steady_clock::now();
  std::string crs;
  for (int i = 0; i < 100'000; ++i) crs += "data: abc\r\r";
  EXPECT_EQ(Decode({crs}).events.size(), 100'000U);
  const std::string line = "data: " + std::string(1'000'000, 'x') + "\n\n";
  EXPECT_EQ(Decode(Bytes(line)).events.size(), 1U);
  std::string lines;
  for (int i = 0; i < 100'000; ++i) lines += "data:abc\n";
  EXPECT_EQ(Decode(Bytes(lines + "\n")).events.size(), 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

}  // namespace
}  // namespace sseprof::sse_test
