#include "selfcheck/selfcheck_json.h"

#include <string_view>

#include "wire/json.h"

namespace sseprof {
namespace {

constexpr int kSchemaVersion = 1;

std::optional<double> Times(std::optional<double> value, double factor) {
  if (!value) return std::nullopt;
  return *value * factor;
}

void WriteMicros(JsonWriter& json, std::string_view key, const Distribution& d) {
  json.Key(key).BeginObject();
  json.Member("p50", Times(d.p50, 1e6)).Member("p99", Times(d.p99, 1e6));
  json.Member("p999", Times(d.p999, 1e6)).Member("max", Times(d.max, 1e6)).EndObject();
}

void WriteCompared(JsonWriter& json, std::string_view key, const Compared& both) {
  json.Key(key).BeginObject();
  const auto quantile = [&](std::string_view name, std::optional<double> Distribution::*value) {
    json.Key(name).BeginObject();
    json.Member("true", Times(both.truth.*value, 1e3));
    json.Member("measured", Times(both.measured.*value, 1e3)).EndObject();
  };
  quantile("p50", &Distribution::p50);
  quantile("p99", &Distribution::p99);
  json.Member("count", both.truth.count).EndObject();
}

void WriteClient(JsonWriter& json, const SelfcheckRun& run) {
  WriteMicros(json, "send_delay_us", run.client.send_delay);
  WriteMicros(json, "client_delay_us", run.client.client_delay);
  json.Member("clock_rejected", run.client.clock_rejected);
  json.Member("client_verdict", std::string_view(run.client.verdict));
  json.Key("client_reason");
  run.client.reason.empty() ? json.Null() : json.String(run.client.reason);
  json.Member("wall_s", run.wall_s).Member("cpu_s", run.client.cpu_s);
  json.Member("max_rss_bytes", run.client.max_rss_bytes);
  json.Member("preempted", run.switches);
  json.Member("server_cpu_s", run.server_cpu_s).Member("server_preempted", run.server_switches);
}

void WriteLoad(JsonWriter& json, const std::optional<CoreLoad>& load) {
  json.Key("others");
  if (!load) {
    json.Null();
    return;
  }
  json.BeginObject().Member("server_core", load->server).Member("client_cores", load->client);
  json.Member("stolen", load->stolen).EndObject();
}

void WriteRun(JsonWriter& json, const SelfcheckRun& run) {
  json.BeginObject();
  json.Member("phase", std::string_view(run.phase));
  json.Member("timestamps", std::string_view(run.timestamps));
  json.Member("timestamps_used", std::string_view(run.timestamps_used));
  json.Member("requests", run.requests).Member("failed", run.failed);
  json.Member("events", run.events).Member("judged_events", run.judged_events);
  json.Member("judged_share", run.judged_share());
  WriteMicros(json, "bracket_us", run.bracket);
  WriteMicros(json, "error_us", run.error);
  json.Member("earliest_us", ToSeconds(run.earliest) * 1e6);
  json.Member("contained_share", run.contained_share());
  json.Member("coalesced_share", run.coalesced_share);
  WriteCompared(json, "itl_ms", run.itl);
  WriteCompared(json, "ttft_ms", run.ttft);
  WriteCompared(json, "latency_ms", run.latency);
  WriteClient(json, run);
  WriteLoad(json, run.load);
  json.EndObject();
}

void WriteSettings(JsonWriter& json, const SelfcheckSettings& settings) {
  json.Member("concurrency", settings.concurrency).Member("requests", settings.requests);
  json.Member("tokens", settings.tokens).Member("itl_ms", settings.itl_ms);
  json.Member("ttft_ms", settings.ttft_ms).Member("threads", settings.threads);
  json.Member("max_error_us", settings.max_error_us);
  json.Member("judged_below_us", ToSeconds(kJudgedBelow) * 1e6);
  json.Member("contained_tolerance_us", ToSeconds(kContainedTolerance) * 1e6);
}

void WriteCores(JsonWriter& json, const CorePlan& cores) {
  const auto numbers = [&json](std::string_view key, const std::vector<int>& values) {
    json.Key(key).BeginArray();
    for (const int value : values) json.Int(value);
    json.EndArray();
  };
  json.Key("cores").BeginObject();
  numbers("server", cores.server);
  numbers("client", cores.client);
  json.Member("shared", cores.shared).EndObject();
}

void WriteLimit(JsonWriter& json, const std::optional<SelfcheckLimit>& limit) {
  json.Key("limit");
  if (!limit) {
    json.Null();
    return;
  }
  json.BeginObject().Member("concurrency", limit->concurrency);
  json.Member("first_bad", limit->first_bad).Member("bound", limit->bound);
  json.Key("probes").BeginArray();
  for (const LimitProbe& probe : limit->probes) {
    json.BeginObject()
        .Member("concurrency", probe.concurrency)
        .Member("verdict", std::string_view(probe.verdict));
    json.Member("error_p99_us", probe.error_p99_us).Key("reason");
    probe.reason.empty() ? json.Null() : json.String(probe.reason);
    json.EndObject();
  }
  json.EndArray().EndObject();
}

void WriteWarnings(JsonWriter& json, std::string_view key, const std::vector<Warning>& warnings) {
  json.Key(key).BeginArray();
  for (const Warning& warning : warnings) {
    json.BeginObject().Member("code", std::string_view(warning.code));
    json.Member("message", std::string_view(warning.message));
    json.Member("advice", std::string_view(warning.advice)).EndObject();
  }
  json.EndArray();
}

void WriteVerdict(JsonWriter& json, const SelfcheckVerdict& verdict) {
  const bool ok = verdict.ok();
  json.Member("verdict", ok ? std::string_view("ok") : verdict.problems.front().code);
  json.Key("reason");
  ok ? json.Null() : json.String(verdict.problems.front().message);
  json.Key("advice");
  ok ? json.Null() : json.String(verdict.problems.front().advice);
  WriteWarnings(json, "problems", verdict.problems);
  WriteWarnings(json, "notes", verdict.notes);
}

}  // namespace

std::string SelfcheckJson(const SelfcheckReport& report) {
  JsonWriter json(JsonWriter::Style::kPretty);
  json.BeginObject().Member("schema_version", kSchemaVersion);
  json.Member("sseprof_version", std::string_view(report.sseprof_version));
  json.Key("host").BeginObject();
  for (const auto& [name, value] : report.host) json.Member(name, std::string_view(value));
  json.EndObject();
  WriteSettings(json, report.settings);
  WriteCores(json, report.cores);
  json.Key("runs").BeginArray();
  for (const SelfcheckRun& run : report.runs) WriteRun(json, run);
  json.EndArray();
  WriteLimit(json, report.limit);
  WriteVerdict(json, report.verdict);
  json.EndObject();
  return std::string(json.text()) + "\n";
}

}  // namespace sseprof
