#include "out/summary_json.h"

#include <string_view>

#include "out/server_json.h"
#include "out/summary_fields.h"
#include "stats/distribution.h"
#include "wire/json.h"

namespace sseprof {
namespace {

constexpr int kSchemaVersion = 1;

void WriteReplacedKeys(JsonWriter& json, const Summary& s) {
  json.Member("endpoint", std::string_view(s.context.endpoint));
  json.Member("model", std::string_view(s.context.model));
  json.Member("concurrency", s.context.concurrency).Member("requests", s.requests);
  json.Member("max_tokens", s.context.max_tokens);
  json.Member("temperature", s.context.temperature).Member("stream", s.context.stream);
  json.Member("ok", s.ok).Member("errors", s.errors);
  json.Member("total_time_s", s.total_time_s).Member("qps", s.qps);
  WriteDistribution(json, "latency_s", s.latency);
  json.Key("ttft_s").BeginObject();
  WriteFigures(json, s.ttft);
  json.Member("cold_count", s.ttft_cold_count).EndObject();
  json.Key("token_usage").BeginObject();
  json.Member("prompt_tokens_mean", s.prompt_tokens_mean);
  json.Member("completion_tokens_mean", s.completion_tokens_mean).EndObject();
  json.Key("derived").BeginObject();
  json.Member("prompt_tps", s.prompt_tps).Member("decode_tps", s.decode_tps);
  json.Member("ms_per_output_token", s.ms_per_output_token).EndObject();
}

void WriteGaps(JsonWriter& json, const GapDistribution& itl) {
  json.Key("itl_s").BeginObject();
  WriteFigures(json, itl);
  json.Member("count_all", itl.count_all).Member("uncertain_share", itl.uncertain_share);
  const auto bound = [](const auto& bounds, const std::string& name) {
    const auto it = bounds.find(name);
    return it == bounds.end() ? std::optional<double>() : it->second;
  };
  for (const QuantileField& quantile : kQuantiles) {
    const std::string name{quantile.name};
    json.Member(name + "_low", bound(itl.low, name)).Member(name + "_high", bound(itl.high, name));
  }
  WriteMaybeText(json, "max_request_id", itl.max_request_id);
  json.EndObject();
}

void WriteTpot(JsonWriter& json, const Summary& s) {
  json.Key("tpot_s").BeginObject();
  WriteFigures(json, s.tpot);
  json.Key("basis").BeginObject();
  json.Member("exact", s.tpot_exact).Member("estimated", s.tpot_estimated).EndObject();
  json.EndObject();
}

void WriteUsageCheck(JsonWriter& json, const std::optional<UsageCheck>& check) {
  json.Key("usage_check");
  if (!check) {
    json.Null();
    return;
  }
  json.BeginObject();
  json.Member("exact", check->exact).Member("hidden_tokens", check->hidden_tokens);
  json.Member("multi_token_events", check->multi_token_events).Member("over", check->over);
  json.Member("missing", check->missing).Member("tokens_usage", check->tokens_usage);
  json.Member("tokens_counted", check->tokens_counted);
  json.Member("tokens_counted_all", check->tokens_counted_all).Member("ratio", check->ratio);
  json.Member("max_difference", check->max_difference);
  json.Member("decode_tps_counted", check->decode_tps_counted);
  json.Member("relative_difference", check->relative_difference);
  json.Member("explanation", std::string_view(check->explanation)).EndObject();
}

void WriteStalls(JsonWriter& json, const Stalls& stalls) {
  json.Key("stalls").BeginObject();
  json.Member("count", stalls.count).Member("shared", stalls.shared);
  json.Member("single", stalls.single).Member("longest_s", stalls.longest_s);
  json.Member("total_s", stalls.total_s).Member("threshold_s", stalls.threshold_s);
  json.Member("share_of_gaps", stalls.share_of_gaps).EndObject();
}

void WriteSteadyState(JsonWriter& json, const std::optional<SteadyState>& steady) {
  json.Key("steady_state");
  if (!steady) {
    json.Null();
    return;
  }
  json.BeginObject();
  json.Member("start_s", steady->start_s).Member("end_s", steady->end_s);
  json.Member("requests", steady->requests).Member("decode_tps", steady->decode_tps);
  WriteDistribution(json, "itl_s", steady->itl);
  WriteDistribution(json, "ttft_s", steady->ttft);
  json.EndObject();
}

void WriteGoodput(JsonWriter& json, const std::optional<Goodput>& goodput) {
  json.Key("goodput");
  if (!goodput) {
    json.Null();
    return;
  }
  const auto limit = [&json](std::string_view key, const std::optional<Nanos>& span) {
    json.Member(key, span ? std::optional(ToSeconds(*span)) : std::nullopt);
  };
  json.BeginObject().Key("slo").BeginObject();
  limit("ttft_s", goodput->slo.ttft);
  limit("tpot_s", goodput->slo.tpot);
  limit("latency_s", goodput->slo.latency);
  json.EndObject().Member("within", goodput->within).Member("share", goodput->share);
  json.Member("requests_per_s", goodput->requests_per_s).EndObject();
}

void WriteClient(JsonWriter& json, const std::optional<ClientReport>& client) {
  json.Key("client");
  if (!client) {
    json.Null();
    return;
  }
  json.BeginObject();
  json.Member("timestamps", std::string_view(client->timestamps));
  json.Member("path", std::string_view(client->path));
  WriteDistribution(json, "client_delay_s", client->client_delay);
  WriteDistribution(json, "send_delay_s", client->send_delay);
  json.Member("exact", client->exact).Member("bundled", client->bundled);
  json.Member("coalesced", client->coalesced).Member("clock_rejected", client->clock_rejected);
  json.Member("widest_s", client->widest_s).Member("retried", client->retried);
  json.Member("threads", client->threads).Member("loop_busy", client->loop_busy);
  json.Member("cpu_s", client->cpu_s).Member("max_rss_bytes", client->max_rss_bytes);
  json.Member("verdict", std::string_view(client->verdict));
  WriteMaybeText(json, "reason", client->reason);
  json.EndObject();
}

void WriteRun(JsonWriter& json, const Summary& s) {
  const RunContext& context = s.context;
  json.Key("run").BeginObject();
  json.Member("id", std::string_view(context.run_id));
  json.Member("started_at", std::string_view(context.started_at));
  json.Key("labels").BeginObject();
  for (const auto& [name, value] : context.labels) json.Member(name, std::string_view(value));
  json.EndObject();
  json.Member("sseprof_version", std::string_view(context.sseprof_version));
  WriteNames(json, "command", context.command);
  json.Key("host").BeginObject();
  for (const auto& [name, value] : context.host) json.Member(name, std::string_view(value));
  json.EndObject();
  json.Key("server").BeginObject();
  WriteMaybeText(json, "kind", s.server_kind);
  WriteMaybeText(json, "version", s.server_version);
  json.EndObject();
  json.Member("prompt_sha256", std::string_view(context.prompt_sha256));
  json.Member("prompts", static_cast<std::uint64_t>(context.prompts));
  json.Member("warmup_requests", context.warmup_requests);
  json.Member("interrupted", s.interrupted).EndObject();
}

void WriteWarnings(JsonWriter& json, const std::vector<Warning>& warnings) {
  json.Key("warnings").BeginArray();
  for (const Warning& warning : warnings) {
    json.BeginObject().Member("code", std::string_view(warning.code));
    json.Member("message", std::string_view(warning.message));
    json.Member("advice", std::string_view(warning.advice)).EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string SummaryJson(const Summary& summary) {
  JsonWriter json(JsonWriter::Style::kPretty);
  json.BeginObject();
  WriteReplacedKeys(json, summary);
  json.Member("schema_version", kSchemaVersion);
  WriteGaps(json, summary.itl);
  WriteTpot(json, summary);
  WriteDistribution(json, "decode_tps_per_request", summary.decode_tps_per_request);
  WriteDistribution(json, "start_lag_s", summary.start_lag);
  WriteDistribution(json, "send_delay_s", summary.send_delay);
  WriteDistribution(json, "connect_s", summary.connect);
  WriteUsageCheck(json, summary.usage_check);
  json.Key("failures").BeginObject();
  for (const auto& [reason, count] : summary.failures) json.Member(reason, count);
  json.EndObject();
  WriteStalls(json, summary.stalls);
  WriteSteadyState(json, summary.steady_state);
  WriteGoodput(json, summary.goodput);
  WriteClient(json, summary.client);
  json.Key("server");
  WriteServerReport(json, summary.server);
  WriteRun(json, summary);
  WriteWarnings(json, summary.warnings);
  json.EndObject();
  return std::string(json.text()) + "\n";
}

}  // namespace sseprof
