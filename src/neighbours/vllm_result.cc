#include "neighbours/vllm_result.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "neighbours/value_stats.h"
#include "neighbours/vllm_peaks.h"
#include "sseprof/wall_time.h"
#include "wire/json.h"

namespace sseprof {
namespace {

constexpr std::string_view kBackend = "openai-chat";

constexpr auto kKeys = std::to_array<std::string_view>({"date",
                                                        "endpoint_type",
                                                        "backend",
                                                        "label",
                                                        "model_id",
                                                        "tokenizer_id",
                                                        "num_prompts",
                                                        "request_rate",
                                                        "burstiness",
                                                        "max_concurrency",
                                                        "duration",
                                                        "completed",
                                                        "failed",
                                                        "total_input_tokens",
                                                        "total_output_tokens",
                                                        "request_throughput",
                                                        "request_goodput",
                                                        "output_throughput",
                                                        "total_token_throughput",
                                                        "input_lens",
                                                        "output_lens",
                                                        "ttfts",
                                                        "itls",
                                                        "latencies",
                                                        "start_times",
                                                        "queue_times",
                                                        "generated_texts",
                                                        "errors",
                                                        "max_output_tokens_per_s",
                                                        "max_concurrent_requests",
                                                        "rtfx",
                                                        "mean_ttft_ms",
                                                        "median_ttft_ms",
                                                        "std_ttft_ms",
                                                        "p99_ttft_ms",
                                                        "mean_tpot_ms",
                                                        "median_tpot_ms",
                                                        "std_tpot_ms",
                                                        "p99_tpot_ms",
                                                        "mean_itl_ms",
                                                        "median_itl_ms",
                                                        "std_itl_ms",
                                                        "p99_itl_ms"});

double SecondsSinceBoot(Instant at) { return ToSeconds(at.time_since_epoch()); }

/// A request without a TPOT has one of 0 here: it passes.
bool Meets(const Slo& slo, const VllmRequest& request) {
  return (!slo.ttft || request.ttft <= *slo.ttft) &&
         (!slo.tpot || request.Tpot().value_or(0.0) <= ToSeconds(*slo.tpot)) &&
         (!slo.latency || request.latency <= *slo.latency);
}

/// Sums over completed requests, and their values in seconds.
struct Totals {
  std::int64_t completed = 0, within_slo = 0, input = 0, output = 0;
  std::vector<double> ttfts, tpots, itls;
};

Totals Sum(const std::vector<VllmRequest>& requests, const Slo& slo) {
  Totals totals;
  for (const VllmRequest& request : requests) {
    if (!request.completed) continue;
    ++totals.completed;
    totals.within_slo += Meets(slo, request) ? 1 : 0;
    totals.input += request.input;
    totals.output += request.output;
    totals.ttfts.push_back(ToSeconds(request.ttft));
    if (const auto tpot = request.Tpot()) totals.tpots.push_back(*tpot);
    for (const Nanos gap : request.gaps) totals.itls.push_back(ToSeconds(gap));
  }
  return totals;
}

/// From the first start until all answers were read.
Nanos Duration(const std::vector<VllmRequest>& requests) {
  if (requests.empty()) return Nanos{0};
  Instant first = kNever, last = Instant::min();
  for (const VllmRequest& request : requests) {
    first = std::min(first, request.start);
    last = std::max(last, request.read_at);
  }
  return last - first;
}

void WriteHead(const RunContext& context, std::size_t requests, JsonWriter& json) {
  const auto started = ParseWallTime(context.started_at);
  json.Member("date", started ? FormatWallTime("%Y%m%d-%H%M%S", *started) : "");
  json.Member("endpoint_type", kBackend).Member("backend", kBackend);
  json.Key("label").Null();
  json.Member("model_id", context.model);
  json.Key("tokenizer_id").Null();
  json.Member("num_prompts", context.requests.value_or(static_cast<std::int64_t>(requests)));
  for (const auto& [name, value] : context.labels) {
    if (std::find(kKeys.begin(), kKeys.end(), name) == kKeys.end()) json.Member(name, value);
  }
  json.Member("request_rate", "inf").Member("burstiness", 1.0);
  json.Member("max_concurrency", context.concurrency);
}

void WriteTotals(const Totals& totals, const RunContext& context,
                 const std::vector<VllmRequest>& requests, JsonWriter& json) {
  const double duration = ToSeconds(Duration(requests));
  const auto per_second = [duration](std::int64_t count) {
    return duration > 0 ? static_cast<double>(count) / duration : 0.0;
  };
  json.Member("duration", duration).Member("completed", totals.completed);
  json.Member("failed", static_cast<std::int64_t>(requests.size()) - totals.completed);
  json.Member("total_input_tokens", totals.input).Member("total_output_tokens", totals.output);
  json.Member("request_throughput", per_second(totals.completed));
  json.Member("request_goodput",
              context.slo.any() ? std::optional(per_second(totals.within_slo)) : std::nullopt);
  json.Member("output_throughput", per_second(totals.output));
  json.Member("total_token_throughput", per_second(totals.input + totals.output));
}

template <class Write>
void WriteArray(std::string_view key, const std::vector<VllmRequest>& requests, JsonWriter& json,
                Write&& write) {
  json.Key(key).BeginArray();
  for (const VllmRequest& request : requests) write(request);
  json.EndArray();
}

void WriteRequests(const std::vector<VllmRequest>& requests, JsonWriter& json) {
  using Request = const VllmRequest&;
  const auto array = [&](std::string_view key, auto&& write) {
    WriteArray(key, requests, json, write);
  };
  // All of a closed loop's requests wait from its start on.
  const Instant first =
      requests.empty()
          ? Instant{}
          : std::min_element(requests.begin(), requests.end(), [](Request a, Request b) {
              return a.start < b.start;
            })->start;
  array("input_lens", [&](Request r) { json.Int(r.input); });
  array("output_lens", [&](Request r) { json.Int(r.output); });
  array("ttfts", [&](Request r) { json.Double(ToSeconds(r.ttft)); });
  array("itls", [&](Request r) {
    json.BeginArray();
    for (const Nanos gap : r.gaps) json.Double(ToSeconds(gap));
    json.EndArray();
  });
  array("latencies", [&](Request r) { json.Double(ToSeconds(r.latency)); });
  array("start_times", [&](Request r) { json.Double(SecondsSinceBoot(r.start)); });
  array("queue_times",
        [&](Request r) { json.Double(ToSeconds(r.start - r.scheduled.value_or(first))); });
  array("generated_texts", [&](Request r) { json.String(r.text); });
  array("errors", [&](Request r) { json.String(r.error); });
}

/// Of no value at all everything is 0.
void WriteMetric(const std::string& name, std::vector<double> seconds, JsonWriter& json) {
  if (seconds.empty()) seconds.push_back(0.0);
  const ValueStats stats(std::move(seconds));
  json.Member("mean_" + name + "_ms", stats.Mean() * 1e3);
  json.Member("median_" + name + "_ms", stats.Quantile(0.5) * 1e3);
  json.Member("std_" + name + "_ms", stats.Std() * 1e3);
  json.Member("p99_" + name + "_ms", stats.Quantile(0.99) * 1e3);
}

}  // namespace

void VllmResult::Add(const RequestRecord& record) {
  if (!record.warmup) requests_.push_back(ToVllmRequest(record));
}

std::string VllmResult::Finish() {
  std::sort(requests_.begin(), requests_.end(),
            [](const VllmRequest& a, const VllmRequest& b) { return a.n < b.n; });
  Totals totals = Sum(requests_, context_.slo);
  const VllmPeaks peaks = FindVllmPeaks(requests_);
  JsonWriter json;
  json.BeginObject();
  WriteHead(context_, requests_.size(), json);
  WriteTotals(totals, context_, requests_, json);
  WriteRequests(requests_, json);
  json.Member("max_output_tokens_per_s", static_cast<double>(peaks.tokens));
  json.Member("max_concurrent_requests", peaks.concurrent);
  json.Member("rtfx", 0.0);
  WriteMetric("ttft", std::move(totals.ttfts), json);
  WriteMetric("tpot", std::move(totals.tpots), json);
  WriteMetric("itl", std::move(totals.itls), json);
  json.EndObject();
  return std::string(json.text()) + "\n";
}

}  // namespace sseprof
