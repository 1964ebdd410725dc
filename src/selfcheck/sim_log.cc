#include "selfcheck/sim_log.h"

#include <fmt/format.h>

#include <optional>

#include "wire/json.h"

namespace sseprof {
namespace {

std::optional<Instant> AsInstant(JsonView value) {
  const auto number = value.AsInt();
  if (!number) return std::nullopt;
  return Instant{Nanos{*number}};
}

/// Nothing unless all of it is as it must be.
std::optional<SentStream> ReadStream(JsonView line) {
  SentStream stream;
  const auto id = line["request_id"].AsString();
  const auto received = AsInstant(line["received_ns"]);
  const JsonView events = line["events"];
  if (!id || !received || !events.IsArray()) return std::nullopt;
  stream.request_id = *id;
  stream.received = *received;
  stream.sends.reserve(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto before = AsInstant(events.At(i).At(0));
    const auto after = AsInstant(events.At(i).At(1));
    if (!before || !after || *after < *before) return std::nullopt;
    stream.sends.push_back({*before, *after});
  }
  return stream;
}

}  // namespace

void ReadSimLog(std::istream& log, const std::function<void(const SentStream&)>& take) {
  std::size_t number = 0;
  for (std::string line; std::getline(log, line);) {
    ++number;
    std::optional<SentStream> stream;
    try {
      stream = ReadStream(JsonDocument::Parse(line).root());
    } catch (const JsonError& error) {
      throw TruthMismatch(fmt::format("the server's log, line {}: {}", number, error.what()));
    }
    if (!stream) throw TruthMismatch(fmt::format("the server's log, line {}: no stream", number));
    take(*stream);
  }
}

}  // namespace sseprof
