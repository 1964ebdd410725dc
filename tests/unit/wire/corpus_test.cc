// Every sample of tests/data/wire_corpus.json, cut in every way, gives the parse written beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "parsed_stream.h"
#include "sseprof/chat_chunk.h"
#include "wire/json.h"

namespace sseprof::corpus_test {
namespace {

struct Sample {
  std::string name;
  std::string bytes;
  JsonView json;
};

/// In a latin1 sample each character stands for one byte.
std::string BytesOf(JsonView sample) {
  const std::string text(sample["stream"].AsString().value());
  if (sample["encoding"].AsString() != "latin1") return text;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool two = byte >= 0xC0;
    bytes += two ? static_cast<char>(((byte & 0x03) << 6) | (text[++i] & 0x3F)) : text[i];
  }
  return bytes;
}

bool IsEventStream(JsonView sample) {
  const JsonView http = sample["http"];
  if (http.IsNull()) return true;
  std::string type(http["content_type"].AsString().value());
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return http["status"].AsInt() == 200 && type.starts_with("text/event-stream") &&
         !http["headers"].Has("Content-Encoding");
}

class Corpus : public testing::Test {
 protected:
  std::vector<Sample> Samples(bool streams) const {
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < document_.root().size(); ++i) {
      const JsonView json = document_.root().At(i);
      if (IsEventStream(json) != streams) continue;
      samples.push_back({std::string(json["name"].AsString().value()), BytesOf(json), json});
    }
    return samples;
  }

 private:
  static JsonDocument Load() {
    std::ifstream file(SSEPROF_TEST_DATA "/wire_corpus.json", std::ios::binary);
    return JsonDocument::Parse(std::string(std::istreambuf_iterator<char>(file), {}));
  }

  JsonDocument document_ = Load();
};

int Int(JsonView value) { return static_cast<int>(value.AsInt().value()); }

std::optional<int> Index(JsonView value) {
  return value.IsNull() ? std::nullopt : std::optional(Int(value));
}

std::string Text(JsonView value) {
  if (value.IsNull()) return "";
  return value.AsString() ? std::string(*value.AsString()) : value.Text();
}

std::map<int, std::string> ByChoice(JsonView object) {
  std::map<int, std::string> texts;
  for (const auto& member : object.Members()) {
    texts[std::stoi(std::string(member.name))] = Text(member.value);
  }
  return texts;
}

ParsedStream ReadExpected(JsonView expect) {
  ParsedStream parsed;
  parsed.sse_events = Int(expect["sse_events"]);
  parsed.comments = Int(expect["comments"]);
  parsed.json_events = Int(expect["json_events"]);
  parsed.content_events = Int(expect["content_events"]);
  parsed.reasoning_events = Int(expect["reasoning_events"]);
  parsed.tool_events = Int(expect["tool_events"]);
  parsed.output_events = Int(expect["output_events"]);
  parsed.first_event = Index(expect["first_event_index"]);
  parsed.first_choices = Index(expect["first_choices_event_index"]);
  parsed.first_output = Index(expect["first_output_event_index"]);
  parsed.first_content = Index(expect["first_content_event_index"]);
  parsed.choices = Int(expect["choices"]);
  parsed.text = ByChoice(expect["text"]);
  parsed.reasoning = ByChoice(expect["reasoning"]);
  parsed.prompt_tokens = expect["usage"]["prompt_tokens"].AsInt();
  parsed.completion_tokens = expect["usage"]["completion_tokens"].AsInt();
  parsed.tokens = expect["tokens"].AsInt();
  parsed.token_source = Text(expect["token_source"]);
  for (std::size_t i = 0; i < expect["tokens_per_event"].size(); ++i) {
    parsed.tokens_per_event.push_back(expect["tokens_per_event"].At(i).AsInt());
  }
  parsed.finish_reasons = ByChoice(expect["finish_reasons"]);
  parsed.done = expect["done"].AsBool().value();
  parsed.done_lenient = expect["done_lenient"].AsBool().value();
  parsed.data_after_done = Int(expect["data_after_done"]);
  parsed.tail = Int(expect["tail_bytes"]) > 0;
  for (std::size_t i = 0; i < expect["errors"].size(); ++i) {
    const JsonView error = expect["errors"].At(i);
    parsed.errors.push_back({Text(error["kind"]), Text(error["message"]), Text(error["code"])});
  }
  parsed.outcome = Text(expect["outcome"]);
  return parsed;
}

void ExpectSame(const ParsedStream& parsed, const ParsedStream& expected) {
  EXPECT_EQ(parsed.sse_events, expected.sse_events);
  EXPECT_EQ(parsed.comments, expected.comments);
  EXPECT_EQ(parsed.json_events, expected.json_events);
  EXPECT_EQ(parsed.content_events, expected.content_events);
  EXPECT_EQ(parsed.reasoning_events, expected.reasoning_events);
  EXPECT_EQ(parsed.tool_events, expected.tool_events);
  EXPECT_EQ(parsed.output_events, expected.output_events);
  EXPECT_EQ(parsed.first_event, expected.first_event);
  EXPECT_EQ(parsed.first_choices, expected.first_choices);
  EXPECT_EQ(parsed.first_output, expected.first_output);
  EXPECT_EQ(parsed.first_content, expected.first_content);
  EXPECT_EQ(parsed.choices, expected.choices);
  EXPECT_EQ(parsed.text, expected.text);
  EXPECT_EQ(parsed.reasoning, expected.reasoning);
  EXPECT_EQ(parsed.prompt_tokens, expected.prompt_tokens);
  EXPECT_EQ(parsed.completion_tokens, expected.completion_tokens);
  EXPECT_EQ(parsed.tokens, expected.tokens);
  EXPECT_EQ(parsed.token_source, expected.token_source);
  EXPECT_EQ(parsed.tokens_per_event, expected.tokens_per_event);
  EXPECT_EQ(parsed.finish_reasons, expected.finish_reasons);
  EXPECT_EQ(parsed.done, expected.done);
  EXPECT_EQ(parsed.done_lenient, expected.done_lenient);
  EXPECT_EQ(parsed.data_after_done, expected.data_after_done);
  EXPECT_EQ(parsed.tail, expected.tail);
  EXPECT_TRUE(parsed.errors == expected.errors);
  EXPECT_EQ(parsed.outcome, expected.outcome);
}

ParsedStream ParseReads(const std::vector<std::string_view>& reads) {
  StreamFold fold;
  for (const std::string_view read : reads) fold.Feed(read);
  return fold.Finish();
}

TEST_F(Corpus, EveryStreamIsUnderstoodInOneRead) {
  const auto samples = Samples(true);
  EXPECT_EQ(samples.size(), 53U);
  for (const Sample& sample : samples) {
    SCOPED_TRACE(sample.name);
    ExpectSame(ParseReads({sample.bytes}), ReadExpected(sample.json["expect"]));
  }
}

TEST_F(Corpus, EveryStreamIsUnderstoodByteByByte) {
  for (const Sample& sample : Samples(true)) {
    SCOPED_TRACE(sample.name);
    std::vector<std::string_view> reads;
    for (std::size_t i = 0; i < sample.bytes.size(); ++i) {
      reads.push_back(std::string_view(sample.bytes).substr(i, 1));
    }
    ExpectSame(ParseReads(reads), ReadExpected(sample.json["expect"]));
  }
}

TEST_F(Corpus, EveryStreamIsUnderstoodCutInTwoAnywhere) {
  for (const Sample& sample : Samples(true)) {
    SCOPED_TRACE(sample.name);
    const ParsedStream expected = ReadExpected(sample.json["expect"]);
    const std::string_view bytes = sample.bytes;
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      ASSERT_TRUE(ParseReads({bytes.substr(0, cut), bytes.substr(cut)}) == expected) << cut;
    }
  }
}

TEST_F(Corpus, EventsBelongToTheReadThatCompletesThem) {
  int samples_with_reads = 0;
  for (const Sample& sample : Samples(true)) {
    const JsonView reads = sample.json["reads"];
    if (!reads.IsArray()) continue;
    ++samples_with_reads;
    StreamFold fold;
    std::string_view rest = sample.bytes;
    std::optional<int> first_output_read;
    for (std::size_t i = 0; i < reads.size(); ++i) {
      const auto size = static_cast<std::size_t>(Int(reads.At(i)));
      const int before = fold.events();
      fold.Feed(rest.substr(0, size));
      rest.remove_prefix(size);
      EXPECT_EQ(fold.events() - before, Int(sample.json["expect"]["events_per_read"].At(i)));
      if (fold.output_events() > 0 && !first_output_read) first_output_read = static_cast<int>(i);
    }
    EXPECT_EQ(first_output_read, Index(sample.json["expect"]["first_output_read"]));
  }
  EXPECT_EQ(samples_with_reads, 1);
}

TEST_F(Corpus, ErrorBodiesGiveTheServersWords) {
  int read = 0;
  for (const Sample& sample : Samples(false)) {
    const JsonView error = sample.json["expect"]["errors"].At(0);
    if (error["kind"].AsString() != "http") continue;
    SCOPED_TRACE(sample.name);
    ++read;
    const std::string message = ReadErrorBody(sample.bytes).message;
    EXPECT_EQ(message, error["message"].IsNull() ? sample.bytes : Text(error["message"]));
  }
  EXPECT_EQ(read, 9);
}

TEST_F(Corpus, AWholeAnswerInsteadOfAStreamIsReadToo) {
  ChatChunkReader reader;
  for (const Sample& sample : Samples(false)) {
    if (sample.json["expect"]["errors"].At(0)["message"].AsString() != "application/json") continue;
    const ChatChunk* chunk = reader.ParseWhole(sample.bytes);
    ASSERT_NE(chunk, nullptr);
    EXPECT_EQ(chunk->choices.at(0).content, "whole answer");
    EXPECT_EQ(chunk->usage, (Usage{3, 2, {}, {}}));
    return;
  }
  FAIL() << "the sample is missing";
}

}  // namespace
}  // namespace sseprof::corpus_test
