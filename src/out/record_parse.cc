#include "out/record_parse.h"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "out/json_fields.h"
#include "out/record_lines.h"
#include "out/server_json.h"
#include "wire/json.h"
#include "wire/server_times.h"

namespace sseprof {
namespace {

constexpr std::string_view kKinds = "voefudx.";

JsonDocument ParseLine(std::string_view line) {
  try {
    return JsonDocument::Parse(line);
  } catch (const JsonError& error) {
    throw FormatError(error.what());
  }
}

void ReadChoices(JsonView choices, RequestRecord& record) {
  constexpr std::int64_t kMost = std::numeric_limits<std::uint16_t>::max();
  const auto number = [](JsonView value) {
    return static_cast<std::uint16_t>(BoundedInt(value, "choice", 0, kMost));
  };
  for (std::size_t i = 0; i < record.events.size(); ++i) {
    const JsonView choice = choices.At(i);
    if (!choice.IsArray()) {
      record.events[i].choice = number(choice);
      continue;
    }
    record.events[i].choice = number(choice.At(0));
    for (std::size_t k = 1; k < choice.size(); ++k) {
      record.extra_choices.push_back(
          {.event = static_cast<std::uint32_t>(i), .choice = number(choice.At(k))});
    }
  }
}

void ReadEvents(const JsonFields& fields, RequestRecord& record) {
  const JsonView at = fields.Array("event_ns");
  const JsonView tokens = fields.Array("tokens");
  const std::string kinds = fields.Text("kinds");
  if (at.size() != kinds.size() || at.size() != tokens.size()) {
    throw FormatError("'event_ns', 'kinds' and 'tokens' differ in length");
  }
  record.events.resize(kinds.size());
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    StreamEvent& event = record.events[i];
    if (kKinds.find(kinds[i]) == std::string_view::npos) {
      throw FormatError(fmt::format("'kinds' has an unknown letter '{}'", kinds[i]));
    }
    event.kind = static_cast<EventKind>(kinds[i]);
    event.at = Nanos{BoundedInt(at.At(i), "event_ns", -kMostNanos, kMostNanos)};
    event.tokens = static_cast<std::int32_t>(BoundedInt(tokens.At(i), "tokens",
                                                        std::numeric_limits<std::int32_t>::min(),
                                                        std::numeric_limits<std::int32_t>::max()));
  }
  if (fields.view().Has("choice")) {
    if (fields.Array("choice").size() != kinds.size()) {
      throw FormatError("'event_ns' and 'choice' differ in length");
    }
    ReadChoices(fields["choice"], record);
  }
  const JsonView uncertain = fields.Array("uncertain");
  for (std::size_t i = 0; i < uncertain.size(); ++i) {
    const JsonView pair = uncertain.At(i);
    const auto event =
        BoundedInt(pair.At(0), "uncertain", 0, static_cast<std::int64_t>(record.events.size()) - 1);
    record.events[static_cast<std::size_t>(event)].width =
        Nanos{BoundedInt(pair.At(1), "uncertain", 0, kMostNanos)};
  }
}

void ReadUsage(const JsonFields& fields, RequestRecord& record) {
  if (fields["usage"].IsNull()) return;
  const JsonFields usage = fields.Object("usage");
  record.usage = Usage{.prompt_tokens = usage.MaybeInt("prompt_tokens"),
                       .completion_tokens = usage.MaybeInt("completion_tokens"),
                       .cached_tokens = usage.MaybeInt("cached_tokens"),
                       .reasoning_tokens = usage.MaybeInt("reasoning_tokens")};
}

void ReadFinishReasons(JsonView value, RequestRecord& record) {
  const auto reason = [](JsonView entry) {
    if (entry.IsNull()) return std::string();
    const auto text = entry.AsString();
    if (!text) throw FormatError("'finish_reason' is neither a string, null nor an array of them");
    return std::string(*text);
  };
  if (value.IsArray()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      record.finish_reasons.push_back(reason(value.At(i)));
    }
  } else if (!value.IsNull() || SpeaksOfAChoice(record)) {
    record.finish_reasons.push_back(reason(value));
  }
}

RequestRecord ReadRequest(const JsonFields& fields) {
  RequestRecord record;
  record.n = fields.Int("n");
  record.request_id = fields.TextOr("request_id", "");
  record.server_id = fields.TextOr("server_id", "");
  record.scheduled = fields.MaybeAt("scheduled_ns");
  record.ready = fields.MaybeAt("ready_ns");
  record.start = fields.At("start_ns");
  record.sent = fields.MaybeSpan("sent_ns");
  record.connect_start = fields.MaybeSpan("connect_start_ns");
  record.connect = fields.MaybeSpan("connect_ns");
  record.tls = fields.MaybeSpan("tls_ns");
  record.first_byte = fields.MaybeSpan("first_byte_ns");
  record.end = fields.MaybeSpan("end_ns");
  record.closed = fields.MaybeSpan("closed_ns");
  ReadEvents(fields, record);
  const auto source = ParseTokenSource(fields.Text("tokens_from"));
  if (!source) throw FormatError("'tokens_from' is not ids, logprobs, usage or events");
  record.tokens_from = *source;
  record.client_delay = fields.MaybeSpan("client_delay_ns");
  const auto outcome = ParseOutcome(fields.Text("outcome"));
  if (!outcome) throw FormatError("'outcome' is not known");
  record.outcome = *outcome;
  record.http_status = fields["http_status"].IsNull() ? 0 : fields.SmallInt("http_status");
  record.message = fields.TextOr("message", "");
  ReadUsage(fields, record);
  if (fields.view().Has("server_metrics")) {
    record.server_metrics = fields["server_metrics"].Text();
    record.server_times = ReadServerTimes(record.server_metrics);
  }
  ReadFinishReasons(fields["finish_reason"], record);
  record.prompt = fields.IntOr("prompt", 0);
  record.max_tokens = fields.IntOr("max_tokens", 0);
  record.warmup = fields.Flag("warmup");
  record.retried = fields.Flag("retried");
  record.resent = fields.Flag("resent");
  record.reused = fields.Flag("reused");
  record.done_missing = fields.Flag("done_missing");
  record.text = fields.MaybeText("text");
  record.reasoning = fields.MaybeText("reasoning");
  return record;
}

Histogram ReadHistogram(const JsonFields& fields) {
  Histogram::Sparse sparse;
  sparse.min_ns = BoundedInt(fields["min_ns"], "min_ns", 0, kMostNanos);
  sparse.max_ns = BoundedInt(fields["max_ns"], "max_ns", 0, kMostNanos);
  sparse.sum_ns = fields.Text("sum_ns");
  sparse.sum_squares = fields.Text("sum_squares");
  const JsonView slots = fields.Array("slots");
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const JsonView slot = slots.At(i);
    sparse.slots.emplace_back(
        static_cast<std::uint32_t>(BoundedInt(slot.At(0), "slots", 0, kMostNanos) & 0xffffffff),
        static_cast<std::uint64_t>(BoundedInt(slot.At(1), "slots", 1, kMostNanos)));
  }
  auto histogram = Histogram::FromSparse(sparse);
  if (!histogram) throw FormatError("'client_delay' is no histogram");
  return std::move(*histogram);
}

RunEnd ReadEnd(const JsonFields& fields) {
  RunEnd end;
  const JsonFields client = fields.Object("client");
  end.client.client_delay = ReadHistogram(client.Object("client_delay"));
  end.client.clock_rejected = client.Count("clock_rejected");
  end.client.stamps_missing = client.Count("stamps_missing");
  end.client.connections = client.Count("connections");
  end.client.busy = client.MaybeSpan("busy_ns").value_or(Nanos{0});
  end.client.elapsed = client.MaybeSpan("elapsed_ns").value_or(Nanos{0});
  end.timestamps = client.Text("timestamps");
  end.path = client.Text("path");
  end.threads = client.SmallInt("threads");
  end.cpu = client.MaybeSpan("cpu_ns").value_or(Nanos{0});
  end.max_rss_bytes = static_cast<std::int64_t>(client.Count("max_rss_bytes"));
  end.interrupted_at = fields.Object("window").MaybeAt("interrupted_ns");
  end.warnings = ReadWarnings(fields, "warnings_run");
  const JsonFields server = fields.Object("server");
  end.server_kind = server.TextOr("kind", "");
  end.server_version = server.TextOr("version", "");
  if (const auto metrics = server.MaybeObject("metrics")) {
    end.server_window = ReadServerWindow(*metrics);
  }
  return end;
}

}  // namespace

Slo ReadSlo(const JsonFields& fields) {
  if (fields["slo"].IsNull()) return {};
  const JsonFields slo = fields.Object("slo");
  return {.ttft = slo.MaybeSeconds("ttft_s"),
          .tpot = slo.MaybeSeconds("tpot_s"),
          .latency = slo.MaybeSeconds("latency_s")};
}

std::vector<Warning> ReadWarnings(const JsonFields& fields, std::string_view key) {
  std::vector<Warning> read;
  const JsonView warnings = fields.Array(key);
  for (std::size_t i = 0; i < warnings.size(); ++i) {
    const JsonFields warning(warnings.At(i));
    read.push_back({warning.Text("code"), warning.Text("message"), warning.Text("advice")});
  }
  return read;
}

RunContext ParseContextLine(std::string_view line) {
  const JsonDocument document = ParseLine(line);
  const JsonFields fields(document.root());
  if (fields["sseprof_records"].AsInt() != 1) {
    throw FormatError("it does not begin a record file of format 1");
  }
  RunContext context;
  context.run_id = fields.Text("run_id");
  context.started_at = fields.Text("started_at");
  for (auto& [key, value] : fields.TextMembers("labels")) context.labels[key] = std::move(value);
  context.sseprof_version = fields.Text("sseprof_version");
  context.command = fields.Texts("command");
  context.host = fields.TextMembers("host");
  context.options = fields.TextMembers("options");
  context.endpoint = fields.Text("endpoint");
  context.model = fields.Text("model");
  context.concurrency = fields.SmallInt("concurrency");
  context.requests = fields.MaybeInt("requests");
  context.warmup_requests = fields.IntOr("warmup_requests", 0);
  context.duration = fields.MaybeSpan("duration_ns");
  context.max_tokens = fields.Int("max_tokens");
  context.temperature = fields.Double("temperature");
  context.stream = fields.Flag("stream");
  context.slo = ReadSlo(fields);
  context.prompt_sha256 = fields.TextOr("prompt_sha256", "");
  context.prompts = static_cast<std::size_t>(fields.Count("prompts"));
  context.timestamps = fields.Text("timestamps");
  context.threads = fields.SmallInt("threads");
  context.origin = fields.At("origin_ns");
  return context;
}

std::variant<RequestRecord, RunEnd> ParseRecordLine(std::string_view line) {
  const JsonDocument document = ParseLine(line);
  const JsonFields fields(document.root());
  if (fields.view().Has("end")) return ReadEnd(fields);
  return ReadRequest(fields);
}

}  // namespace sseprof
