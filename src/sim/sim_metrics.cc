#include "sim/sim_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sseprof {
namespace {

constexpr double kTtftEdges[] = {.001, .005, .01, .02, .04, .06, .08, .1, .25, .5,  .75,
                                 1,    2.5,  5,   7.5, 10,  20,  40,  80, 160, 640, 2560};
constexpr double kGapEdges[] = {.01, .025, .05, .075, .1,  .15, .2, .3, .4, .5,
                                .75, 1,    2.5, 5,    7.5, 10,  20, 40, 80};
constexpr double kLatencyEdges[] = {.3, .5, .8, 1,  1.5, 2,   2.5, 5,   10,   15,  20,
                                    30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680};
constexpr std::string_view kFinishNames[] = {"stop", "length", "abort"};

void AppendHead(std::string* page, std::string_view name, std::string_view type) {
  fmt::format_to(std::back_inserter(*page), "# TYPE vllm:{} {}\n", name, type);
}

template <class T>
void AppendValue(std::string* page, std::string_view name, std::string_view labels, T value) {
  fmt::format_to(std::back_inserter(*page), "vllm:{}{{{}}} {}\n", name, labels, value);
}

std::string LabelValue(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

}  // namespace

SimMetrics::Histogram::Histogram(std::span<const double> edges)
    : edges_(edges), counts_(edges.size() + 1) {}

void SimMetrics::Histogram::Observe(Nanos span) {
  const auto edge = std::lower_bound(edges_.begin(), edges_.end(), ToSeconds(span));
  ++counts_[static_cast<std::size_t>(edge - edges_.begin())];
  sum_ += span;
}

void SimMetrics::Histogram::AppendTo(std::string* page, std::string_view name,
                                     std::string_view labels) const {
  AppendHead(page, name, "histogram");
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    below += counts_[i];
    const std::string le = i < edges_.size() ? fmt::format("{}", edges_[i]) : "+Inf";
    fmt::format_to(std::back_inserter(*page), "vllm:{}_bucket{{{},le=\"{}\"}} {}\n", name, labels,
                   le, below);
  }
  AppendValue(page, fmt::format("{}_sum", name), labels, ToSeconds(sum_));
  AppendValue(page, fmt::format("{}_count", name), labels, below);
}

SimMetrics::SimMetrics() : ttft_(kTtftEdges), gap_(kGapEdges), latency_(kLatencyEdges) {}

void SimMetrics::CountFinish(Finish finish, Nanos latency) {
  ++finished_[static_cast<std::size_t>(finish)];
  if (finish != Finish::kAbort) latency_.Observe(latency);
}

std::string SimMetrics::Text(std::string_view model, const Gauges& gauges) const {
  const std::string labels = fmt::format("engine=\"0\",model_name=\"{}\"", LabelValue(model));
  std::string page;
  AppendHead(&page, "num_requests_running", "gauge");
  AppendValue(&page, "num_requests_running", labels, gauges.running);
  AppendHead(&page, "num_requests_waiting", "gauge");
  AppendValue(&page, "num_requests_waiting", labels, gauges.waiting);
  AppendHead(&page, "kv_cache_usage_perc", "gauge");
  AppendValue(&page, "kv_cache_usage_perc", labels, gauges.kv_cache_usage);
  AppendHead(&page, "prompt_tokens_total", "counter");
  AppendValue(&page, "prompt_tokens_total", labels, prompt_tokens_);
  AppendHead(&page, "generation_tokens_total", "counter");
  AppendValue(&page, "generation_tokens_total", labels, generation_tokens_);
  AppendHead(&page, "request_success_total", "counter");
  for (std::size_t i = 0; i < finished_.size(); ++i) {
    AppendValue(&page, "request_success_total",
                fmt::format("{},finished_reason=\"{}\"", labels, kFinishNames[i]), finished_[i]);
  }
  ttft_.AppendTo(&page, "time_to_first_token_seconds", labels);
  gap_.AppendTo(&page, "inter_token_latency_seconds", labels);
  latency_.AppendTo(&page, "e2e_request_latency_seconds", labels);
  return page;
}

}  // namespace sseprof
