#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "live/listen_address.h"
#include "live/run_metrics.h"
#include "sseprof/time.h"

namespace sseprof {

/// Serves the metrics of runs, one after another, to Prometheus, at /metrics, on threads of its own
/// that give way to event loops. What has ended can still be seen. Thread-safe.
class MetricsExporter {
 public:
  struct Options {
    ListenAddress address;
    std::string credentials;  ///< USER:PASSWORD that HTTP Basic must bring; empty: open to all
  };
  /// Listens from now on. @throws UsageError if it can't
  explicit MetricsExporter(const Options& options);
  ~MetricsExporter();

  /// Shows this run from now on. The one shown before it stays beside it until a scrape has been
  /// told of its end, but no longer than until the next one.
  void Show(std::shared_ptr<const RunMetrics> run);

  /// Where it is, with the port that it has got.
  std::string Url() const;

  /// Someone has got an answer.
  bool scraped() const;
  /// The longest time between two scrapes so far; absent with fewer than two.
  std::optional<Nanos> Period() const;

  /// Waits for the answer to a scrape that began at `since` or later to have gone out.
  /// @return false if none had at `until`, or `stop` said so first
  bool AwaitScrape(Instant since, Instant until, const std::function<bool()>& stop) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sseprof
