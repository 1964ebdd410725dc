#include "out/server_text.h"

#include <fmt/format.h>

#include <optional>

#include "out/figures.h"

namespace sseprof {
namespace {

std::string Percent(double share) { return fmt::format("{:.1f} %", share * 100); }

/// "38.20 (20-40)": a quantile and the edges of its bucket, in milliseconds; or "> 40".
std::string Estimate(const ServerDistribution::Quantile& quantile) {
  if (!quantile.value) return "-";
  const double low = quantile.low.value_or(0) * 1e3;
  if (!quantile.high) return fmt::format("> {:g}", low);
  return fmt::format("{} ({:g}-{:g})", Millis(quantile.value), low, *quantile.high * 1e3);
}

std::string Counted(const ServerReport& report) {
  std::string counted;
  bool all_held = true;
  const auto add = [&](const std::optional<std::uint64_t>& count,
                       const std::optional<std::uint64_t>& ours, std::string_view what) {
    if (!count) return;
    counted += fmt::format("{}{} {}", counted.empty() ? "" : ", ", *count, what);
    all_held = all_held && ours;
    if (report.agrees == false && ours && *count != *ours) {
      counted += fmt::format(" (here {})", *ours);
    }
  };
  add(report.requests, report.client_requests, "requests");
  add(report.prompt_tokens, report.client_prompt_tokens, "prompt tokens");
  add(report.generation_tokens, report.client_generation_tokens, "generated tokens");
  if (!report.agrees.value_or(false)) return counted;
  return counted + (all_held ? ", as counted here" : ", the same as here where usage tells");
}

std::string Busy(const ServerReport& report) {
  std::string busy;
  const auto add = [&busy](const std::string& text) { busy += (busy.empty() ? "" : ", ") + text; };
  const auto range = [](const GaugeRange& gauge) {
    return fmt::format("{:.1f} (at most {:g})", gauge.mean, gauge.max);
  };
  if (report.running) add("running " + range(*report.running));
  if (report.waiting) add("waiting " + range(*report.waiting));
  if (report.kv_usage) add("KV cache at most " + Percent(report.kv_usage->max));
  if (report.preemptions) add(fmt::format("preemptions {}", *report.preemptions));
  if (report.prefix_hit_rate) add("prefix cache hits " + Percent(*report.prefix_hit_rate));
  return busy;
}

std::string PerRequest(const ServerPerRequest& times) {
  std::string text = fmt::format("{} answers carried its own times; means: ", times.count);
  std::string means;
  const auto add = [&means](const char* what, const Distribution& d) {
    if (d.count == 0) return;
    means += fmt::format("{}{} {} ms", means.empty() ? "" : ", ", what, Millis(d.mean));
  };
  add("queue", times.queue);
  add("prefill", times.first_token);
  add("decode", times.decode);
  text += means;
  if (times.between.count == 0) return text;
  // A server that tells no queue (llama.cpp) leaves the wait for a slot in the rest.
  return text + fmt::format("; the rest of TTFT, {}: {} ms p50, {} ms p99",
                            times.queue.count > 0 ? "between both sides" : "its queue included",
                            Millis(times.between.p50), Millis(times.between.p99));
}

}  // namespace

std::vector<std::string> ServerSentences(const ServerReport& report) {
  std::vector<std::string> sentences;
  for (const std::string& sentence : {Counted(report), Busy(report)}) {
    if (!sentence.empty()) sentences.push_back(sentence);
  }
  if (report.per_request) sentences.push_back(PerRequest(*report.per_request));
  return sentences;
}

TextTable ServerLatencies(const ServerReport& report) {
  TextTable table;
  table.columns = {{.name = "server, ms", .align = TextTable::Align::kLeft}};
  for (const char* name : {"p50", "p95", "p99"}) table.columns.push_back({name});
  for (const char* name : {"mean", "count", "client +"}) table.columns.push_back({name});
  const auto add = [&table](const char* name, const std::optional<ServerDistribution>& d,
                            const std::optional<double>& between) {
    if (!d || d->count == 0) return;
    table.rows.push_back({name, Estimate(d->p50), Estimate(d->p95), Estimate(d->p99),
                          Millis(d->mean), fmt::format("{}", d->count), Millis(between)});
  };
  add("TTFT", report.ttft, report.ttft_between_s);
  add("ITL", report.itl, report.itl_between_s);
  add("latency", report.latency, report.latency_between_s);
  add("queue", report.queue, std::nullopt);
  return table;
}

}  // namespace sseprof
