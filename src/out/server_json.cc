#include "out/server_json.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "out/summary_fields.h"

namespace sseprof {
namespace {

void WriteGauge(JsonWriter& json, std::string_view key, const std::optional<GaugeRange>& gauge) {
  json.Key(key);
  if (!gauge) {
    json.Null();
    return;
  }
  json.BeginObject().Member("mean", gauge->mean).Member("max", gauge->max).EndObject();
}

std::optional<GaugeRange> ReadGauge(const JsonFields& fields, std::string_view key) {
  const auto gauge = fields.MaybeObject(key);
  if (!gauge) return std::nullopt;
  return GaugeRange{.mean = gauge->Double("mean"), .max = gauge->Double("max")};
}

void WriteHistogram(JsonWriter& json, const std::optional<ServerHistogram>& histogram) {
  if (!histogram) {
    json.Null();
    return;
  }
  json.BeginObject().Key("edges_s").BeginArray();
  for (const double edge : histogram->edges) json.Double(edge);
  json.EndArray().Key("counts").BeginArray();
  for (const std::uint64_t count : histogram->counts) json.Uint(count);
  json.EndArray().Member("sum_s", histogram->sum).EndObject();
}

ServerHistogram ReadHistogram(const JsonFields& fields) {
  ServerHistogram histogram;
  const JsonView edges = fields.Array("edges_s");
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const auto edge = edges.At(i).AsDouble();
    if (!edge) throw FormatError("'edges_s' has something else than numbers");
    histogram.edges.push_back(*edge);
  }
  const JsonView counts = fields.Array("counts");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    histogram.counts.push_back(
        static_cast<std::uint64_t>(BoundedInt(counts.At(i), "counts", 0, kMostNanos)));
  }
  if (histogram.counts.size() != histogram.edges.size() + 1) {
    throw FormatError("'counts' must be one more than 'edges_s'");
  }
  histogram.sum = fields.Double("sum_s");
  return histogram;
}

void WriteDistribution(JsonWriter& json, std::string_view key,
                       const std::optional<ServerDistribution>& d) {
  json.Key(key);
  if (!d) {
    json.Null();
    return;
  }
  json.BeginObject().Member("count", d->count).Member("mean", d->mean);
  for (const ServerQuantileField& field : kServerQuantiles) {
    const ServerDistribution::Quantile& quantile = (*d).*field.value;
    const std::string name(field.name);
    json.Member(name, quantile.value);
    json.Member(name + "_low", quantile.low).Member(name + "_high", quantile.high);
  }
  json.EndObject();
}

ServerDistribution ReadServerDistribution(const JsonFields& fields) {
  ServerDistribution d{.count = fields.Count("count"), .mean = fields.MaybeDouble("mean")};
  for (const ServerQuantileField& field : kServerQuantiles) {
    const std::string name(field.name);
    d.*field.value = {.value = fields.MaybeDouble(name),
                      .low = fields.MaybeDouble(name + "_low"),
                      .high = fields.MaybeDouble(name + "_high")};
  }
  return d;
}

struct PerRequestField {
  std::string_view name;
  Distribution ServerPerRequest::*value;
};
constexpr PerRequestField kPerRequest[] = {
    {"queue_s", &ServerPerRequest::queue},
    {"first_token_s", &ServerPerRequest::first_token},
    {"decode_s", &ServerPerRequest::decode},
    {"between_s", &ServerPerRequest::between},
};

void WritePerRequest(JsonWriter& json, const std::optional<ServerPerRequest>& times) {
  json.Key("per_request");
  if (!times) {
    json.Null();
    return;
  }
  json.BeginObject().Member("count", times->count);
  for (const PerRequestField& field : kPerRequest) {
    WriteDistribution(json, field.name, (*times).*field.value);
  }
  json.EndObject();
}

ServerPerRequest ReadPerRequest(const JsonFields& fields) {
  ServerPerRequest times;
  times.count = fields.Count("count");
  for (const PerRequestField& field : kPerRequest) {
    ReadDistribution(fields.Object(field.name), times.*field.value);
  }
  return times;
}

void WriteCounts(JsonWriter& json, const ServerReport& report) {
  json.Member("requests", report.requests).Member("prompt_tokens", report.prompt_tokens);
  json.Member("generation_tokens", report.generation_tokens);
  json.Member("preemptions", report.preemptions);
  json.Key("prefix_cache");
  if (!report.prefix_hits) {
    json.Null();
    return;
  }
  json.BeginObject().Member("queries", report.prefix_queries);
  json.Member("hits", report.prefix_hits).Member("hit_rate", report.prefix_hit_rate).EndObject();
}

void ReadCounts(const JsonFields& fields, ServerReport& report) {
  report.requests = fields.MaybeCount("requests");
  report.prompt_tokens = fields.MaybeCount("prompt_tokens");
  report.generation_tokens = fields.MaybeCount("generation_tokens");
  report.preemptions = fields.MaybeCount("preemptions");
  if (const auto cache = fields.MaybeObject("prefix_cache")) {
    report.prefix_queries = cache->MaybeCount("queries");
    report.prefix_hits = cache->MaybeCount("hits");
    report.prefix_hit_rate = cache->MaybeDouble("hit_rate");
  }
}

}  // namespace

void WriteServerWindow(JsonWriter& json, const std::optional<ServerWindow>& window) {
  if (!window) {
    json.Null();
    return;
  }
  json.BeginObject().Member("kind", std::string_view(window->kind));
  json.Member("scrapes", window->scrapes).Member("failed_scrapes", window->failed_scrapes);
  json.Member("length_ns", window->length.count());
  for (const ServerCounterField& field : kServerCounters) {
    json.Member(field.name, (*window).*field.value);
  }
  for (const ServerGaugeField& field : kServerGauges) {
    WriteGauge(json, field.name, (*window).*field.value);
  }
  for (const ServerHistogramField& field : kServerHistograms) {
    json.Key(field.name);
    WriteHistogram(json, (*window).*field.value);
  }
  json.EndObject();
}

ServerWindow ReadServerWindow(const JsonFields& fields) {
  ServerWindow window;
  window.kind = fields.Text("kind");
  window.scrapes = fields.Count("scrapes");
  window.failed_scrapes = fields.Count("failed_scrapes");
  window.length = fields.MaybeSpan("length_ns").value_or(Nanos{0});
  for (const ServerCounterField& field : kServerCounters) {
    window.*field.value = fields.MaybeDouble(field.name);
    if (window.*field.value && !(*(window.*field.value) >= 0 && *(window.*field.value) < 0x1p60)) {
      throw FormatError(fmt::format("'{}' is out of bounds", field.name));
    }
  }
  for (const ServerGaugeField& field : kServerGauges) {
    window.*field.value = ReadGauge(fields, field.name);
  }
  for (const ServerHistogramField& field : kServerHistograms) {
    if (const auto histogram = fields.MaybeObject(field.name)) {
      window.*field.value = ReadHistogram(*histogram);
    }
  }
  return window;
}

void WriteServerReport(JsonWriter& json, const std::optional<ServerReport>& report) {
  if (!report) {
    json.Null();
    return;
  }
  json.BeginObject();
  WriteMaybeText(json, "kind", report->kind);
  json.Member("scrapes", report->scrapes).Member("failed_scrapes", report->failed_scrapes);
  json.Member("window_s", report->window_s);
  WriteCounts(json, *report);
  WriteGauge(json, "running", report->running);
  WriteGauge(json, "waiting", report->waiting);
  WriteGauge(json, "kv_usage", report->kv_usage);
  for (const ServerDistributionField& field : kServerDistributions) {
    WriteDistribution(json, field.name, (*report).*field.value);
  }
  json.Member("prefill_total_s", report->prefill_total_s);
  json.Member("decode_total_s", report->decode_total_s);
  json.Key("client").BeginObject().Member("requests", report->client_requests);
  json.Member("prompt_tokens", report->client_prompt_tokens);
  json.Member("generation_tokens", report->client_generation_tokens).EndObject();
  json.Member("agrees", report->agrees);
  json.Key("between").BeginObject().Member("ttft_mean_s", report->ttft_between_s);
  json.Member("itl_mean_s", report->itl_between_s);
  json.Member("e2e_mean_s", report->latency_between_s).EndObject();
  WritePerRequest(json, report->per_request);
  json.EndObject();
}

ServerReport ReadServerReport(const JsonFields& fields) {
  ServerReport report;
  report.kind = fields.TextOr("kind", "");
  report.scrapes = fields.Count("scrapes");
  report.failed_scrapes = fields.Count("failed_scrapes");
  report.window_s = fields.MaybeDouble("window_s");
  ReadCounts(fields, report);
  report.running = ReadGauge(fields, "running");
  report.waiting = ReadGauge(fields, "waiting");
  report.kv_usage = ReadGauge(fields, "kv_usage");
  for (const ServerDistributionField& field : kServerDistributions) {
    if (const auto d = fields.MaybeObject(field.name)) {
      report.*field.value = ReadServerDistribution(*d);
    }
  }
  report.prefill_total_s = fields.MaybeDouble("prefill_total_s");
  report.decode_total_s = fields.MaybeDouble("decode_total_s");
  const JsonFields client = fields.Object("client");
  report.client_requests = client.Count("requests");
  report.client_prompt_tokens = client.MaybeCount("prompt_tokens");
  report.client_generation_tokens = client.MaybeCount("generation_tokens");
  report.agrees = fields["agrees"].AsBool();
  const JsonFields between = fields.Object("between");
  report.ttft_between_s = between.MaybeDouble("ttft_mean_s");
  report.itl_between_s = between.MaybeDouble("itl_mean_s");
  report.latency_between_s = between.MaybeDouble("e2e_mean_s");
  if (const auto times = fields.MaybeObject("per_request")) {
    report.per_request = ReadPerRequest(*times);
  }
  return report;
}

}  // namespace sseprof
