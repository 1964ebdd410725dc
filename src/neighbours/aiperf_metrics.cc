#include "neighbours/aiperf_metrics.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "neighbours/value_stats.h"

namespace sseprof {
namespace {

using Tag = AiperfTag;

struct TagInfo {
  std::string_view name, unit;
};

constexpr std::array<TagInfo, kAiperfTags> kInfo = {{
    {"request_throughput", "requests/sec"},
    {"request_latency", "ms"},
    {"request_count", "requests"},
    {"time_to_first_token", "ms"},
    {"time_to_second_token", "ms"},
    {"inter_token_latency", "ms"},
    {"output_token_throughput", "tokens/sec"},
    {"output_token_throughput_per_user", "tokens/sec/user"},
    {"output_sequence_length", "tokens"},
    {"input_sequence_length", "tokens"},
    {"goodput", "requests/sec"},
    {"good_request_count", "requests"},
    {"output_token_count", "tokens"},
    {"reasoning_token_count", "tokens"},
    {"inter_chunk_latency", "ms"},
    {"total_output_tokens", "tokens"},
    {"total_reasoning_tokens", "tokens"},
    {"benchmark_duration", "sec"},
    {"total_isl", "tokens"},
    {"total_osl", "tokens"},
    {"error_request_count", "requests"},
    {"usage_prompt_tokens", "tokens"},
    {"usage_completion_tokens", "tokens"},
    {"usage_reasoning_tokens", "tokens"},
    {"usage_prompt_cache_read_tokens", "tokens"},
    {"time_to_first_output_token", "ms"},
    {"decode_duration", "ms"},
    {"e2e_output_token_throughput", "tokens/sec/user"},
    {"osl_mismatch_diff_pct", "%"},
    {"prefill_throughput_per_user", "tokens/sec/user"},
    {"osl_mismatch_count", "requests"},
    {"completed_request_count", "requests"},
    {"request_error_rate", "%"},
    {"good_request_fraction", "ratio"},
    {"total_usage_prompt_tokens", "tokens"},
    {"total_usage_completion_tokens", "tokens"},
    {"total_usage_reasoning_tokens", "tokens"},
    {"total_usage_prompt_cache_read_tokens", "tokens"},
    {"overall_usage_prompt_cache_read_pct", "%"},
    {"total_token_throughput", "tokens/sec"},
    {"input_token_throughput", "tokens/sec"},
}};

const TagInfo& InfoOf(Tag tag) { return kInfo[static_cast<std::size_t>(tag)]; }

struct Percentile {
  std::string_view name;
  double p;
};

constexpr Percentile kPercentiles[] = {{"p1", 0.01},  {"p5", 0.05},  {"p10", 0.10},
                                       {"p25", 0.25}, {"p50", 0.50}, {"p75", 0.75},
                                       {"p90", 0.90}, {"p95", 0.95}, {"p99", 0.99}};

double Ms(Nanos span) { return static_cast<double>(span.count()) / 1e6; }

/// A difference of tokens that AIPerf takes for a mismatch: more than 5 %, or than 50 tokens.
double AllowedMismatch(double asked) { return std::min(asked * 0.05, 50.0); }

void WriteValues(const std::vector<double>& values, const TagInfo& info, JsonWriter& json) {
  const ValueStats stats(values);
  json.Key(info.name).BeginObject().Member("unit", info.unit).Member("avg", stats.Mean());
  for (const auto& [name, p] : kPercentiles) json.Member(name, stats.Quantile(p));
  json.Member("min", stats.Min()).Member("max", stats.Max()).Member("std", stats.Std());
  json.Member("count", static_cast<std::uint64_t>(stats.count()));
  json.Member("sum", stats.sum()).EndObject();
}

}  // namespace

bool AiperfMetrics::Add(const RequestRecord& record) {
  const bool valid = record.good() && (stream_ ? Ttft(record) : Latency(record));
  if (!valid) {
    ++errors_;
    return false;
  }
  ++valid_;
  request_ = {};
  AddTokens(record);
  AddTimes(record);
  AddRates(record);
  AddSlo();
  return true;
}

void AiperfMetrics::AddTokens(const RequestRecord& record) {
  const Usage usage = record.usage.value_or(Usage{});
  const auto add = [this](Tag tag, const std::optional<std::int64_t>& tokens) {
    if (tokens) Values(tag).push_back(static_cast<double>(*tokens));
  };
  add(Tag::kUsagePromptTokens, usage.prompt_tokens);
  add(Tag::kUsageCompletionTokens, usage.completion_tokens);
  add(Tag::kUsageReasoningTokens, usage.reasoning_tokens);
  add(Tag::kUsagePromptCacheReadTokens, usage.cached_tokens);
  request_.input = usage.prompt_tokens;
  add(Tag::kInputSequenceLength, request_.input);
  add(Tag::kReasoningTokenCount, usage.reasoning_tokens);
  const std::int64_t reasoning = usage.reasoning_tokens.value_or(0);
  if (const auto all = CompletionTokens(record)) {
    const std::int64_t output = std::max<std::int64_t>(0, *all - reasoning);
    if (output > 0) add(Tag::kOutputTokenCount, output);
    request_.output = output + reasoning;
  } else if (usage.reasoning_tokens) {
    request_.output = reasoning;
  }
  add(Tag::kOutputSequenceLength, request_.output);
}

void AiperfMetrics::AddTimes(const RequestRecord& record) {
  request_.ttft = Ttft(record);
  request_.latency = stream_ ? LastOutput(record) : Latency(record);
  first_start_ = std::min(first_start_, record.start);
  last_response_ = std::max(last_response_, record.start + *request_.latency);
  Values(Tag::kRequestLatency).push_back(Ms(*request_.latency));
  if (!request_.ttft) return;
  Values(Tag::kTimeToFirstToken).push_back(Ms(*request_.ttft));
  Values(Tag::kDecodeDuration).push_back(Ms(*request_.latency - *request_.ttft));
  std::vector<double>& gaps = Values(Tag::kInterChunkLatency);
  std::optional<Nanos> before;
  bool second = true, first_visible = true;
  for (const StreamEvent& event : record.events) {
    if (!IsOutput(event.kind)) continue;
    if (before) gaps.push_back(Ms(event.at - *before));
    if (before && std::exchange(second, false)) {
      Values(Tag::kTimeToSecondToken).push_back(gaps.back());
    }
    if (event.kind == EventKind::kVisible && std::exchange(first_visible, false)) {
      Values(Tag::kTimeToFirstOutputToken).push_back(Ms(event.at));
    }
    before = event.at;
  }
}

void AiperfMetrics::AddRates(const RequestRecord& record) {
  const auto& [ttft, latency, itl_ns, input, output] = request_;
  if (input && ttft && *ttft > Nanos{0}) {
    Values(Tag::kPrefillThroughputPerUser)
        .push_back(static_cast<double>(*input) / ToSeconds(*ttft));
  }
  if (!output) return;
  const auto tokens = static_cast<double>(*output);
  if (*latency > Nanos{0}) {
    Values(Tag::kE2eOutputTokenThroughput).push_back(tokens / ToSeconds(*latency));
  }
  if (ttft && *output >= 2) {
    const double decode_ns = static_cast<double>((*latency - *ttft).count());
    request_.itl_ns = decode_ns / (tokens - 1);
    Values(Tag::kInterTokenLatency).push_back(*request_.itl_ns / 1e6);
    if (decode_ns > 0) {
      Values(Tag::kOutputTokenThroughputPerUser).push_back(1e9 / *request_.itl_ns);
    }
  }
  if (record.max_tokens > 0) {
    const auto asked = static_cast<double>(record.max_tokens);
    Values(Tag::kOslMismatchDiffPct).push_back((tokens - asked) / asked * 100.0);
    if (std::abs(tokens - asked) > AllowedMismatch(asked)) ++mismatches_;
  }
}

/// What has no value for an objective does not keep it.
void AiperfMetrics::AddSlo() {
  const auto keeps = [](const std::optional<Nanos>& limit, const std::optional<Nanos>& value) {
    return !limit || (value && *value <= *limit);
  };
  const bool keeps_tpot =
      !slo_.tpot ||
      (request_.itl_ns && *request_.itl_ns <= static_cast<double>(slo_.tpot->count()));
  if (keeps(slo_.ttft, request_.ttft) && keeps(slo_.latency, request_.latency) && keeps_tpot) {
    ++good_;
  }
}

double AiperfMetrics::SumOf(Tag tag) const {
  const std::vector<double>& values = values_[static_cast<std::size_t>(tag)];
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

void AiperfMetrics::Finish() {
  SetTotals();
  SetRates();
}

void AiperfMetrics::SetTotals() {
  const std::pair<Tag, Tag> kTotals[] = {
      {Tag::kTotalOutputTokens, Tag::kOutputTokenCount},
      {Tag::kTotalReasoningTokens, Tag::kReasoningTokenCount},
      {Tag::kTotalIsl, Tag::kInputSequenceLength},
      {Tag::kTotalOsl, Tag::kOutputSequenceLength},
      {Tag::kTotalUsagePromptTokens, Tag::kUsagePromptTokens},
      {Tag::kTotalUsageCompletionTokens, Tag::kUsageCompletionTokens},
      {Tag::kTotalUsageReasoningTokens, Tag::kUsageReasoningTokens},
      {Tag::kTotalUsagePromptCacheReadTokens, Tag::kUsagePromptCacheReadTokens}};
  for (const auto& [total, of] : kTotals) {
    if (!Values(of).empty()) Set(total, SumOf(of));
  }
  const double all_prompts = SumOf(Tag::kUsagePromptTokens);
  if (!Values(Tag::kUsagePromptCacheReadTokens).empty() && all_prompts > 0) {
    Set(Tag::kOverallUsagePromptCacheReadPct,
        SumOf(Tag::kUsagePromptCacheReadTokens) / all_prompts * 100.0);
  }
  if (!Values(Tag::kOslMismatchDiffPct).empty()) {
    Set(Tag::kOslMismatchCount, static_cast<double>(mismatches_));
  }
}

void AiperfMetrics::SetRates() {
  const auto valid = static_cast<double>(valid_), good = static_cast<double>(good_);
  const auto errors = static_cast<double>(errors_), all = valid + errors;
  if (valid_ > 0) Set(Tag::kRequestCount, valid);
  if (errors_ > 0) Set(Tag::kErrorRequestCount, errors);
  if (all > 0) {
    Set(Tag::kCompletedRequestCount, all);
    Set(Tag::kRequestErrorRate, 100.0 * errors / all);
  }
  if (slo_.any()) {
    if (valid_ > 0) Set(Tag::kGoodRequestCount, good);
    Set(Tag::kGoodRequestFraction, all > 0 ? good / all : 0.0);
  }
  if (valid_ == 0 || last_response_ <= first_start_) return;
  const double duration = ToSeconds(last_response_ - first_start_);
  Set(Tag::kBenchmarkDuration, duration);
  Set(Tag::kRequestThroughput, valid / duration);
  if (slo_.any()) Set(Tag::kGoodput, good / duration);
  const double input = SumOf(Tag::kInputSequenceLength);
  const double output = SumOf(Tag::kOutputSequenceLength);
  const bool has_input = !Values(Tag::kInputSequenceLength).empty();
  const bool has_output = !Values(Tag::kOutputSequenceLength).empty();
  if (has_output) Set(Tag::kOutputTokenThroughput, output / duration);
  if (has_input) Set(Tag::kInputTokenThroughput, input / duration);
  if (has_input && has_output) Set(Tag::kTotalTokenThroughput, (input + output) / duration);
}

void AiperfMetrics::Write(Part part, JsonWriter& json) const {
  const auto run = static_cast<std::size_t>(Tag::kErrorRequestCount) + 1;
  const auto begin = part == Part::kBeforeTheRun ? std::size_t{0} : run;
  const auto end = part == Part::kBeforeTheRun ? run : kAiperfTags;
  for (std::size_t tag = begin; tag < end; ++tag) {
    if (scalars_[tag]) {
      json.Key(kInfo[tag].name).BeginObject().Member("unit", kInfo[tag].unit);
      json.Member("avg", *scalars_[tag]).EndObject();
    } else if (!values_[tag].empty()) {
      WriteValues(values_[tag], kInfo[tag], json);
    }
  }
  if (part == Part::kBeforeTheRun || errors_ == 0) return;
  for (const Tag tag : {Tag::kRequestLatency, Tag::kTimeToFirstToken, Tag::kInterTokenLatency,
                        Tag::kDecodeDuration}) {
    WriteAdjusted(tag, json);
  }
}

/// The same with an infinite value for each error, which JSON has as null: percentiles are the
/// nearest value, and a standard deviation does not exist.
void AiperfMetrics::WriteAdjusted(Tag tag, JsonWriter& json) const {
  const std::vector<double>& values = values_[static_cast<std::size_t>(tag)];
  if (values.empty()) return;
  const ValueStats stats(values);
  const std::size_t count = stats.count() + static_cast<std::size_t>(errors_);
  json.Key("adj_" + std::string(InfoOf(tag).name)).BeginObject();
  json.Member("unit", InfoOf(tag).unit).Key("avg").Null();
  for (const auto& [name, p] : kPercentiles) {
    const double rank = static_cast<double>(count - 1) * p;
    const auto nearest = static_cast<std::size_t>(std::floor(rank + 0.5));
    json.Key(name);
    nearest < stats.count() ? json.Double(stats.sorted()[nearest]) : json.Null();
  }
  json.Member("min", stats.Min()).Key("max").Null();
  json.Member("count", static_cast<std::uint64_t>(count)).Key("sum").Null().EndObject();
}

}  // namespace sseprof
