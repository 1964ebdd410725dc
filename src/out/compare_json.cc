#include <cmath>
#include <string_view>

#include "compare/run_values.h"
#include "out/compare_report.h"
#include "wire/json.h"

namespace sseprof {
namespace {

constexpr int kSchemaVersion = 1;

/// A key in JSON: "ttft", "decode_tps".
std::string_view KeyOf(Metric metric) {
  switch (metric) {
    case Metric::kItl:
      return "itl";
    case Metric::kTtft:
      return "ttft";
    case Metric::kTpot:
      return "tpot";
    case Metric::kLatency:
      return "latency";
    default:
      return "decode_tps";
  }
}

std::string_view KeyOf(Statistic statistic) {
  if (statistic == Statistic::kP999) return "p999";
  return statistic == Statistic::kRate ? "rate" : Name(statistic);
}

std::string_view KeyOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kBetter:
      return "better";
    case Verdict::kWorse:
      return "worse";
    case Verdict::kSame:
      return "same";
    case Verdict::kUndecided:
      return "undecided";
    case Verdict::kNotEnoughData:
      return "not_enough_data";
    default:
      return "not_comparable";
  }
}

std::string_view Text(const std::string& text) { return text; }

void WriteRun(JsonWriter& json, const RunData& run) {
  const Summary& s = run.summary;
  json.BeginObject().Member("path", Text(run.path));
  json.Member("from", run.samples           ? "records"
                      : run.replaced_script ? "replaced_script"
                                            : "summary");
  json.Member("run_id", Text(s.context.run_id)).Member("started_at", Text(s.context.started_at));
  json.Member("ok", s.ok).Member("errors", s.errors).Member("qps", s.qps);
  json.Member("prompt_tps", s.prompt_tps).Member("decode_tps", s.decode_tps);
  json.Member("latency_p50_s", s.latency.p50).Member("latency_p95_s", s.latency.p95);
  json.EndObject();
}

void WriteVariant(JsonWriter& json, const Variant& variant) {
  json.BeginObject().Member("name", Text(variant.name));
  json.Member("model", Text(variant.runs[0].summary.context.model)).Key("runs").BeginArray();
  for (const RunData& run : variant.runs) WriteRun(json, run);
  json.EndArray().EndObject();
}

void WriteValues(JsonWriter& json, std::string_view key,
                 const std::vector<std::optional<double>>& values) {
  json.Key(key).BeginArray();
  for (const auto& value : values) value ? json.Double(*value) : json.Null();
  json.EndArray();
}

/// In percent of the baseline. An end without a bound is -100, or null.
void WriteDifference(JsonWriter& json, const std::optional<Difference>& difference) {
  json.Key("difference");
  if (!difference) {
    json.Null();
    return;
  }
  const auto percent = [](double log_ratio) { return 100 * std::expm1(log_ratio); };
  json.BeginObject().Member("percent", percent(difference->log_ratio));
  json.Member("lower_percent", percent(difference->lower));
  json.Member("upper_percent", percent(difference->upper)).Member("p", difference->p);
  json.EndObject();
}

void WriteCell(JsonWriter& json, const Cell& cell) {
  json.BeginObject().Member("metric", KeyOf(cell.metric));
  json.Member("statistic", KeyOf(cell.statistic)).Member("headline", cell.headline);
  json.Member("unit", cell.metric == Metric::kDecodeTps ? "tokens/s" : "s");
  json.Member("a", cell.a).Member("b", cell.b);
  WriteValues(json, "a_runs", cell.a_runs);
  WriteValues(json, "b_runs", cell.b_runs);
  WriteDifference(json, cell.difference);
  json.Member("p_adjusted", cell.p_adjusted);
  json.Member("verdict", KeyOf(cell.verdict)).Member("advice", Text(cell.advice));
  json.Member("rests_on", Text(cell.basis)).EndObject();
}

void WritePair(JsonWriter& json, const Comparison& all, const Pair& pair) {
  json.BeginObject().Member("a", Text(all.variants[pair.a].name));
  json.Member("b", Text(all.variants[pair.b].name)).Member("verdict", KeyOf(pair.overall));
  json.Member("sentence", Text(pair.headline)).Member("limits", Text(pair.limits));
  json.Key("cells").BeginArray();
  for (const Cell& cell : pair.cells) WriteCell(json, cell);
  json.EndArray().EndObject();
}

}  // namespace

std::string CompareJson(const Comparison& comparison) {
  JsonWriter json(JsonWriter::Style::kPretty);
  json.BeginObject().Member("schema_version", kSchemaVersion).Member("kind", "compare");
  json.Member("verdict", KeyOf(Overall(comparison)));
  json.Member("baseline", Text(comparison.variants[comparison.options.baseline].name));
  json.Member("margin", comparison.options.margin);
  json.Member("run_noise", comparison.options.run_noise).Key("reasons").BeginArray();
  for (const Reason& reason : comparison.reasons) {
    json.BeginObject().Member("code", Text(reason.code)).Member("where", Text(reason.where));
    json.Member("message", Text(reason.message)).Member("advice", Text(reason.advice));
    json.EndObject();
  }
  json.EndArray().Key("variants").BeginArray();
  for (const Variant& variant : comparison.variants) WriteVariant(json, variant);
  json.EndArray().Key("missing").BeginArray();
  for (const MissingVariant& missing : comparison.missing) {
    json.BeginObject().Member("name", Text(missing.name)).Member("reason", Text(missing.reason));
    json.EndObject();
  }
  json.EndArray().Key("pairs").BeginArray();
  for (const Pair& pair : comparison.pairs) WritePair(json, comparison, pair);
  json.EndArray().EndObject();
  return std::string(json.text()) + "\n";
}

}  // namespace sseprof
