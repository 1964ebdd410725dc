#include "page/compare_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "page/compare_words.h"
#include "page/curves.h"
#include "page/document.h"
#include "page/payload.h"
#include "page/payload_plots.h"
#include "wire/json.h"

namespace sseprof {
namespace {

constexpr int kFigureDigits = 8;

std::string KeyOf(std::size_t variant) { return fmt::format("v{}", variant); }

/// The median of the runs that have a value, the least and the most; null if none has.
void WriteSpread(JsonWriter& json, std::string_view key, const Variant& variant,
                 std::optional<double> (*value)(const Summary&)) {
  std::vector<double> values;
  for (const RunData& run : variant.runs) {
    if (const auto one = value(run.summary)) values.push_back(*one);
  }
  json.Key(key);
  if (values.empty()) {
    json.Null();
    return;
  }
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  json.BeginArray();
  for (const double each : {median, values.front(), values.back()}) {
    WriteRounded(json, each, kFigureDigits);
  }
  json.EndArray();
}

void WriteTable(JsonWriter& json, const Variant& variant) {
  json.Key("table").BeginObject();
  WriteSpread(json, "qps", variant, [](const Summary& s) { return s.qps; });
  WriteSpread(json, "prompt_tps", variant, [](const Summary& s) { return s.prompt_tps; });
  WriteSpread(json, "decode_tps", variant, [](const Summary& s) { return s.decode_tps; });
  WriteSpread(json, "latency_p50", variant, [](const Summary& s) { return s.latency.p50; });
  WriteSpread(json, "latency_p95", variant, [](const Summary& s) { return s.latency.p95; });
  WriteSpread(json, "latency_p99", variant, [](const Summary& s) { return s.latency.p99; });
  std::uint64_t ok = 0, failed = 0;
  for (const RunData& run : variant.runs) {
    ok += run.summary.ok;
    failed += run.summary.errors;
  }
  json.Member("ok", ok).Member("failed", failed).EndObject();
}

void WriteVariants(JsonWriter& json, const Comparison& all) {
  json.Key("variants").BeginArray();
  for (std::size_t i = 0; i < all.variants.size(); ++i) {
    const Variant& variant = all.variants[i];
    json.BeginObject().Member("key", std::string_view(KeyOf(i)));
    json.Member("name", std::string_view(variant.name));
    WriteTable(json, variant);
    json.Key("runs").BeginArray();
    for (const RunData& run : variant.runs) {
      json.BeginObject().Member("path", std::string_view(run.path));
      json.Member("records", run.samples.has_value());
      json.Member("replaced_script", run.replaced_script);
      WriteText(json, "summary", run.summary_json);
      WriteSetting(json, run.summary);
      WriteConfiguration(json, run.summary);
      json.EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
}

/// The runs of each variant that hold values of a metric.
std::vector<std::vector<ValueSet>> ValuesOfVariants(const Comparison& all, PlottedMetric metric) {
  std::vector<std::vector<ValueSet>> values;
  for (const Variant& variant : all.variants) {
    std::vector<ValueSet>& runs = values.emplace_back();
    for (const RunData& run : variant.runs) {
      ValueSet set = ValuesOf(run, metric);
      if (set.count > 1) runs.push_back(std::move(set));
    }
  }
  return values;
}

void WriteDifferences(JsonWriter& json, const Comparison& all, PlottedMetric metric) {
  const auto write = [&json](std::string_view key,
                             const std::vector<std::optional<double>>& values) {
    json.Key(key).BeginArray();
    for (const auto& value : values) WriteRounded(json, value, 4);
    json.EndArray();
  };
  json.Key(KeyOf(metric)).BeginArray();
  for (const Pair& pair : all.pairs) {
    const DifferenceCurve curve = DifferenceBetween(all.variants[pair.a], all.variants[pair.b],
                                                    metric, all.options.run_noise);
    if (curve.percent.empty()) continue;
    json.BeginObject().Member("a", std::string_view(KeyOf(pair.a)));
    json.Member("b", std::string_view(KeyOf(pair.b)));
    write("y", curve.percent);
    write("lo", curve.lower);
    write("hi", curve.upper);
    json.EndObject();
  }
  json.EndArray();
}

void WriteTimes(JsonWriter& json, const Comparison& all, const PlotsOfRuns& plots) {
  json.Key("time").BeginArray();
  for (std::size_t i = 0; i < plots.size(); ++i) {
    for (std::size_t k = 0; k < plots[i].size(); ++k) {
      if (!plots[i][k]) continue;
      json.BeginObject().Member("variant", std::string_view(KeyOf(i)));
      json.Member("run", static_cast<std::uint64_t>(k + 1)).Key("over");
      WriteOverTime(json, *plots[i][k], all.variants[i].runs[k].summary);
      json.EndObject();
    }
  }
  json.EndArray();
}

bool AnyRecords(const Comparison& all) {
  return std::any_of(all.variants.begin(), all.variants.end(), [](const Variant& variant) {
    return std::any_of(variant.runs.begin(), variant.runs.end(),
                       [](const RunData& run) { return run.samples.has_value(); });
  });
}

void WritePlots(JsonWriter& json, const Comparison& all, const PlotsOfRuns& plots) {
  json.Key("plots");
  if (!AnyRecords(all)) {
    json.Null();
    return;
  }
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < all.variants.size(); ++i) keys.push_back(KeyOf(i));
  json.BeginObject().Member("per_decade", kPointsPerDecade).Key("spectrum").BeginObject();
  for (const PlottedMetric metric : kPlottedMetrics) {
    const auto values = ValuesOfVariants(all, metric);
    json.Key(KeyOf(metric)).BeginArray();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!values[i].empty()) WriteSpectrum(json, keys[i], values[i]);
    }
    json.EndArray();
  }
  json.EndObject().Key("cdf").BeginObject();
  for (const PlottedMetric metric : kPlottedMetrics) {
    WriteCumulative(json, KeyOf(metric), CumulativeOf(ValuesOfVariants(all, metric)), keys);
  }
  json.EndObject().Key("difference").BeginObject();
  for (const PlottedMetric metric : kPlottedMetrics) WriteDifferences(json, all, metric);
  json.EndObject();
  WriteTimes(json, all, plots);
  json.EndObject();
}

void WriteWords(JsonWriter& json, const Comparison& all) {
  const double margin = all.options.margin;
  json.Key("words").BeginObject();
  for (const auto& [key, verdict] :
       {std::pair("better", Verdict::kBetter), std::pair("worse", Verdict::kWorse),
        std::pair("same", Verdict::kSame), std::pair("undecided", Verdict::kUndecided),
        std::pair("not_enough_data", Verdict::kNotEnoughData),
        std::pair("not_comparable", Verdict::kNotComparable)}) {
    json.Member(key, std::string_view(Words(verdict, margin)));
  }
  json.EndObject().Member("client", std::string_view(ClientSentence(all))).Key("claim");
  if (const auto claim = FindSmallestClaim(all)) {
    json.BeginArray().String(claim->name);
    WriteRounded(json, claim->seconds * 1e3, 4);
    json.EndArray();
  } else {
    json.Null();
  }
}

}  // namespace

std::string ComparePage(const Comparison& comparison, const PlotsOfRuns& plots,
                        const CompareTexts& texts) {
  const std::string title = CompareTitle(comparison);
  JsonWriter json;
  BeginPayload(json, "compare", title);
  json.Member("workload", std::string_view(CompareWorkload(comparison)));
  json.Member("baseline", std::string_view(KeyOf(comparison.options.baseline)));
  json.Key("pairs").BeginArray();
  for (const Pair& pair : comparison.pairs) {
    json.BeginArray().String(KeyOf(pair.a)).String(KeyOf(pair.b)).EndArray();
  }
  json.EndArray();
  WriteWords(json, comparison);
  WriteText(json, "compare", texts.json);
  WriteVariants(json, comparison);
  WritePlots(json, comparison, plots);
  json.EndObject();
  return PageDocument(
      {.title = title + " - sseprof", .text = texts.text, .payload = std::string(json.text())});
}

}  // namespace sseprof
