#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseprof/histogram.h"
#include "sseprof/record.h"

namespace sseprof {

// What is drawn of one run, binned: its size does not grow with the number of gaps. All spans are
// seconds; instants are seconds since the first measured start, so those of warm-up are below 0.

/// Quantiles of what fell into a bin of run time.
struct QuantileBin {
  double at_s = 0;  ///< the bin's middle
  std::uint64_t count = 0;
  double p50_s = 0, p99_s = 0, max_s = 0;
};

/// Bins in which nothing fell are left out.
struct QuantileBins {
  double width_s = 0;
  std::vector<QuantileBin> bins;
};

/// Tokens a second, bin by bin without holes. The last bin is left out if the run ended in it.
struct RateBins {
  double width_s = 0;
  double first_at_s = 0;  ///< middle of the first bin
  std::vector<double> per_s;
};

/// A gap above the threshold of stalls.
struct StallMark {
  double from_s = 0;  ///< since the request's start
  double length_s = 0;
};

/// One request as a bar.
struct RequestBar {
  std::int64_t n = 0;
  double start_s = 0;
  std::optional<double> waited_s;  ///< its slot, or its schedule, waited so long for the start
  std::optional<double> ttft_s;
  double length_s = 0;  ///< until its end, or until what is last known of it
  std::int64_t tokens = 0;
  bool warmup = false;
  Outcome outcome = Outcome::kOk;
  std::vector<StallMark> stalls;  ///< by instant
};

/// In order of start. Of more than 2,000 requests these are whole waves, as many as there are
/// slots: the first, and every `every_wave`-th after it.
struct RequestBars {
  std::vector<RequestBar> bars;
  std::uint64_t requests = 0;  ///< all of them
  std::uint64_t every_wave = 1;
  std::uint64_t wave = 1;        ///< requests in a wave
  std::uint64_t stalls = 0;      ///< on these bars
  std::uint64_t stalls_all = 0;  ///< the same before the shortest were left out
};

/// Gaps by the number of their later output event in its answer, from 2 on. A column holds
/// `per_column` positions; rows are logarithmic, row r from 1 us x 10^(r/32); what is shorter than
/// 1 us is in row 0.
struct PositionMap {
  static constexpr int kFirst = 2;
  static constexpr int kRowsPerDecade = 32;
  struct Column {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> rows;  ///< row and count, ascending
    std::uint64_t count = 0;
    double p50_s = 0, p95_s = 0;
  };
  std::uint32_t per_column = 1;
  std::vector<Column> columns;
};

/// The server stood still for at least half of its streams.
struct Pause {
  double end_s = 0;
  double length_s = 0;  ///< the longest of its gaps
  std::uint32_t streams = 0;
};

struct Pauses {
  std::vector<Pause> pauses;  ///< by instant, the longest 500 of them
  std::uint64_t all = 0;
};

struct FailedRequest {
  std::int64_t n = 0;
  std::string request_id, server_id;
  Outcome outcome = Outcome::kOk;
  int http_status = 0;
  double start_s = 0;
  std::optional<double> after_s;  ///< when it failed, since its start
  std::int64_t tokens = 0;
  std::string message;
};

struct RunPlots {
  double from_s = 0, to_s = 0;  ///< what the axes of time span
  std::optional<double> stall_threshold_s;

  // Of good measured requests.
  Histogram gaps;
  std::vector<double> ttft_s, tpot_s, latency_s;  ///< ascending
  /// How many independent observations they hold (stats/instants.h).
  double gap_instants = 0, ttft_instants = 0, latency_looks = 0;
  PositionMap positions;
  std::optional<Pauses> pauses;  ///< absent if they can't be told from single streams' stalls

  QuantileBins ttft_over_time;

  // Of good requests, warm-up too.
  QuantileBins gaps_over_time;
  // Of all requests.
  RateBins tokens_over_time;
  RequestBars requests;

  std::vector<FailedRequest> failed;  ///< measured ones by number, the first 100
  std::uint64_t failed_all = 0;
};

}  // namespace sseprof
