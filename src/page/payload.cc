#include "page/payload.h"

#include <fmt/format.h>

#include <cmath>

namespace sseprof {
namespace {

constexpr int kPayloadVersion = 1;
constexpr int kSpanDigits = 4;

void WritePair(JsonWriter& json, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  json.BeginArray().String(name).String(value).EndArray();
}

std::string LoadOf(const RunContext& context) {
  return fmt::format("closed loop, {} {}", context.concurrency,
                     context.stream ? "streams" : "requests at a time");
}

std::string RequestsOf(const Summary& summary) {
  std::string text = fmt::format("{} measured", summary.ok + summary.errors);
  if (summary.context.warmup_requests > 0) {
    text += fmt::format(" after {} of warm-up", summary.context.warmup_requests);
  }
  return text;
}

}  // namespace

void WriteRounded(JsonWriter& json, double value, int digits) {
  std::isfinite(value) ? json.Raw(fmt::format("{:.{}g}", value, digits)) : json.Null();
}

void WriteRounded(JsonWriter& json, const std::optional<double>& value, int digits) {
  value ? WriteRounded(json, *value, digits) : static_cast<void>(json.Null());
}

void WriteRounded(JsonWriter& json, std::string_view key, const std::vector<double>& values,
                  int digits) {
  json.Key(key).BeginArray();
  for (const double value : values) WriteRounded(json, value, digits);
  json.EndArray();
}

void WriteMillis(JsonWriter& json, std::string_view key,
                 const std::vector<std::optional<double>>& seconds) {
  json.Key(key).BeginArray();
  for (const auto& value : seconds) {
    WriteRounded(json, value ? std::optional(*value * 1e3) : std::nullopt, kSpanDigits + 1);
  }
  json.EndArray();
}

void WriteText(JsonWriter& json, std::string_view key, const std::string& json_text) {
  json.Key(key).Raw(JsonDocument::Parse(json_text).root().Text());
}

void BeginPayload(JsonWriter& json, std::string_view kind, const std::string& title) {
  json.BeginObject().Member("page", kPayloadVersion).Member("kind", kind);
  json.Member("title", std::string_view(title));
}

void WriteSetting(JsonWriter& json, const Summary& summary) {
  const RunContext& context = summary.context;
  json.Key("setting").BeginArray();
  WritePair(json, "model", context.model);
  WritePair(json, "endpoint", context.endpoint);
  if (!summary.server_kind.empty()) {
    WritePair(json, "server", fmt::format("{} {}", summary.server_kind, summary.server_version));
  }
  for (const auto& [name, value] : context.labels) {
    WritePair(json, fmt::format("label {}", name), value);
  }
  WritePair(json, "load", LoadOf(context));
  WritePair(json, "requests", RequestsOf(summary));
  WritePair(json, "tokens at most", std::to_string(context.max_tokens));
  WritePair(json, "temperature", fmt::format("{}", context.temperature));
  if (!context.prompt_sha256.empty()) {
    WritePair(json, "prompts",
              fmt::format("{}, sha256 {}", context.prompts, context.prompt_sha256));
  }
  if (summary.client) {
    WritePair(json, "time stamps",
              fmt::format("{}, {}", summary.client->timestamps, summary.client->path));
    WritePair(json, "event loops", std::to_string(summary.client->threads));
  }
  for (const auto& [name, value] : context.host) {
    WritePair(json, fmt::format("client {}", name), value);
  }
  WritePair(json, "started", context.started_at);
  WritePair(json, "run", context.run_id);
  WritePair(json, "sseprof", context.sseprof_version);
  json.EndArray();
}

void WriteConfiguration(JsonWriter& json, const Summary& summary) {
  json.Key("options").BeginArray();
  for (const auto& [name, value] : summary.context.options) {
    json.BeginArray().String(name).String(value).EndArray();
  }
  json.EndArray().Key("command").BeginArray();
  for (const std::string& word : summary.context.command) json.String(word);
  json.EndArray();
}

std::string NameOf(const Summary& summary) {
  const auto label = summary.context.labels.find("variant");
  return label != summary.context.labels.end() ? label->second : summary.context.model;
}

}  // namespace sseprof
