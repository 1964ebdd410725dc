#include "scrape/server_page.h"

#include <cmath>
#include <span>
#include <utility>

#include "scrape/metrics_text.h"

namespace sseprof {
namespace {

enum class Type { kCounter, kLessCounter, kGauge, kMeanGauge, kHistogram };
/// kOld: counts only where the page has nothing by the present name.
enum class Age { kPresent, kOld };

/// What one name on a page means.
struct Meaning {
  std::string_view name;  ///< without the prefix
  std::string_view field;
  Type type;
  Age age = Age::kPresent;
};

struct Dialect {
  std::string_view kind;
  std::string_view prefix;
  std::span<const Meaning> meanings;
};

constexpr Meaning kVllm[] = {
    {"request_success_total", "requests", Type::kCounter},
    {"prompt_tokens_total", "prompt_tokens", Type::kCounter},
    {"generation_tokens_total", "generation_tokens", Type::kCounter},
    {"num_preemptions_total", "preemptions", Type::kCounter},
    {"prefix_cache_queries_total", "prefix_queries", Type::kCounter},
    {"prefix_cache_hits_total", "prefix_hits", Type::kCounter},
    {"gpu_prefix_cache_queries_total", "prefix_queries", Type::kCounter, Age::kOld},
    {"gpu_prefix_cache_hits_total", "prefix_hits", Type::kCounter, Age::kOld},
    {"request_prefill_time_seconds_sum", "prefill_seconds", Type::kCounter},
    {"request_decode_time_seconds_sum", "decode_seconds", Type::kCounter},
    {"num_requests_running", "running", Type::kGauge},
    {"num_requests_waiting", "waiting", Type::kGauge},
    {"kv_cache_usage_perc", "kv_usage", Type::kMeanGauge},
    {"gpu_cache_usage_perc", "kv_usage", Type::kMeanGauge, Age::kOld},
    {"time_to_first_token_seconds", "ttft", Type::kHistogram},
    {"inter_token_latency_seconds", "itl", Type::kHistogram},
    {"time_per_output_token_seconds", "itl", Type::kHistogram, Age::kOld},
    {"e2e_request_latency_seconds", "latency", Type::kHistogram},
    {"request_queue_time_seconds", "queue", Type::kHistogram},
};

constexpr Meaning kSglang[] = {
    {"num_requests_total", "requests", Type::kCounter},
    {"num_aborted_requests_total", "requests", Type::kLessCounter},
    {"prompt_tokens_total", "prompt_tokens", Type::kCounter},
    {"generation_tokens_total", "generation_tokens", Type::kCounter},
    {"prompt_tokens_total", "prefix_queries", Type::kCounter},
    {"cached_tokens_total", "prefix_hits", Type::kCounter},
    {"num_running_reqs", "running", Type::kGauge},
    {"num_queue_reqs", "waiting", Type::kGauge},
    {"token_usage", "kv_usage", Type::kMeanGauge},
    {"time_to_first_token_seconds", "ttft", Type::kHistogram},
    {"inter_token_latency_seconds", "itl", Type::kHistogram},
    {"e2e_request_latency_seconds", "latency", Type::kHistogram},
    {"queue_time_seconds", "queue", Type::kHistogram},
};

// It counts the prompt tokens that it took from its cache apart from those that it processed.
constexpr Meaning kLlamaCpp[] = {
    {"prompt_tokens_total", "prompt_tokens", Type::kCounter},
    {"prompt_tokens_cached_total", "prompt_tokens", Type::kCounter},
    {"prompt_tokens_total", "prefix_queries", Type::kCounter},
    {"prompt_tokens_cached_total", "prefix_queries", Type::kCounter},
    {"prompt_tokens_cached_total", "prefix_hits", Type::kCounter},
    {"tokens_predicted_total", "generation_tokens", Type::kCounter},
    {"prompt_seconds_total", "prefill_seconds", Type::kCounter},
    {"tokens_predicted_seconds_total", "decode_seconds", Type::kCounter},
    {"requests_processing", "running", Type::kGauge},
    {"requests_deferred", "waiting", Type::kGauge},
    {"kv_cache_usage_ratio", "kv_usage", Type::kMeanGauge},
};

constexpr Dialect kDialects[] = {
    {"vllm", "vllm:", kVllm},
    {"sglang", "sglang:", kSglang},
    {"llama.cpp", "llamacpp:", kLlamaCpp},
};

/// Gathers a page's samples in one dialect.
class PageReader {
 public:
  explicit PageReader(const Dialect& dialect) : dialect_(dialect) {}

  void Take(const MetricSample& sample) {
    if (!sample.name.starts_with(dialect_.prefix)) return;
    if (!(std::abs(sample.value) <= kMostCounted)) return;
    const std::string_view name = sample.name.substr(dialect_.prefix.size());
    for (const Meaning& meaning : dialect_.meanings) {
      if (!name.starts_with(meaning.name)) continue;
      Found& found = meaning.age == Age::kPresent ? present_ : old_;
      const std::string_view part = name.substr(meaning.name.size());
      if (meaning.type == Type::kHistogram) {
        TakePart(sample, part, meaning.field, found.page.histograms);
      } else if (part.empty()) {
        TakeNumber(sample, meaning, found);
      }
    }
  }

  std::optional<ServerPage> Finish() {
    for (Found* found : {&present_, &old_}) {
      for (const auto& [field, samples] : found->averaged) found->page.gauges[field] /= samples;
    }
    ServerPage page = std::move(present_.page);
    page.counters.merge(old_.page.counters);
    page.gauges.merge(old_.page.gauges);
    page.histograms.merge(old_.page.histograms);
    if (page.counters.empty() && page.gauges.empty() && page.histograms.empty()) return {};
    page.kind = dialect_.kind;
    return page;
  }

 private:
  /// By names of one age.
  struct Found {
    ServerPage page;
    std::map<std::string_view, int> averaged;  ///< samples of each gauge that is to be a mean
  };

  static void TakePart(const MetricSample& sample, std::string_view part, std::string_view field,
                       std::map<std::string_view, PageHistogram>& histograms) {
    if (part == "_sum") {
      histograms[field].sum += sample.value;
    } else if (part == "_bucket") {
      const std::optional<double> edge = ParseMetricValue(sample.Label("le").value_or(""));
      if (edge && !std::isnan(*edge)) histograms[field].up_to[*edge] += sample.value;
    }
  }

  static void TakeNumber(const MetricSample& sample, const Meaning& meaning, Found& found) {
    const bool gauge = meaning.type == Type::kGauge || meaning.type == Type::kMeanGauge;
    double& sum = (gauge ? found.page.gauges : found.page.counters)[meaning.field];
    const bool aborted = sample.Label("finished_reason") == "abort";
    if (!aborted) sum += meaning.type == Type::kLessCounter ? -sample.value : sample.value;
    if (meaning.type == Type::kMeanGauge) ++found.averaged[meaning.field];
  }

  const Dialect& dialect_;
  Found present_, old_;
};

}  // namespace

std::optional<ServerPage> ReadServerPage(std::string_view text) {
  for (const Dialect& dialect : kDialects) {
    PageReader reader(dialect);
    ForEachSample(text, [&reader](const MetricSample& sample) { reader.Take(sample); });
    if (auto page = reader.Finish()) return page;
  }
  return std::nullopt;
}

}  // namespace sseprof
