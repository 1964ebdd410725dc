#include "cli/metrics_options.h"

#include <fmt/format.h>

#include "cli/run_facts.h"
#include "cli/secrets.h"
#include "sseprof/error.h"
#include "sseprof/wall_time.h"

namespace sseprof {
namespace {

void CheckNeeds(bool given, const char* option, bool there, const char* needed) {
  if (given && !there) throw UsageError(fmt::format("{} needs {}", option, needed));
}

}  // namespace

void MetricsOptions::Define(OptionSet& options) {
  options.Group("Live metrics");
  options.Text("--metrics-listen HOST:PORT", listen,
               "Serve metrics to Prometheus at this address of this machine, as 127.0.0.1:9464; "
               "port 0 is any that is free");
  options.Text("--metrics-auth-file FILE", auth_file,
               "Ask scrapers for the USER:PASSWORD in this file (HTTP Basic)");
  options.Choice<BucketChoice>(
      "--metrics-buckets KIND", buckets,
      {{"fine", BucketChoice::kFine}, {"coarse", BucketChoice::kCoarse}},
      "fine: 48 histogram buckets a decade; coarse: 24, where series are dear");
  options.Duration("--metrics-wait TIME", wait,
                   "Hold the load until the first scrape, so long at most");
  options.Duration("--metrics-linger TIME", linger,
                   "Stay so long after the run; without it until a scrape has seen its end",
                   OptionSet::Zero::kAllowed);
  options.Text("--metrics-openmetrics FILE", openmetrics,
               "Write the run's metrics over time, for promtool tsdb create-blocks-from");
  options.Text("--metrics-origin TIME", origin,
               "Let the measured start be at this time in that file (RFC 3339 or Unix seconds), to "
               "lay runs over one another");
}

void MetricsOptions::Check() const {
  const bool listens = !listen.empty();
  CheckNeeds(!auth_file.empty(), "--metrics-auth-file", listens, "--metrics-listen");
  CheckNeeds(wait.has_value(), "--metrics-wait", listens, "--metrics-listen");
  CheckNeeds(linger.has_value(), "--metrics-linger", listens, "--metrics-listen");
  CheckNeeds(!origin.empty(), "--metrics-origin", !openmetrics.empty(), "--metrics-openmetrics");
  CheckNeeds(buckets == BucketChoice::kCoarse, "--metrics-buckets", listens || !openmetrics.empty(),
             "--metrics-listen or --metrics-openmetrics");
  if (openmetrics == "-") {
    throw UsageError("--metrics-openmetrics: must be a file: stdout has the results");
  }
  if (listens) static_cast<void>(Exporter());
  static_cast<void>(Origin());
}

MetricsExporter::Options MetricsOptions::Exporter() const {
  MetricsExporter::Options options;
  try {
    options.address = ParseListenAddress(listen);
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--metrics-listen: {}", error.what()));
  }
  if (auth_file.empty()) return options;
  options.credentials = ReadSecretFile("--metrics-auth-file", auth_file);
  const auto colon = options.credentials.find(':');
  if (colon == 0 || colon >= options.credentials.size() - 1 ||
      options.credentials.find('\n') != std::string::npos) {
    throw UsageError(fmt::format(
        "--metrics-auth-file: '{}' must hold one line of the form USER:PASSWORD", auth_file));
  }
  return options;
}

std::optional<Nanos> MetricsOptions::Origin() const {
  if (origin.empty()) return std::nullopt;
  const std::optional<Nanos> time = ParseWallTime(origin);
  if (!time) {
    throw UsageError(
        fmt::format("--metrics-origin: '{}' is no time: give it like "
                    "2026-01-31T12:00:00Z or 1769860800",
                    origin));
  }
  return time;
}

}  // namespace sseprof
