#include <algorithm>

#include "cuts.h"
#include "sseprof/sse.h"
#include "wire/utf8.h"

namespace {

using sseprof::SseDecoder;
using sseprof::SseEvent;
using sseprof::fuzz::Demand;

/// All that the decoder says of a stream, but for the bytes that follow an event: those depend on
/// the cuts.
std::string Decode(const std::vector<std::string_view>& reads, SseDecoder::Limits limits) {
  SseDecoder decoder(limits);
  std::string seen;
  for (const std::string_view read : reads) {
    decoder.Feed(read);
    SseEvent event;
    SseDecoder::Result result = SseDecoder::Result::kMore;
    std::size_t left = read.size();
    while ((result = decoder.Next(event)) == SseDecoder::Result::kEvent) {
      Demand(event.bytes_after < left || (event.bytes_after == 0 && left == 0),
             "every event of a read uses up some of its bytes");
      left = event.bytes_after;
      Demand(sseprof::IsUtf8(event.data) && sseprof::IsUtf8(event.type), "events are UTF-8");
      Demand(event.type.find('\n') == std::string_view::npos, "a type is one line");
      seen.append(event.type).append(1, '\x01').append(event.data).append(1, '\x02');
    }
    if (result == SseDecoder::Result::kTooLarge) return seen + "too large";
  }
  Demand(decoder.tail_bytes() <= limits.line + limits.event + 1, "the tail is bounded");
  return seen + std::to_string(decoder.comments()) + ' ' + std::to_string(decoder.tail_bytes()) +
         (decoder.tail_is_done() ? " done" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = sseprof::fuzz;
  const fuzz::Input input = fuzz::Split(data, size);
  const bool narrow = input.number % 2 == 1;
  const SseDecoder::Limits limits =
      narrow ? SseDecoder::Limits{.line = 24, .event = 32} : SseDecoder::Limits{};
  const std::string whole = Decode({input.stream}, limits);
  Demand(Decode(fuzz::Bytes(input.stream), limits) == whole, "byte by byte gives the same");
  Demand(Decode(fuzz::Halves(input.stream, input.number / 2), limits) == whole,
         "cut in two gives the same");
  return 0;
}
