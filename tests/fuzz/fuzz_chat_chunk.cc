#include "cuts.h"
#include "sseprof/chat_chunk.h"
#include "sseprof/sse.h"
#include "wire/json.h"

namespace {

using sseprof::ChatChunk;
using sseprof::ChatChunkReader;
using sseprof::ChoiceDelta;
using sseprof::ChunkPattern;
using sseprof::SseDecoder;
using sseprof::SseEvent;
using sseprof::fuzz::Demand;

std::string Describe(std::optional<std::int64_t> number) {
  return number ? std::to_string(*number) + ' ' : "- ";
}

std::string Describe(const ChoiceDelta& choice) {
  Demand(!choice.filler || (choice.opened && !choice.output()), "filler has no output");
  Demand(choice.opened || !choice.output(), "only an open choice has output");
  std::string text = std::to_string(choice.index);
  for (const std::string_view part : {choice.content, choice.reasoning, choice.finish_reason}) {
    text.append(1, '|').append(part);
  }
  text += choice.refusal ? 'r' : '-';
  text += choice.tool_calls ? 't' : '-';
  return text + Describe(choice.token_ids) + Describe(choice.logprobs);
}

std::string Describe(const ChatChunk* chunk, const std::string& problem) {
  if (chunk == nullptr) {
    Demand(!problem.empty(), "a null chunk has its problem");
    return "null: " + problem;
  }
  std::string text(1, static_cast<char>(chunk->Kind()));
  text.append(chunk->id).append(1, '|').append(chunk->server_metrics).append(1, '|');
  for (const ChoiceDelta& choice : chunk->choices) text += Describe(choice);
  if (chunk->usage) text += Describe(chunk->usage->completion_tokens);
  if (chunk->error) text += chunk->error->message + '|' + chunk->error->code;
  if (!chunk->server_metrics.empty()) {
    Demand(sseprof::JsonDocument::Parse(chunk->server_metrics).root().IsObject(),
           "the server's metrics are a JSON object");
  }
  return text + Describe(chunk->predicted);
}

std::string Read(const std::vector<std::string_view>& reads) {
  SseDecoder decoder;
  ChatChunkReader reader, patterned;
  ChunkPattern pattern;
  std::string seen;
  for (const std::string_view read : reads) {
    decoder.Feed(read);
    SseEvent event;
    while (decoder.Next(event) == SseDecoder::Result::kEvent) {
      if (sseprof::IsDone(event.data)) {
        seen += "done\n";
        continue;
      }
      const std::string chunk = Describe(reader.Parse(event.data, event.type), reader.problem());
      Demand(
          Describe(patterned.Parse(event.data, event.type, pattern), patterned.problem()) == chunk,
          "a pattern changes nothing");
      seen += chunk + '\n';
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = sseprof::fuzz;
  const fuzz::Input input = fuzz::Split(data, size);
  const std::string whole = Read({input.stream});
  Demand(Read(fuzz::Bytes(input.stream)) == whole, "byte by byte gives the same");
  Demand(Read(fuzz::Halves(input.stream, input.number)) == whole, "cut in two gives the same");

  ChatChunkReader reader;
  const std::string once = Describe(reader.ParseWhole(input.stream), reader.problem());
  reader.Parse(R"({"choices":[{"delta":{"content":"other"}}],"usage":{"prompt_tokens":1}})",
               "error");
  Demand(Describe(reader.ParseWhole(input.stream), reader.problem()) == once,
         "a reader forgets the chunk before");
  sseprof::ReadErrorBody(input.stream);
  return 0;
}
