#include "out/summary_parse.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "out/json_fields.h"
#include "out/record_parse.h"
#include "out/server_json.h"
#include "out/summary_fields.h"
#include "stats/distribution.h"

namespace sseprof {
namespace {

/// Reads a member that is an object, if it is there, and names it where it is wrong.
template <class Read>
void Section(const JsonFields& fields, std::string_view key, Read&& read) {
  try {
    if (const auto object = fields.MaybeObject(key)) read(*object);
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", key, error.what()));
  }
}

void Distributed(const JsonFields& fields, std::string_view key, Distribution& d) {
  Section(fields, key, [&d](const JsonFields& object) { ReadDistribution(object, d); });
}

void ReadReplacedKeys(const JsonFields& fields, Summary& s) {
  RunContext& context = s.context;
  context.endpoint = fields.Text("endpoint");
  context.model = fields.Text("model");
  context.concurrency = fields.SmallInt("concurrency");
  s.requests = fields.Int("requests");
  context.max_tokens = fields.Int("max_tokens");
  context.temperature = fields.Double("temperature");
  context.stream = fields.Flag("stream");
  s.ok = fields.Count("ok");
  s.errors = fields.Count("errors");
  s.total_time_s = fields.MaybeDouble("total_time_s");
  s.qps = fields.MaybeDouble("qps");
  static_cast<void>(fields.Object("latency_s"));
  Distributed(fields, "latency_s", s.latency);
  Section(fields, "ttft_s", [&s](const JsonFields& ttft) {
    ReadDistribution(ttft, s.ttft);
    s.ttft_cold_count = ttft.CountOr("cold_count", 0);
  });
  Section(fields, "token_usage", [&s](const JsonFields& usage) {
    s.prompt_tokens_mean = usage.MaybeDouble("prompt_tokens_mean");
    s.completion_tokens_mean = usage.MaybeDouble("completion_tokens_mean");
  });
  Section(fields, "derived", [&s](const JsonFields& derived) {
    s.prompt_tps = derived.MaybeDouble("prompt_tps");
    s.decode_tps = derived.MaybeDouble("decode_tps");
    s.ms_per_output_token = derived.MaybeDouble("ms_per_output_token");
  });
}

void ReadGaps(const JsonFields& fields, GapDistribution& itl) {
  ReadDistribution(fields, itl);
  itl.count_all = fields.Count("count_all");
  itl.uncertain_share = fields.MaybeDouble("uncertain_share");
  for (const QuantileField& quantile : kQuantiles) {
    const std::string name{quantile.name};
    itl.low[name] = fields.MaybeDouble(name + "_low");
    itl.high[name] = fields.MaybeDouble(name + "_high");
  }
  itl.max_request_id = fields.TextOr("max_request_id", "");
}

UsageCheck ReadUsageCheck(const JsonFields& fields) {
  return {.exact = fields.Count("exact"),
          .hidden_tokens = fields.Count("hidden_tokens"),
          .multi_token_events = fields.Count("multi_token_events"),
          .over = fields.Count("over"),
          .missing = fields.Count("missing"),
          .tokens_usage = fields.Int("tokens_usage"),
          .tokens_counted = fields.Int("tokens_counted"),
          .tokens_counted_all = fields.Int("tokens_counted_all"),
          .ratio = fields.MaybeDouble("ratio"),
          .max_difference = fields.MaybeInt("max_difference"),
          .decode_tps_counted = fields.MaybeDouble("decode_tps_counted"),
          .relative_difference = fields.MaybeDouble("relative_difference"),
          .explanation = fields.Text("explanation")};
}

Stalls ReadStalls(const JsonFields& fields) {
  return {.count = fields.MaybeCount("count"),
          .shared = fields.MaybeCount("shared"),
          .single = fields.MaybeCount("single"),
          .longest_s = fields.MaybeDouble("longest_s"),
          .total_s = fields.MaybeDouble("total_s"),
          .threshold_s = fields.MaybeDouble("threshold_s"),
          .share_of_gaps = fields.MaybeDouble("share_of_gaps")};
}

SteadyState ReadSteadyState(const JsonFields& fields) {
  SteadyState steady = {.start_s = fields.Double("start_s"),
                        .end_s = fields.Double("end_s"),
                        .requests = fields.Count("requests"),
                        .decode_tps = fields.MaybeDouble("decode_tps")};
  Distributed(fields, "itl_s", steady.itl);
  Distributed(fields, "ttft_s", steady.ttft);
  return steady;
}

ClientReport ReadClient(const JsonFields& fields) {
  ClientReport client;
  client.timestamps = fields.Text("timestamps");
  client.path = fields.Text("path");
  Distributed(fields, "client_delay_s", client.client_delay);
  Distributed(fields, "send_delay_s", client.send_delay);
  client.exact = fields.Count("exact");
  client.bundled = fields.Count("bundled");
  client.coalesced = fields.Count("coalesced");
  client.clock_rejected = fields.Count("clock_rejected");
  client.widest_s = fields.Double("widest_s");
  client.retried = fields.Count("retried");
  client.threads = fields.SmallInt("threads");
  client.loop_busy = fields.Double("loop_busy");
  client.cpu_s = fields.Double("cpu_s");
  client.max_rss_bytes = fields.Int("max_rss_bytes");
  client.verdict = fields.Text("verdict");
  client.reason = fields.TextOr("reason", "");
  return client;
}

void ReadRun(const JsonFields& fields, Summary& s) {
  RunContext& context = s.context;
  context.run_id = fields.Text("id");
  context.started_at = fields.Text("started_at");
  for (auto& [name, value] : fields.TextMembers("labels")) context.labels[name] = std::move(value);
  context.sseprof_version = fields.Text("sseprof_version");
  context.command = fields.Texts("command");
  context.host = fields.TextMembers("host");
  Section(fields, "server", [&s](const JsonFields& server) {
    s.server_kind = server.TextOr("kind", "");
    s.server_version = server.TextOr("version", "");
  });
  context.prompt_sha256 = fields.Text("prompt_sha256");
  // Summaries from before these keys do without.
  context.prompts = static_cast<std::size_t>(fields.CountOr("prompts", 1));
  context.warmup_requests = fields.IntOr("warmup_requests", 0);
  s.interrupted = fields.Flag("interrupted");
}

void ReadOurKeys(const JsonFields& fields, Summary& s) {
  Section(fields, "itl_s", [&s](const JsonFields& itl) { ReadGaps(itl, s.itl); });
  Section(fields, "tpot_s", [&s](const JsonFields& tpot) {
    ReadDistribution(tpot, s.tpot);
    const JsonFields basis = tpot.Object("basis");
    s.tpot_exact = basis.Count("exact");
    s.tpot_estimated = basis.Count("estimated");
  });
  Distributed(fields, "decode_tps_per_request", s.decode_tps_per_request);
  Distributed(fields, "start_lag_s", s.start_lag);
  Distributed(fields, "send_delay_s", s.send_delay);
  Distributed(fields, "connect_s", s.connect);
  Section(fields, "usage_check",
          [&s](const JsonFields& check) { s.usage_check = ReadUsageCheck(check); });
  Section(fields, "failures", [&s](const JsonFields& failures) {
    for (const JsonView::Member& member : failures.view().Members()) {
      s.failures[std::string(member.name)] = failures.Count(member.name);
    }
  });
  Section(fields, "stalls", [&s](const JsonFields& stalls) { s.stalls = ReadStalls(stalls); });
  Section(fields, "steady_state",
          [&s](const JsonFields& steady) { s.steady_state = ReadSteadyState(steady); });
  Section(fields, "goodput", [&s](const JsonFields& goodput) {
    s.context.slo = ReadSlo(goodput);
    s.goodput = {.slo = s.context.slo,
                 .within = goodput.Count("within"),
                 .share = goodput.MaybeDouble("share"),
                 .requests_per_s = goodput.MaybeDouble("requests_per_s")};
  });
  Section(fields, "client", [&s](const JsonFields& client) { s.client = ReadClient(client); });
  Section(fields, "server",
          [&s](const JsonFields& server) { s.server = ReadServerReport(server); });
  Section(fields, "run", [&s](const JsonFields& run) { ReadRun(run, s); });
  s.warnings = ReadWarnings(fields, "warnings");
}

}  // namespace

ParsedSummary ParseSummary(std::string_view text) {
  const JsonDocument document = JsonDocument::Parse(text);
  const JsonFields fields(document.root());
  ParsedSummary parsed;
  parsed.replaced_script = !fields.view().Has("schema_version");
  if (!parsed.replaced_script && fields["schema_version"].AsInt() != 1) {
    throw FormatError("'schema_version' is not 1: another sseprof wrote it");
  }
  ReadReplacedKeys(fields, parsed.summary);
  if (parsed.replaced_script) {
    parsed.summary.latency.count = parsed.summary.ok;
  } else {
    ReadOurKeys(fields, parsed.summary);
  }
  return parsed;
}

}  // namespace sseprof
