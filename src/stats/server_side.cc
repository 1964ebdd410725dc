#include "stats/server_side.h"

#include <cmath>

#include "stats/distribution.h"

namespace sseprof {
namespace {

constexpr double kNanosPerSecond = 1e9;
constexpr double kOtherValues = 0.02;

ServerDistribution::Quantile QuantileOf(const ServerHistogram& histogram, double p,
                                        std::uint64_t count) {
  const double rank = p * static_cast<double>(count);
  double below = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    const auto in_bucket = static_cast<double>(histogram.counts[i]);
    const double low = i == 0 ? 0 : histogram.edges[i - 1];
    if (in_bucket > 0 && below + in_bucket >= rank) {
      if (i == histogram.edges.size()) return {.value = low, .low = low, .high = {}};
      const double high = histogram.edges[i];
      return {low + (high - low) * (rank - below) / in_bucket, low, high};
    }
    below += in_bucket;
  }
  return {};
}

std::optional<std::uint64_t> Whole(const std::optional<double>& counter) {
  if (!counter) return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(*counter));
}

void AddTokens(std::optional<std::uint64_t>& sum, const std::optional<std::int64_t>& tokens) {
  if (!tokens) {
    sum.reset();
  } else if (sum) {
    *sum += static_cast<std::uint64_t>(*tokens);
  }
}

}  // namespace

ServerDistribution DistributionOf(const ServerHistogram& histogram) {
  ServerDistribution result;
  for (const std::uint64_t count : histogram.counts) result.count += count;
  if (result.count == 0) return result;
  result.mean = histogram.sum / static_cast<double>(result.count);
  for (const ServerQuantileField& quantile : kServerQuantiles) {
    result.*quantile.value = QuantileOf(histogram, quantile.p, result.count);
  }
  return result;
}

std::optional<double> ServerSide::Sum::Above(
    const std::optional<ServerDistribution>& theirs) const {
  if (count == 0 || !theirs || !theirs->mean) return std::nullopt;
  const auto ours = static_cast<double>(count), counted = static_cast<double>(theirs->count);
  if (std::abs(ours - counted) > kOtherValues * ours) return std::nullopt;
  return static_cast<double>(nanos) / ours / kNanosPerSecond - *theirs->mean;
}

void ServerSide::Add(const RequestRecord& record) {
  if (!record.good()) {
    comparable_ = false;
    return;
  }
  ++good_;
  if (record.finish_reasons.size() > 1) comparable_ = false;
  const Usage usage = record.usage.value_or(Usage{});
  AddTokens(prompt_tokens_, usage.prompt_tokens);
  AddTokens(generation_tokens_, usage.completion_tokens);
  if (const auto latency = Latency(record)) latency_.Add(*latency);
  if (!stream_) return;
  if (const auto ttft = Ttft(record)) ttft_.Add(*ttft);
  ForEachGap(record, [this](const Gap& gap) { gaps_.Add(gap.length); });
  if (!record.warmup) AddTimes(record);
}

void ServerSide::AddTimes(const RequestRecord& record) {
  const ServerTimes& times = record.server_times;
  if (!times.queue && !times.first_token && !times.decode) return;
  if (!per_request_) per_request_ = std::make_unique<PerRequest>();
  ++per_request_->count;
  if (times.queue) per_request_->queue.Record(*times.queue);
  if (times.first_token) per_request_->first_token.Record(*times.first_token);
  if (times.decode) per_request_->decode.Record(*times.decode);
  const auto ttft = Ttft(record);
  if (!ttft || !times.first_token) return;
  const Nanos between = *ttft - times.queue.value_or(Nanos{0}) - *times.first_token;
  per_request_->between.push_back(between.count());
}

std::optional<ServerReport> ServerSide::Finish(const RunEnd* end) const {
  const bool scraped = end != nullptr && end->server_window.has_value();
  if (!scraped && !per_request_) return std::nullopt;
  ServerReport report;
  report.client_requests = good_;
  report.client_prompt_tokens = prompt_tokens_;
  report.client_generation_tokens = generation_tokens_;
  if (end != nullptr) report.kind = end->server_kind;
  if (scraped) AddWindow(*end->server_window, report);
  if (per_request_) {
    ServerPerRequest& times = report.per_request.emplace();
    times.count = per_request_->count;
    times.queue = DistributionOf(per_request_->queue);
    times.first_token = DistributionOf(per_request_->first_token);
    times.decode = DistributionOf(per_request_->decode);
    times.between = DistributionOfNanos(per_request_->between);
    for (Distribution* d : {&times.queue, &times.first_token, &times.decode, &times.between}) {
      d->weak = WeakQuantiles(static_cast<double>(d->count));
    }
  }
  return report;
}

void ServerSide::AddWindow(const ServerWindow& window, ServerReport& report) const {
  report.kind = window.kind;
  report.scrapes = window.scrapes;
  report.failed_scrapes = window.failed_scrapes;
  report.window_s = ToSeconds(window.length);
  report.requests = Whole(window.requests);
  report.prompt_tokens = Whole(window.prompt_tokens);
  report.generation_tokens = Whole(window.generation_tokens);
  report.preemptions = Whole(window.preemptions);
  report.prefix_queries = Whole(window.prefix_queries);
  report.prefix_hits = Whole(window.prefix_hits);
  if (window.prefix_hits && window.prefix_queries.value_or(0) > 0) {
    report.prefix_hit_rate = *window.prefix_hits / *window.prefix_queries;
  }
  report.prefill_total_s = window.prefill_seconds;
  report.decode_total_s = window.decode_seconds;
  report.running = window.running;
  report.waiting = window.waiting;
  report.kv_usage = window.kv_usage;
  for (const ServerDistributionField& field : kServerDistributions) {
    if (const auto& histogram = window.*field.histogram) {
      report.*field.value = DistributionOf(*histogram);
    }
  }
  report.agrees = Agrees(report);
  if (!report.agrees.value_or(false)) return;
  report.ttft_between_s = ttft_.Above(report.ttft);
  report.itl_between_s = gaps_.Above(report.itl);
  report.latency_between_s = latency_.Above(report.latency);
}

std::optional<bool> ServerSide::Agrees(const ServerReport& report) const {
  if (!comparable_ || good_ == 0) return std::nullopt;
  std::optional<bool> agrees;
  const auto hold = [&agrees](const std::optional<std::uint64_t>& theirs,
                              const std::optional<std::uint64_t>& ours) {
    if (theirs && ours) agrees = agrees.value_or(true) && *theirs == *ours;
  };
  hold(report.requests, good_);
  hold(report.prompt_tokens, prompt_tokens_);
  hold(report.generation_tokens, generation_tokens_);
  return agrees;
}

}  // namespace sseprof
