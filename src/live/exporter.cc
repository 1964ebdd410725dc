#include "live/exporter.h"

#include <CivetServer.h>
#include <fmt/format.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <strings.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "live/metric_families.h"
#include "net/clock.h"
#include "net/thread_urgency.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

// So many can be slow at a time before others have to wait, and so long may each be.
constexpr const char* kThreads = "64";
constexpr const char* kRequestTimeoutMs = "2000";
constexpr Nanos kLook = std::chrono::milliseconds(50);
constexpr Nanos kKnock = std::chrono::milliseconds(5);

/// When scrapes began and which of them were answered.
class ScrapeLog {
 public:
  void Began(Instant at) {
    const std::lock_guard lock(mutex_);
    if (last_began_) period_ = std::max(period_.value_or(Nanos{0}), at - *last_began_);
    last_began_ = at;
  }

  void Answered(Instant began) {
    {
      const std::lock_guard lock(mutex_);
      answered_ = std::max(answered_.value_or(began), began);
    }
    changed_.notify_all();
  }

  bool any() const {
    const std::lock_guard lock(mutex_);
    return answered_.has_value();
  }

  /// Of those that began at `since` or later, one was.
  bool answered(Instant since) const {
    const std::lock_guard lock(mutex_);
    return answered_ && *answered_ >= since;
  }

  std::optional<Nanos> period() const {
    const std::lock_guard lock(mutex_);
    return period_;
  }

  bool Await(Instant since, Instant until, const std::function<bool()>& stop) const {
    std::unique_lock lock(mutex_);
    while (!answered_ || *answered_ < since) {
      const Instant now = MonotonicNow();
      if (now >= until || stop()) return false;
      changed_.wait_for(lock, std::min(kLook, until - now));
    }
    return true;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::optional<Instant> last_began_, answered_;
  std::optional<Nanos> period_;
};

/// The scrape that this thread answers: the server's callbacks carry nothing of ours.
struct Answering {
  ScrapeLog* log = nullptr;
  Instant began{};
};
thread_local Answering t_answering;

void* OnThreadStart(const mg_context*, int) {
  StayBehind();
  return nullptr;
}

/// Compressing adds a third to all that a scrape costs, on a machine that measures. What is asked
/// for can be refused only by taking the question away.
int OnRequestBegin(mg_connection* connection) {
  auto* request = const_cast<mg_request_info*>(mg_get_request_info(connection));
  for (int i = 0; i < request->num_headers; ++i) {
    mg_header& header = request->http_headers[i];
    if (strcasecmp(header.name, "Accept-Encoding") == 0) header.value = "identity";
  }
  return 0;  // go on
}

void OnRequestEnd(const mg_connection*, int) {
  const Answering done = std::exchange(t_answering, {});
  if (done.log != nullptr) done.log->Answered(done.began);
}

/// Collects the run shown last, and the one before it until an answer that had its end has gone
/// out.
class RunCollector final : public prometheus::Collectable {
 public:
  void Show(std::shared_ptr<const RunMetrics> run) {
    const std::lock_guard lock(mutex_);
    if (shown_.size() > 1) shown_.erase(shown_.begin());
    shown_.push_back({.run = std::move(run)});
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    const Instant now = MonotonicNow();
    t_answering = {.log = &log_, .began = now};
    log_.Began(now);
    const std::lock_guard lock(mutex_);
    if (shown_.empty()) return {};
    if (shown_.size() > 1 && log_.answered(shown_.front().end_told_at)) {
      shown_.erase(shown_.begin());
    }
    std::vector<RunReading> readings;
    for (Shown& shown : shown_) {
      readings.push_back(shown.run->Read(now));
      if (readings.back().phase != RunPhase::kDone) continue;
      shown.end_told_at = std::min(shown.end_told_at, now);
    }
    return MetricFamilies(readings, ReadProcessFacts(ProcessCpuTime()));
  }

  const ScrapeLog& log() const { return log_; }

 private:
  struct Shown {
    std::shared_ptr<const RunMetrics> run;
    Instant end_told_at = kNever;  ///< when the first scrape began that was told of its end
  };
  mutable ScrapeLog log_;
  mutable std::mutex mutex_;
  mutable std::vector<Shown> shown_;
};

std::unique_ptr<prometheus::Exposer> Listen(const ListenAddress& address) {
  CheckListenAddress(address);
  CivetCallbacks callbacks;
  callbacks.init_thread = &OnThreadStart;
  callbacks.begin_request = &OnRequestBegin;
  callbacks.end_request = &OnRequestEnd;
  const std::vector<std::string> options = {
      "listening_ports",    address.Text(),    "num_threads",       kThreads,
      "request_timeout_ms", kRequestTimeoutMs, "enable_keep_alive", "no"};
  try {
    return std::make_unique<prometheus::Exposer>(options, &callbacks);
  } catch (const CivetException& error) {
    throw UsageError(fmt::format("cannot listen on {}: {}", address.Text(), error.what()));
  }
}

}  // namespace

struct MetricsExporter::State {
  std::shared_ptr<RunCollector> collector = std::make_shared<RunCollector>();
  ListenAddress address;
  std::unique_ptr<prometheus::Exposer> exposer;  // last, so that it stops first
};

MetricsExporter::MetricsExporter(const Options& options) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.address = options.address;
  s.exposer = Listen(options.address);
  s.address.port = s.exposer->GetListeningPorts().at(0);
  if (!options.credentials.empty()) {
    s.exposer->RegisterAuth(
        [expected = options.credentials](const std::string& user, const std::string& password) {
          return user + ":" + password == expected;
        },
        "sseprof");
  }
  s.exposer->RegisterCollectable(s.collector);
}

MetricsExporter::~MetricsExporter() {
  // civetweb's accepting thread hears that it is to stop only every 2 s, or when somebody comes.
  std::atomic<bool> stopped{false};
  std::thread visitor([&stopped, address = state_->address] {
    while (!stopped.load()) {
      Knock(address);
      std::this_thread::sleep_for(kKnock);
    }
  });
  state_->exposer.reset();
  stopped.store(true);
  visitor.join();
}

void MetricsExporter::Show(std::shared_ptr<const RunMetrics> run) {
  state_->collector->Show(std::move(run));
}

std::string MetricsExporter::Url() const {
  return fmt::format("http://{}/metrics", state_->address.Text());
}

bool MetricsExporter::scraped() const { return state_->collector->log().any(); }

std::optional<Nanos> MetricsExporter::Period() const { return state_->collector->log().period(); }

bool MetricsExporter::AwaitScrape(Instant since, Instant until,
                                  const std::function<bool()>& stop) const {
  return state_->collector->log().Await(since, until, stop);
}

}  // namespace sseprof
