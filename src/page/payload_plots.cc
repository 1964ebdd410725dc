#include "page/payload_plots.h"

#include "page/payload.h"

namespace sseprof {
namespace {

constexpr int kInstantDigits = 6;
constexpr int kSpanDigits = 4;
constexpr std::size_t kMostMessage = 400;

void WriteColumn(JsonWriter& json, std::string_view key, const QuantileBins& bins,
                 double QuantileBin::*value, double scale, int digits) {
  json.Key(key).BeginArray();
  for (const QuantileBin& bin : bins.bins) WriteRounded(json, bin.*value * scale, digits);
  json.EndArray();
}

void WriteBins(JsonWriter& json, std::string_view key, const QuantileBins& bins) {
  json.Key(key);
  if (bins.bins.empty()) {
    json.Null();
    return;
  }
  json.BeginObject().Member("width", bins.width_s);
  WriteColumn(json, "t", bins, &QuantileBin::at_s, 1, kInstantDigits);
  WriteColumn(json, "p50", bins, &QuantileBin::p50_s, 1e3, kSpanDigits);
  WriteColumn(json, "p99", bins, &QuantileBin::p99_s, 1e3, kSpanDigits);
  WriteColumn(json, "max", bins, &QuantileBin::max_s, 1e3, kSpanDigits);
  json.EndObject();
}

void WriteRate(JsonWriter& json, const RateBins& rate) {
  json.Key("tokens");
  if (rate.per_s.empty()) {
    json.Null();
    return;
  }
  json.BeginObject().Member("width", rate.width_s).Key("first");
  WriteRounded(json, rate.first_at_s, kInstantDigits);
  WriteRounded(json, "y", rate.per_s, kSpanDigits);
  json.EndObject();
}

void WritePauses(JsonWriter& json, const std::optional<Pauses>& pauses) {
  json.Key("pauses");
  if (!pauses) {
    json.Null().Key("pauses_all").Null();
    return;
  }
  json.BeginArray();
  for (const Pause& pause : pauses->pauses) {
    json.BeginArray();
    WriteRounded(json, pause.end_s, kInstantDigits);
    WriteRounded(json, pause.length_s * 1e3, kSpanDigits);
    json.Uint(pause.streams).EndArray();
  }
  json.EndArray().Member("pauses_all", pauses->all);
}

void WriteBar(JsonWriter& json, const RequestBar& bar) {
  const auto millis = [&json](const std::optional<double>& seconds) {
    WriteRounded(json, seconds ? std::optional(*seconds * 1e3) : std::nullopt, kSpanDigits + 1);
  };
  json.BeginArray().Int(bar.n);
  WriteRounded(json, bar.start_s, kInstantDigits + 1);
  millis(bar.waited_s);
  millis(bar.ttft_s);
  millis(bar.length_s);
  json.Int(bar.tokens);
  bar.outcome == Outcome::kOk ? json.Null() : json.String(Name(bar.outcome));
  json.Int(bar.warmup ? 1 : 0);
  for (const StallMark& stall : bar.stalls) {
    millis(stall.from_s);
    millis(stall.length_s);
  }
  json.EndArray();
}

/// A message cut to what a table can show, at the begin of a character.
std::string_view Shortened(std::string_view message) {
  if (message.size() <= kMostMessage) return message;
  std::size_t end = kMostMessage;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;
  return message.substr(0, end);
}

}  // namespace

void WriteSpectrum(JsonWriter& json, std::string_view variant, const std::vector<ValueSet>& runs) {
  const Spectrum spectrum = SpectrumOf(runs);
  json.BeginObject().Member("variant", variant).Key("sure");
  WriteRounded(json, spectrum.sure_until, kSpanDigits);
  WriteMillis(json, "y", spectrum.typical);
  if (runs.size() > 1) {
    WriteMillis(json, "lo", spectrum.least);
    WriteMillis(json, "hi", spectrum.most);
  }
  json.EndObject();
}

void WriteCumulative(JsonWriter& json, std::string_view key, const Cumulative& cumulative,
                     const std::vector<std::string>& variants) {
  json.Key(key);
  if (cumulative.at_s.empty()) {
    json.Null();
    return;
  }
  json.BeginObject().Key("x").BeginArray();
  for (const double at : cumulative.at_s) WriteRounded(json, at * 1e3, kSpanDigits + 1);
  json.EndArray().Key("series").BeginArray();
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (cumulative.percent[i].empty()) continue;
    json.BeginObject().Member("variant", std::string_view(variants[i]));
    WriteRounded(json, "y", cumulative.percent[i], kSpanDigits);
    json.EndObject();
  }
  json.EndArray().EndObject();
}

void WriteOverTime(JsonWriter& json, const RunPlots& plots, const Summary& summary) {
  json.BeginObject().Key("from");
  WriteRounded(json, plots.from_s, kInstantDigits);
  json.Key("to");
  WriteRounded(json, plots.to_s, kInstantDigits);
  json.Key("steady");
  if (summary.steady_state) {
    json.BeginArray();
    WriteRounded(json, summary.steady_state->start_s, kInstantDigits);
    WriteRounded(json, summary.steady_state->end_s, kInstantDigits);
    json.EndArray();
  } else {
    json.Null();
  }
  WriteBins(json, "itl", plots.gaps_over_time);
  WriteBins(json, "ttft", plots.ttft_over_time);
  WriteRate(json, plots.tokens_over_time);
  WritePauses(json, plots.pauses);
  json.EndObject();
}

void WriteRequests(JsonWriter& json, const RequestBars& bars) {
  json.Key("requests").BeginObject().Member("all", bars.requests);
  json.Member("every_wave", bars.every_wave).Member("wave", bars.wave);
  json.Member("stalls", bars.stalls).Member("stalls_all", bars.stalls_all);
  json.Key("rows").BeginArray();
  for (const RequestBar& bar : bars.bars) WriteBar(json, bar);
  json.EndArray().EndObject();
}

void WritePositions(JsonWriter& json, const PositionMap& map) {
  json.Key("positions");
  if (map.columns.empty()) {
    json.Null();
    return;
  }
  json.BeginObject().Member("first", PositionMap::kFirst);
  json.Member("per_column", static_cast<std::uint64_t>(map.per_column));
  json.Member("per_decade", PositionMap::kRowsPerDecade).Key("cells").BeginArray();
  for (const PositionMap::Column& column : map.columns) {
    json.BeginArray();
    for (const auto& [row, count] : column.rows) json.Uint(row).Uint(count);
    json.EndArray();
  }
  json.EndArray();
  for (const auto& [key, value] : {std::pair("p50", &PositionMap::Column::p50_s),
                                   std::pair("p95", &PositionMap::Column::p95_s)}) {
    json.Key(key).BeginArray();
    for (const PositionMap::Column& column : map.columns) {
      WriteRounded(json, column.count > 0 ? std::optional(column.*value * 1e3) : std::nullopt,
                   kSpanDigits);
    }
    json.EndArray();
  }
  json.EndObject();
}

void WriteFailed(JsonWriter& json, const RunPlots& plots) {
  json.Key("failed").BeginObject().Member("all", plots.failed_all).Key("rows").BeginArray();
  for (const FailedRequest& failed : plots.failed) {
    json.BeginObject().Member("n", failed.n);
    json.Member("request_id", std::string_view(failed.request_id));
    json.Member("server_id", std::string_view(failed.server_id));
    json.Member("reason", Name(failed.outcome)).Key("http");
    failed.http_status == 0 ? json.Null() : json.Int(failed.http_status);
    json.Key("at");
    WriteRounded(json, failed.start_s, kInstantDigits);
    json.Key("after");
    WriteRounded(json, failed.after_s ? std::optional(*failed.after_s * 1e3) : std::nullopt,
                 kSpanDigits);
    json.Member("tokens", failed.tokens);
    json.Member("message", Shortened(failed.message)).EndObject();
  }
  json.EndArray().EndObject();
}

}  // namespace sseprof
