#include "live/metric_families.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace sseprof {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct CounterText {
  LiveCounter counter;
  const char* name;
  const char* help;
};
constexpr CounterText kCounters[] = {
    {LiveCounter::kStarted, "requests_started_total", "Measured requests sent."},
    {LiveCounter::kCompleted, "requests_completed_total", "Measured requests that ended well."},
    {LiveCounter::kWithinSlo, "requests_within_slo_total",
     "Completed requests that met every --slo (goodput)."},
    {LiveCounter::kTokensCounted, "output_tokens_counted_total",
     "Output tokens counted from the stream as they come, of requests that fail later, too."},
    {LiveCounter::kTokensReported, "output_tokens_reported_total",
     "Completion tokens in the usage of completed requests."},
    {LiveCounter::kPromptTokens, "prompt_tokens_reported_total",
     "Prompt tokens in the usage of completed requests."},
    {LiveCounter::kUsageMismatches, "usage_mismatches_total",
     "Completed requests whose usage differs from the counted tokens."},
    {LiveCounter::kUsageMissing, "usage_missing_total", "Completed requests without usage."},
    {LiveCounter::kEvents, "stream_events_total", "SSE events of measured requests."},
    {LiveCounter::kBundled, "bundled_events_total",
     "Events that came together with others within 100 us: the server sent them together."},
    {LiveCounter::kCoalesced, "coalesced_events_total",
     "Events whose arrival is known to more than 100 us only: the client came too late."},
    {LiveCounter::kReceivedBytes, "received_bytes_total",
     "Bytes of response heads and bodies, after TLS, warm-up included."},
    {LiveCounter::kSentBytes, "sent_bytes_total",
     "Bytes of requests sent whole, before TLS, warm-up included."},
    {LiveCounter::kConnectionsOpened, "connections_opened_total",
     "Connections opened, warm-up included."},
};

struct SpanText {
  LiveSpan span;
  const char* name;
  const char* help;
};
constexpr SpanText kServerSpans[] = {
    {LiveSpan::kTtft, "time_to_first_token_seconds",
     "Start of a completed request to its first output event."},
    {LiveSpan::kItl, "inter_token_latency_seconds",
     "Gap between consecutive output events of one stream, of requests that fail later, too."},
    {LiveSpan::kLatency, "e2e_request_latency_seconds",
     "Start of a completed request to the end of its stream."},
    {LiveSpan::kTpot, "request_time_per_output_token_seconds",
     "TPOT, one per completed request: first to last output event / tokens after the first event."},
};
constexpr SpanText kClientSpans[] = {
    {LiveSpan::kScheduleLag, "schedule_lag_seconds",
     "Start of a request minus the instant at which its slot was free."},
    {LiveSpan::kSendDelay, "send_delay_seconds",
     "Last byte of a request given to the kernel minus its start, without connect and TLS."},
    {LiveSpan::kClientDelay, "client_delay_seconds",
     "Read by the program minus arrival at the kernel, every read, warm-up included."},
    {LiveSpan::kUncertainty, "arrival_uncertainty_seconds",
     "Width of the interval that holds an arrival, of those that are not known exactly."},
    {LiveSpan::kLoopLag, "event_loop_lag_seconds",
     "How late the event loop did what was due, looked at every 50 ms."},
    {LiveSpan::kConnect, "connect_duration_seconds",
     "Connecting, with TLS, of completed requests on a new connection."},
};

struct PhaseText {
  RunPhase phase;
  const char* name;
};
constexpr PhaseText kPhases[] = {{RunPhase::kWarmup, "warmup"},
                                 {RunPhase::kMeasure, "measure"},
                                 {RunPhase::kDrain, "drain"},
                                 {RunPhase::kDone, "done"}};

using Labels = std::vector<ClientMetric::Label>;

/// Gathers metrics of several runs into families, in the order in which they come first.
class Gathering {
 public:
  /// Of which run the next metrics are.
  void Of(const RunFacts& facts) { common_ = {{"run", facts.run}, {"variant", facts.variant}}; }

  ClientMetric& Add(std::string_view name, MetricType type, std::string_view help,
                    Labels labels = {}) {
    const auto same = [&](const MetricFamily& family) { return family.name == name; };
    auto family = std::find_if(families_.begin(), families_.end(), same);
    if (family == families_.end()) {
      families_.push_back({std::string(name), std::string(help), type, {}});
      family = families_.end() - 1;
    }
    ClientMetric& metric = family->metric.emplace_back();
    metric.label = common_;
    metric.label.insert(metric.label.end(), labels.begin(), labels.end());
    return metric;
  }

  void Gauge(std::string_view name, double value, std::string_view help, Labels labels = {}) {
    Add(name, MetricType::Gauge, help, std::move(labels)).gauge.value = value;
  }
  void Counter(std::string_view name, double value, std::string_view help, Labels labels = {}) {
    Add(name, MetricType::Counter, help, std::move(labels)).counter.value = value;
  }

  std::vector<MetricFamily> Take() { return std::move(families_); }

 private:
  Labels common_;
  std::vector<MetricFamily> families_;
};

std::string Prefixed(std::string_view name) { return "sseprof_" + std::string(name); }

double Seconds(std::optional<Nanos> span) { return ToSeconds(span.value_or(Nanos{0})); }

void AddFacts(const RunReading& run, Gathering& to) {
  const RunFacts& facts = *run.facts;
  to.Gauge("sseprof_run_info", 1, "Constant 1 with what is fixed of the run.",
           {{"model", facts.model},
            {"endpoint", facts.endpoint},
            {"mode", "closed"},
            {"dataset", facts.dataset},
            {"version", facts.version}});
  to.Gauge("sseprof_run_start_timestamp_seconds", Seconds(run.started),
           "Unix time at which the measured window began (0: not yet).");
  to.Gauge("sseprof_run_end_timestamp_seconds", Seconds(run.ended),
           "Unix time at which the measured window ended (0: not yet).");
  to.Gauge("sseprof_run_elapsed_seconds", Seconds(run.elapsed),
           "Length of the measured window so far.");
  for (const PhaseText& phase : kPhases) {
    to.Gauge("sseprof_phase", run.phase == phase.phase ? 1 : 0,
             "1 for the present phase of the run.", {{"phase", phase.name}});
  }
  to.Gauge("sseprof_target_concurrency", facts.concurrency,
           "Requests that are to be in flight (closed loop).");
  to.Gauge("sseprof_target_requests_per_second", 0,
           "Requests per second asked for (0: closed loop).");
  const std::pair<const char*, std::optional<Nanos>> limits[] = {
      {"ttft", facts.slo.ttft}, {"tpot", facts.slo.tpot}, {"latency", facts.slo.latency}};
  for (const auto& [name, limit] : limits) {
    if (!limit) continue;
    to.Gauge("sseprof_slo_seconds", ToSeconds(*limit), "An objective, as --slo gave it.",
             {{"slo", name}});
  }
}

void AddCounters(const RunReading& run, Gathering& to) {
  for (const CounterText& text : kCounters) {
    to.Counter(Prefixed(text.name), static_cast<double>(run.totals[text.counter]), text.help);
  }
  for (std::size_t i = 1; i < kOutcomeCount; ++i) {
    to.Counter("sseprof_request_failures_total", static_cast<double>(run.totals.failures[i]),
               "Measured requests that failed, by reason.",
               {{"reason", std::string(Name(static_cast<Outcome>(i)))}});
  }
  to.Gauge("sseprof_requests_in_flight", static_cast<double>(run.totals.InFlight()),
           "Measured requests sent and not ended.");
  to.Gauge("sseprof_connections_open",
           static_cast<double>(run.totals[LiveCounter::kConnectionsOpened] -
                               run.totals[LiveCounter::kConnectionsClosed]),
           "Connections that are open now.");
  for (std::size_t i = 0; i < run.busy.size(); ++i) {
    to.Counter("sseprof_event_loop_busy_seconds_total", ToSeconds(run.busy[i]),
               "Time that an event loop did not wait.", {{"worker", std::to_string(i)}});
  }
}

void AddHistogram(const RunReading& run, const SpanText& text, Gathering& to) {
  const BucketCounts& counts = run.totals[text.span];
  auto& histogram = to.Add(Prefixed(text.name), MetricType::Histogram, text.help).histogram;
  histogram.bucket.reserve(counts.counts.size());
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < counts.edges->size(); ++i) {
    so_far += static_cast<std::uint64_t>(counts.counts[i]);
    histogram.bucket.push_back({so_far, ToSeconds(counts.edges->edge(i))});
  }
  histogram.sample_count = so_far + static_cast<std::uint64_t>(counts.counts.back());
  histogram.bucket.push_back({histogram.sample_count, std::numeric_limits<double>::infinity()});
  histogram.sample_sum = ToSeconds(counts.sum);
}

void AddExact(const RunReading& run, const SpanText& text, Gathering& to) {
  const ExactSpan& exact = run.exact[static_cast<std::size_t>(text.span)];
  auto& summary = to.Add(Prefixed("run_" + std::string(text.name)), MetricType::Summary,
                         "Exact quantiles of the whole run, of completed requests (NaN until it "
                         "has ended).")
                      .summary;
  summary.sample_count = exact.count;
  summary.sample_sum = exact.sum;
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  summary.quantile = {{0.5, exact.p50.value_or(kNone)},
                      {0.9, exact.p90.value_or(kNone)},
                      {0.95, exact.p95.value_or(kNone)},
                      {0.99, exact.p99.value_or(kNone)},
                      {0.999, exact.p999.value_or(kNone)}};
}

void AddProcess(const ProcessFacts& process, Gathering& to) {
  to.Counter("process_cpu_seconds_total", ToSeconds(process.cpu),
             "Total user and system CPU time spent in seconds.");
  to.Gauge("process_resident_memory_bytes", static_cast<double>(process.resident_bytes),
           "Resident memory size in bytes.");
  to.Gauge("process_open_fds", static_cast<double>(process.open_files),
           "Number of open file descriptors.");
  to.Gauge("process_max_fds", static_cast<double>(process.most_files),
           "Maximum number of open file descriptors.");
  to.Gauge("process_start_time_seconds", ToSeconds(process.started),
           "Start time of the process since unix epoch in seconds.");
}

}  // namespace

std::vector<MetricFamily> MetricFamilies(std::span<const RunReading> runs,
                                         const ProcessFacts& process) {
  Gathering gathering;
  for (const RunReading& run : runs) {
    gathering.Of(*run.facts);
    AddFacts(run, gathering);
    AddCounters(run, gathering);
    for (const SpanText& text : kServerSpans) AddHistogram(run, text, gathering);
    for (const SpanText& text : kServerSpans) AddExact(run, text, gathering);
    for (const SpanText& text : kClientSpans) AddHistogram(run, text, gathering);
  }
  AddProcess(process, gathering);
  return gathering.Take();
}

}  // namespace sseprof
