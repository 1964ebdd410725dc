#include "neighbours/aiperf_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "sseprof/wall_time.h"

namespace sseprof {
namespace {

/// "2026-01-02T03:04:05.678000", as Python's isoformat() without a zone.
std::string IsoTime(Nanos since_epoch) {
  const auto rest = since_epoch - std::chrono::floor<std::chrono::seconds>(since_epoch);
  return fmt::format("{}.{:06}", FormatWallTime("%Y-%m-%dT%H:%M:%S", since_epoch),
                     std::chrono::duration_cast<std::chrono::microseconds>(rest).count());
}

constexpr std::string_view kSchemaVersion = "1.4";
constexpr int kStatusOk = 200;

/// As a shell would have it.
std::string CommandLine(const std::vector<std::string>& command) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+";
  std::string line;
  for (const std::string& word : command) {
    if (!line.empty()) line += ' ';
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) c == '\'' ? line += "'\\''" : line += c;
    line += '\'';
  }
  return line;
}

std::string PromptsOf(const RunContext& context) {
  for (const auto& [name, value] : context.options) {
    if (name == "prompt-file" && !value.empty()) return value;
  }
  return "prompt";
}

}  // namespace

void AiperfExport::Add(const RequestRecord& record) {
  if (record.warmup) return;
  last_end_ = std::max(last_end_, record.start + record.closed.value_or(Nanos{0}));
  if (metrics_.Add(record)) return;
  const bool good = record.good();
  ++errors_[{record.http_status == kStatusOk ? 0 : record.http_status,
             good ? "no_output" : std::string(Name(record.outcome)),
             good ? "the answer has no output" : record.message}];
}

std::string AiperfExport::Finish(const RunEnd* end) {
  metrics_.Finish();
  JsonWriter json(JsonWriter::Style::kPretty);
  json.BeginObject().Member("schema_version", kSchemaVersion);
  json.Member("aiperf_version", "sseprof " + context_.sseprof_version);
  json.Member("benchmark_id", context_.run_id);
  metrics_.Write(AiperfMetrics::Part::kBeforeTheRun, json);
  WriteConfig(json);
  WriteRunInfo(json);
  json.Member("was_cancelled", end == nullptr || end->interrupted_at.has_value());
  json.Member("is_complete", end != nullptr);
  if (end == nullptr) json.Member("incomplete_reason", "the record file has no end mark");
  WriteErrors(json);
  WriteTimes(json);
  metrics_.Write(AiperfMetrics::Part::kBehindTheRun, json);
  json.EndObject();
  return std::string(json.text()) + "\n";
}

void AiperfExport::WriteConfig(JsonWriter& json) const {
  json.Key("input_config").BeginObject();
  json.Key("models").BeginObject().Key("items").BeginArray();
  json.BeginObject().Member("name", context_.model).EndObject().EndArray().EndObject();
  json.Key("endpoint").BeginObject();
  json.Key("urls").BeginArray().String(context_.endpoint).EndArray();
  json.Member("type", "chat").Member("streaming", context_.stream);
  json.Member("use_server_token_count", true).EndObject();
  json.Key("datasets").BeginArray().BeginObject();
  json.Member("name", "main").Member("type", "file").Member("path", PromptsOf(context_));
  json.Member("format", "single_turn");
  json.Member("entries", static_cast<std::uint64_t>(context_.prompts)).EndObject().EndArray();
  json.Key("phases").BeginArray().BeginObject();
  json.Member("name", "profiling").Member("kind", "profiling").Member("type", "concurrency");
  if (context_.requests) json.Member("requests", *context_.requests);
  if (context_.duration) json.Member("duration", ToSeconds(*context_.duration));
  json.Member("concurrency", context_.concurrency).EndObject().EndArray().EndObject();
}

void AiperfExport::WriteRunInfo(JsonWriter& json) const {
  json.Key("run_info").BeginObject();
  json.Member("benchmark_id", context_.run_id).Member("trial", 0);
  const auto variant = context_.labels.find("variant");
  if (variant != context_.labels.end()) json.Member("run_label", variant->second);
  json.Member("cli_command", CommandLine(context_.command)).EndObject();
}

void AiperfExport::WriteErrors(JsonWriter& json) const {
  json.Key("error_summary").BeginArray();
  for (const auto& [error, count] : errors_) {
    const auto& [status, reason, message] = error;
    json.BeginObject().Key("error_details").BeginObject();
    if (status != 0) json.Member("code", status);
    json.Member("type", reason).Member("message", message).EndObject();
    json.Member("count", count).EndObject();
  }
  json.EndArray();
}

void AiperfExport::WriteTimes(JsonWriter& json) const {
  const auto started = ParseWallTime(context_.started_at);
  if (!started) return;
  json.Member("start_time", IsoTime(*started));
  if (last_end_ < context_.origin) return;
  json.Member("end_time", IsoTime(*started + (last_end_ - context_.origin)));
}

}  // namespace sseprof
