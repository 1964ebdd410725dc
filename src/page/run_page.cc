#include "page/run_page.h"

#include <fmt/format.h>

#include "page/curves.h"
#include "page/document.h"
#include "page/payload.h"
#include "page/payload_plots.h"
#include "page/run_words.h"
#include "wire/json.h"

namespace sseprof {
namespace {

constexpr const char* kVariant = "v0";

void WriteVariant(JsonWriter& json, const Summary& summary, const std::string& summary_json) {
  json.Key("variants").BeginArray().BeginObject().Member("key", kVariant);
  json.Member("name", std::string_view(NameOf(summary)));
  json.Key("runs").BeginArray().BeginObject();
  WriteText(json, "summary", summary_json);
  WriteSetting(json, summary);
  WriteConfiguration(json, summary);
  json.EndObject().EndArray().EndObject().EndArray();
}

void WritePlots(JsonWriter& json, const RunPlots& plots, const Summary& summary) {
  json.Key("plots").BeginObject().Member("per_decade", kPointsPerDecade);
  json.Key("spectrum").BeginObject();
  for (const PlottedMetric metric : kPlottedMetrics) {
    const ValueSet values = ValuesOf(plots, metric);
    json.Key(KeyOf(metric)).BeginArray();
    if (values.count > 1) WriteSpectrum(json, kVariant, {values});
    json.EndArray();
  }
  json.EndObject().Key("cdf").BeginObject();
  for (const PlottedMetric metric : kPlottedMetrics) {
    const ValueSet values = ValuesOf(plots, metric);
    WriteCumulative(json, KeyOf(metric), values.count > 1 ? CumulativeOf({{values}}) : Cumulative{},
                    {kVariant});
  }
  json.EndObject().Key("time");
  WriteOverTime(json, plots, summary);
  WriteRequests(json, plots.requests);
  WritePositions(json, plots.positions);
  WriteFailed(json, plots);
  json.EndObject();
}

}  // namespace

std::string RunPage(const Summary& summary, const std::string& summary_json, const RunPlots* plots,
                    const std::string& text) {
  const std::string title = fmt::format("{}: one run", NameOf(summary));
  JsonWriter json;
  BeginPayload(json, "run", title);
  json.Member("headline", std::string_view(RunHeadline(summary)));
  json.Member("workload", std::string_view(RunWorkload(summary)));
  json.Key("findings").BeginArray();
  for (const std::string& finding : RunFindings(summary)) json.String(finding);
  json.EndArray();
  WriteVariant(json, summary, summary_json);
  plots == nullptr ? static_cast<void>(json.Key("plots").Null())
                   : WritePlots(json, *plots, summary);
  json.EndObject();
  return PageDocument(
      {.title = title + " - sseprof", .text = text, .payload = std::string(json.text())});
}

}  // namespace sseprof
