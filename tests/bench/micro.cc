// What the parts of the client's path cost by themselves, on the bytes that vLLM sends.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "flood_answer.h"
#include "net/chunk_decoder.h"
#include "out/record_lines.h"
#include "sseprof/chat_chunk.h"
#include "sseprof/histogram.h"
#include "sseprof/sse.h"

namespace sseprof {
namespace {

constexpr std::size_t kReadSize = 16384;
constexpr long kTokens = 4096;

using Pieces = std::vector<std::string_view>;

/// A stream's body as it travels, in its HTTP chunks.
const std::string& ChunkedBody() {
  static const std::string body = [] {
    const std::string bytes = flood::MakeStream(kTokens, 1).bytes;
    return bytes.substr(bytes.find("\r\n\r\n") + 4);
  }();
  return body;
}

/// The same without the framing.
const std::string& EventStream() {
  static const std::string stream = [] {
    std::string payload;
    ChunkDecoder decoder;
    for (std::string_view rest = ChunkedBody(); !rest.empty();) {
      const ChunkDecoder::Piece piece = decoder.Next(rest);
      payload += piece.payload;
      rest.remove_prefix(piece.consumed);
    }
    return payload;
  }();
  return stream;
}

Pieces InReads(std::string_view bytes) {
  Pieces pieces;
  for (std::size_t at = 0; at < bytes.size(); at += kReadSize) {
    pieces.push_back(bytes.substr(at, kReadSize));
  }
  return pieces;
}

Pieces InEvents(std::string_view stream) {
  constexpr std::string_view kEnd = "\n\n";
  Pieces pieces;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t end = stream.find(kEnd, at) + kEnd.size();
    pieces.push_back(stream.substr(at, end - at));
    at = end;
  }
  return pieces;
}

void Account(benchmark::State& state, std::size_t bytes, std::size_t items) {
  const auto rounds = static_cast<std::int64_t>(state.iterations());
  if (bytes > 0) state.SetBytesProcessed(rounds * static_cast<std::int64_t>(bytes));
  state.SetItemsProcessed(rounds * static_cast<std::int64_t>(items));
}

/// Items: events.
void DecodeSse(benchmark::State& state, const Pieces& pieces) {
  SseDecoder decoder;
  SseEvent event;
  std::size_t events = 0;
  for (auto _ : state) {
    decoder.Reset();
    events = 0;
    for (const std::string_view piece : pieces) {
      decoder.Feed(piece);
      while (decoder.Next(event) == SseDecoder::Result::kEvent) {
        benchmark::DoNotOptimize(event.data.data());
        ++events;
      }
    }
  }
  if (events != InEvents(EventStream()).size()) state.SkipWithError("lost events");
  Account(state, EventStream().size(), events);
}
BENCHMARK_CAPTURE(DecodeSse, reads_of_16_KiB, InReads(EventStream()));
BENCHMARK_CAPTURE(DecodeSse, one_event_per_read, InEvents(EventStream()));

/// Items: HTTP chunks.
void DecodeChunks(benchmark::State& state) {
  const Pieces reads = InReads(ChunkedBody());
  std::size_t payload = 0;
  for (auto _ : state) {
    ChunkDecoder decoder;
    payload = 0;
    for (std::string_view rest : reads) {
      while (!rest.empty()) {
        const ChunkDecoder::Piece piece = decoder.Next(rest);
        payload += piece.payload.size();
        rest.remove_prefix(piece.consumed);
      }
    }
  }
  if (payload != EventStream().size()) state.SkipWithError("lost bytes");
  Account(state, ChunkedBody().size(), InEvents(EventStream()).size());
}
BENCHMARK(DecodeChunks);

constexpr std::string_view kHead =
    R"({"id":"chatcmpl-5f0c1c7e9a4b4d0d8c53a7a1","object":"chat.completion.chunk",)"
    R"("created":1766361600,"model":"m","choices":[{"index":0,"delta":{"content":" token"},)"
    R"("logprobs":)";
constexpr std::string_view kNoLogprobs = "null";
constexpr std::string_view kLogprobs =
    R"({"content":[{"token":" token","logprob":-0.0123,"bytes":[32,116,111,107,101,110],)"
    R"("top_logprobs":[]}]})";
constexpr std::string_view kTail = R"(,"finish_reason":null,"token_ids":null}])";
constexpr std::string_view kNoUsage = "}";
constexpr std::string_view kUsage =
    R"(,"usage":{"prompt_tokens":110,"total_tokens":142,"completion_tokens":32}})";

/// Items: events.
void ReadChatChunk(benchmark::State& state, std::string_view logprobs, std::string_view usage) {
  std::string json(kHead);
  json.append(logprobs).append(kTail).append(usage);
  ChatChunkReader reader;
  for (auto _ : state) {
    const ChatChunk* chunk = reader.Parse(json, "");
    if (chunk == nullptr || !chunk->choices[0].visible()) state.SkipWithError("not understood");
    benchmark::DoNotOptimize(chunk);
  }
  Account(state, json.size(), 1);
}
BENCHMARK_CAPTURE(ReadChatChunk, plain, kNoLogprobs, kNoUsage);
BENCHMARK_CAPTURE(ReadChatChunk, usage, kNoLogprobs, kUsage);
BENCHMARK_CAPTURE(ReadChatChunk, logprobs, kLogprobs, kNoUsage);
BENCHMARK_CAPTURE(ReadChatChunk, logprobs_and_usage, kLogprobs, kUsage);

/// Gaps of 20 ms, with the spread of a busy server.
std::vector<Nanos> Gaps() {
  std::mt19937_64 random;
  std::lognormal_distribution<double> gap(std::log(20e6), 0.2);
  std::vector<Nanos> gaps(std::size_t{1} << 16);
  std::generate(gaps.begin(), gaps.end(), [&] { return Nanos{std::llround(gap(random))}; });
  return gaps;
}

/// Items: values.
void RecordInHistogram(benchmark::State& state) {
  const std::vector<Nanos> gaps = Gaps();
  Histogram histogram;
  for (auto _ : state) {
    for (const Nanos gap : gaps) histogram.Record(gap);
  }
  benchmark::DoNotOptimize(histogram.count());
  Account(state, 0, gaps.size());
}
BENCHMARK(RecordInHistogram);

/// Items: quantiles.
void QuantileOfHistogram(benchmark::State& state) {
  Histogram histogram;
  for (const Nanos gap : Gaps()) histogram.Record(gap);
  for (auto _ : state) benchmark::DoNotOptimize(histogram.QuantileNanos(0.99));
  Account(state, 0, 1);
}
BENCHMARK(QuantileOfHistogram);

/// Items: events.
void FormatRecordLine(benchmark::State& state) {
  using namespace std::chrono_literals;
  RequestRecord record{.request_id = "91daaee4e83d-48", .start = Instant{3h}, .end = 6s};
  for (const Nanos gap : Gaps()) {
    const Nanos last = record.events.empty() ? Nanos{200ms} : record.events.back().at;
    record.events.push_back({.at = last + gap, .tokens = 1, .kind = EventKind::kVisible});
    if (record.events.size() == 256) break;
  }
  RequestLineWriter writer;
  std::string line;
  for (auto _ : state) {
    line.clear();
    writer.Append(record, line);
    benchmark::DoNotOptimize(line.data());
  }
  Account(state, line.size(), record.events.size());
}
BENCHMARK(FormatRecordLine);

}  // namespace
}  // namespace sseprof

BENCHMARK_MAIN();
