#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "live/metric_families.h"

namespace sseprof {

using namespace std::chrono_literals;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Families = std::vector<MetricFamily>;

inline const Slo kSlo = {.ttft = 300ms, .tpot = 20ms, .latency = 5s};

inline RunFacts Facts(const std::string& run = "r1", const Slo& slo = kSlo) {
  return {.run = run,
          .variant = "v-" + run,
          .model = "m",
          .endpoint = "http://h/v1",
          .dataset = "d.jsonl",
          .version = "1.2.3",
          .concurrency = 16,
          .slo = slo};
}

inline RunMetrics::Options Options(const RunFacts& facts, int loops = 1,
                                   BucketChoice buckets = BucketChoice::kFine) {
  return {.facts = facts,
          .loops = loops,
          .buckets = buckets,
          .anchor = {.at = Instant{1000s}, .since_epoch = 1'700'000'000s},
          .starts_over = [](Instant) { return false; }};
}

inline Families FamiliesOf(const RunReading& reading, const ProcessFacts& process = {}) {
  return MetricFamilies(std::span(&reading, 1), process);
}

inline const MetricFamily& Family(const Families& families, const std::string& name) {
  for (const MetricFamily& family : families) {
    if (family.name == name) return family;
  }
  throw std::out_of_range(name);
}

inline const ClientMetric& Only(const Families& families, const std::string& name) {
  const MetricFamily& family = Family(families, name);
  EXPECT_EQ(family.metric.size(), 1u) << name;
  return family.metric.at(0);
}

inline double Value(const Families& families, const std::string& name) {
  const MetricFamily& family = Family(families, name);
  const ClientMetric& metric = Only(families, name);
  return family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value;
}

/// "phase=done;" for each label behind run and variant, which must come first.
inline std::string OwnLabels(const ClientMetric& metric) {
  EXPECT_GE(metric.label.size(), 2u);
  EXPECT_EQ(metric.label.at(0).name, "run");
  EXPECT_EQ(metric.label.at(1).name, "variant");
  std::string text;
  for (std::size_t i = 2; i < metric.label.size(); ++i) {
    text += metric.label[i].name + "=" + metric.label[i].value + ";";
  }
  return text;
}

/// The values of a family of counters or gauges, by their own labels.
inline std::map<std::string, double> Values(const Families& families, const std::string& name) {
  const MetricFamily& family = Family(families, name);
  std::map<std::string, double> values;
  for (const ClientMetric& metric : family.metric) {
    values[OwnLabels(metric)] =
        family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value;
  }
  EXPECT_EQ(values.size(), family.metric.size()) << name;
  return values;
}

inline const std::map<std::string, LiveSpan> kHistograms = {
    {"sseprof_time_to_first_token_seconds", LiveSpan::kTtft},
    {"sseprof_inter_token_latency_seconds", LiveSpan::kItl},
    {"sseprof_e2e_request_latency_seconds", LiveSpan::kLatency},
    {"sseprof_request_time_per_output_token_seconds", LiveSpan::kTpot},
    {"sseprof_schedule_lag_seconds", LiveSpan::kScheduleLag},
    {"sseprof_send_delay_seconds", LiveSpan::kSendDelay},
    {"sseprof_client_delay_seconds", LiveSpan::kClientDelay},
    {"sseprof_arrival_uncertainty_seconds", LiveSpan::kUncertainty},
    {"sseprof_event_loop_lag_seconds", LiveSpan::kLoopLag},
    {"sseprof_connect_duration_seconds", LiveSpan::kConnect}};

}  // namespace sseprof
