#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "scrape/server_page.h"
#include "sseprof/server_window.h"

namespace sseprof {

/// Makes one window of the pages that were read in it. Not thread-safe.
class ScrapeWindow {
 public:
  /// Gauges are taken while the load is on alone: before and after it they would be of no load.
  enum class Moment { kAround, kDuring };

  /// A page that was understood, and when it was read; in order of time.
  void Add(ServerPage page, Instant at, Moment moment);
  /// One that wasn't.
  void AddFailure() { ++failures_; }

  /// True if the last two pages tell the same counts, with at least so many requests if they count
  /// them, and no request is running or waiting: what was sent before has been counted.
  bool Settled(std::uint64_t requests) const;

  /// What lies between the first page and the last. Absent without a page.
  std::optional<ServerWindow> Finish() const;

 private:
  void AddGauges(const ServerPage& page);
  void NoteFalls(const ServerPage& page);

  struct GaugeSum {
    double sum = 0, max = 0;
    std::uint64_t count = 0;
  };

  std::optional<ServerPage> first_, before_, last_;
  Instant first_at_{}, last_at_{};
  std::uint64_t pages_ = 0, failures_ = 0;
  std::map<std::string_view, GaugeSum> gauges_;
  std::set<std::string_view> fell_;  ///< counters and histograms
};

}  // namespace sseprof
