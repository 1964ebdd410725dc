#include "out/record_lines.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "out/record_file.h"
#include "out/server_json.h"

namespace sseprof {
namespace {

constexpr std::int64_t kFormat = 1;

std::optional<std::int64_t> Count(const std::optional<Nanos>& span) {
  if (!span) return std::nullopt;
  return span->count();
}

std::optional<std::int64_t> Count(const std::optional<Instant>& instant) {
  if (!instant) return std::nullopt;
  return instant->time_since_epoch().count();
}

std::optional<double> Seconds(const std::optional<Nanos>& span) {
  if (!span) return std::nullopt;
  return ToSeconds(*span);
}

void AppendNumber(std::int64_t value, std::string& out) {
  char digits[std::numeric_limits<std::int64_t>::digits10 + 3];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  out.append(digits, end);
}

/// `[a,b,..]` of a value of each element.
template <class Container, class Value>
void NumbersInto(const Container& container, Value value, std::string& out) {
  constexpr std::size_t kMostDigits = std::numeric_limits<std::int64_t>::digits10 + 2;
  out.resize(2 + container.size() * (kMostDigits + 1));
  char* at = out.data();
  *at++ = '[';
  for (const auto& element : container) {
    at = std::to_chars(at, at + kMostDigits, value(element)).ptr;
    *at++ = ',';
  }
  if (!container.empty()) --at;
  *at++ = ']';
  out.resize(static_cast<std::size_t>(at - out.data()));
}

/// Choice by event: a number, or an array where the event speaks of several.
void ChoicesInto(const RequestRecord& record, std::string& out) {
  out.assign(1, '[');
  auto extra = record.extra_choices.begin();
  for (std::uint32_t i = 0; i < record.events.size(); ++i) {
    const auto first = extra;
    while (extra != record.extra_choices.end() && extra->event == i) ++extra;
    if (first != extra) out.push_back('[');
    AppendNumber(record.events[i].choice, out);
    for (auto it = first; it != extra; ++it) {
      out.push_back(',');
      AppendNumber(it->choice, out);
    }
    if (first != extra) out.push_back(']');
    out.push_back(',');
  }
  if (out.back() == ',') out.pop_back();
  out.push_back(']');
}

void UncertainInto(const RequestRecord& record, std::string& out) {
  out.assign(1, '[');
  for (std::size_t i = 0; i < record.events.size(); ++i) {
    if (record.events[i].width == Nanos{0}) continue;
    out.append(out.size() > 1 ? ",[" : "[");
    AppendNumber(static_cast<std::int64_t>(i), out);
    out.push_back(',');
    AppendNumber(record.events[i].width.count(), out);
    out.push_back(']');
  }
  out.push_back(']');
}

template <class Pairs>
void WriteTexts(JsonWriter& json, std::string_view key, const Pairs& pairs) {
  json.Key(key).BeginObject();
  for (const auto& [name, value] : pairs) json.Member(name, std::string_view(value));
  json.EndObject();
}

void WriteSlo(JsonWriter& json, const Slo& slo) {
  json.Key("slo").BeginObject();
  json.Member("ttft_s", Seconds(slo.ttft)).Member("tpot_s", Seconds(slo.tpot));
  json.Member("latency_s", Seconds(slo.latency)).EndObject();
}

void WriteHistogram(JsonWriter& json, std::string_view key, const Histogram& histogram) {
  const Histogram::Sparse sparse = histogram.ToSparse();
  json.Key(key).BeginObject();
  json.Member("min_ns", sparse.min_ns).Member("max_ns", sparse.max_ns);
  json.Member("sum_ns", std::string_view(sparse.sum_ns));
  json.Member("sum_squares", std::string_view(sparse.sum_squares));
  json.Key("slots").BeginArray();
  for (const auto& [slot, count] : sparse.slots) {
    json.BeginArray().Uint(slot).Uint(count).EndArray();
  }
  json.EndArray().EndObject();
}

void WriteClient(JsonWriter& json, const RunEnd& end) {
  const ClientStats& client = end.client;
  json.Key("client").BeginObject();
  WriteHistogram(json, "client_delay", client.client_delay);
  json.Member("clock_rejected", client.clock_rejected);
  json.Member("stamps_missing", client.stamps_missing);
  json.Member("connections", client.connections);
  json.Member("busy_ns", client.busy.count()).Member("elapsed_ns", client.elapsed.count());
  json.Member("timestamps", std::string_view(end.timestamps));
  json.Member("path", std::string_view(end.path));
  json.Member("threads", end.threads).Member("cpu_ns", end.cpu.count());
  json.Member("max_rss_bytes", end.max_rss_bytes);
  json.EndObject();
}

}  // namespace

bool SpeaksOfAChoice(const RequestRecord& record) {
  return std::any_of(record.events.begin(), record.events.end(), [](const StreamEvent& event) {
    return IsOutput(event.kind) || event.kind == EventKind::kEmpty ||
           event.kind == EventKind::kFinish;
  });
}

void RequestLineWriter::Append(const RequestRecord& record, std::string& out) {
  json_.Clear();
  json_.BeginObject();
  WriteIdentity(record);
  WriteTimes(record);
  WriteEvents(record);
  WriteOutcome(record);
  json_.EndObject();
  out.append(json_.text());
  out.push_back('\n');
}

void RequestLineWriter::WriteIdentity(const RequestRecord& record) {
  json_.Member("n", record.n);
  json_.Member("request_id", std::string_view(record.request_id));
  json_.Member("server_id", std::string_view(record.server_id));
}

void RequestLineWriter::WriteTimes(const RequestRecord& record) {
  json_.Member("scheduled_ns", Count(record.scheduled));
  json_.Member("ready_ns", Count(record.ready));
  json_.Member("start_ns", record.start.time_since_epoch().count());
  json_.Member("sent_ns", Count(record.sent));
  json_.Member("connect_start_ns", Count(record.connect_start));
  json_.Member("connect_ns", Count(record.connect));
  json_.Member("tls_ns", Count(record.tls));
  json_.Member("first_byte_ns", Count(record.first_byte));
  json_.Member("end_ns", Count(record.end));
  json_.Member("closed_ns", Count(record.closed));
}

void RequestLineWriter::WriteEvents(const RequestRecord& record) {
  NumbersInto(
      record.events, [](const StreamEvent& e) { return e.at.count(); }, scratch_);
  json_.Key("event_ns").Raw(scratch_);
  scratch_.clear();
  for (const StreamEvent& event : record.events) scratch_.push_back(static_cast<char>(event.kind));
  json_.Member("kinds", std::string_view(scratch_));
  NumbersInto(
      record.events, [](const StreamEvent& e) { return std::int64_t{e.tokens}; }, scratch_);
  json_.Key("tokens").Raw(scratch_);
  json_.Member("tokens_from", Name(record.tokens_from));
  const bool several = !record.extra_choices.empty() ||
                       std::any_of(record.events.begin(), record.events.end(),
                                   [](const StreamEvent& e) { return e.choice != 0; });
  if (several) {
    ChoicesInto(record, scratch_);
    json_.Key("choice").Raw(scratch_);
  }
  UncertainInto(record, scratch_);
  json_.Key("uncertain").Raw(scratch_);
  json_.Member("client_delay_ns", Count(record.client_delay));
}

void RequestLineWriter::WriteOutcome(const RequestRecord& record) {
  json_.Member("outcome", Name(record.outcome));
  json_.Member("http_status",
               record.http_status == 0 ? std::nullopt : std::optional(record.http_status));
  json_.Member("message", std::string_view(record.message));
  json_.Key("usage");
  if (record.usage) {
    json_.BeginObject();
    const auto member = [&](std::string_view key, const std::optional<std::int64_t>& value) {
      if (value) json_.Member(key, *value);
    };
    member("prompt_tokens", record.usage->prompt_tokens);
    member("completion_tokens", record.usage->completion_tokens);
    member("cached_tokens", record.usage->cached_tokens);
    member("reasoning_tokens", record.usage->reasoning_tokens);
    json_.EndObject();
  } else {
    json_.Null();
  }
  if (!record.server_metrics.empty()) {
    // A line end in JSON can only be space between its tokens.
    scratch_ = record.server_metrics;
    std::replace(scratch_.begin(), scratch_.end(), '\n', ' ');
    std::replace(scratch_.begin(), scratch_.end(), '\r', ' ');
    json_.Key("server_metrics").Raw(scratch_);
  }
  WriteFinishReasons(record);
  json_.Member("prompt", record.prompt).Member("max_tokens", record.max_tokens);
  json_.Member("warmup", record.warmup).Member("retried", record.retried);
  json_.Member("resent", record.resent).Member("reused", record.reused);
  json_.Member("done_missing", record.done_missing);
  if (record.text) json_.Member("text", std::string_view(*record.text));
  if (record.reasoning) json_.Member("reasoning", std::string_view(*record.reasoning));
}

void RequestLineWriter::WriteFinishReasons(const RequestRecord& record) {
  const std::vector<std::string>& reasons = record.finish_reasons;
  const auto write = [this](const std::string& reason) {
    reason.empty() ? json_.Null() : json_.String(reason);
  };
  json_.Key("finish_reason");
  const bool unfinished = reasons.empty() || (reasons.size() == 1 && reasons[0].empty());
  if (unfinished && !reasons.empty() == SpeaksOfAChoice(record)) {
    json_.Null();
  } else if (reasons.size() == 1 && !unfinished) {
    write(reasons[0]);
  } else {
    json_.BeginArray();
    for (const std::string& reason : reasons) write(reason);
    json_.EndArray();
  }
}

std::string RequestLine(const RequestRecord& record) {
  std::string line;
  RequestLineWriter{}.Append(record, line);
  line.pop_back();
  return line;
}

std::string ContextLine(const RunContext& context) {
  JsonWriter json;
  json.BeginObject().Member("sseprof_records", kFormat);
  json.Member("run_id", std::string_view(context.run_id));
  json.Member("started_at", std::string_view(context.started_at));
  WriteTexts(json, "labels", context.labels);
  json.Member("sseprof_version", std::string_view(context.sseprof_version));
  json.Key("command").BeginArray();
  for (const std::string& word : context.command) json.String(word);
  json.EndArray();
  WriteTexts(json, "host", context.host);
  WriteTexts(json, "options", context.options);
  json.Member("endpoint", std::string_view(context.endpoint));
  json.Member("model", std::string_view(context.model));
  json.Member("concurrency", context.concurrency).Member("requests", context.requests);
  json.Member("warmup_requests", context.warmup_requests);
  json.Member("duration_ns", Count(context.duration));
  json.Member("max_tokens", context.max_tokens).Member("temperature", context.temperature);
  json.Member("stream", context.stream);
  WriteSlo(json, context.slo);
  json.Member("prompt_sha256", std::string_view(context.prompt_sha256));
  json.Member("prompts", static_cast<std::uint64_t>(context.prompts));
  json.Member("timestamps", std::string_view(context.timestamps));
  json.Member("threads", context.threads);
  json.Member("origin_ns", context.origin.time_since_epoch().count());
  json.EndObject();
  return std::string(json.text());
}

std::string EndLine(const RunEnd& end) {
  JsonWriter json;
  json.BeginObject().Member("end", true);
  WriteClient(json, end);
  json.Key("window").BeginObject();
  json.Member("interrupted_ns", Count(end.interrupted_at)).EndObject();
  json.Key("warnings_run").BeginArray();
  for (const Warning& warning : end.warnings) {
    json.BeginObject().Member("code", std::string_view(warning.code));
    json.Member("message", std::string_view(warning.message));
    json.Member("advice", std::string_view(warning.advice)).EndObject();
  }
  json.EndArray();
  json.Key("server").BeginObject().Member("kind", std::string_view(end.server_kind));
  json.Member("version", std::string_view(end.server_version)).Key("metrics");
  WriteServerWindow(json, end.server_window);
  json.EndObject();
  json.EndObject();
  return std::string(json.text());
}

}  // namespace sseprof
