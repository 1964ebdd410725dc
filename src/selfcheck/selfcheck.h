#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseprof/run_context.h"
#include "sseprof/summary.h"
#include "sseprof/time.h"

namespace sseprof {

/// Only events whose send() lay between two clock readings closer than this are judged: those
/// further apart can't tell an arrival's error from a pause of the simulated server.
inline constexpr Nanos kJudgedBelow{50'000};

/// What counts as "inside" an arrival's interval.
inline constexpr Nanos kContainedTolerance{100'000};

/// The load that is profiled, and what may be wrong with it.
struct SelfcheckSettings {
  int concurrency = 16;
  std::int64_t requests = 0;  ///< of a run
  std::int64_t tokens = 100;  ///< of a request
  double itl_ms = 20;
  double ttft_ms = 200;
  int threads = 1;
  double max_error_us = 100;
};

/// The cores that were used, by number. The same ones where there is only one.
struct CorePlan {
  std::vector<int> server;
  std::vector<int> client;
  bool shared = false;
};

/// What went on beside us while a run lasted, as shares of a core's time from 0 to 1.
struct CoreLoad {
  double server = 0;  ///< other programs on the simulated server's core
  double client = 0;  ///< other programs on cores that the client's threads needed
  double stolen = 0;  ///< taken away by the machine's host, on the worst core
};

/// A distribution as it was and as it was measured.
struct Compared {
  Distribution truth;
  Distribution measured;
};

/// One profiled run, held against the simulated server's log. Distributions are in seconds.
struct SelfcheckRun {
  std::string phase;            ///< step or uniform
  std::string timestamps;       ///< asked for: kernel or user
  std::string timestamps_used;  ///< what the transport really used
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
  std::string last_failure;

  std::uint64_t events = 0;
  std::uint64_t judged_events = 0;
  std::uint64_t contained = 0;  ///< of events: the truth lies within what is stated
  double coalesced_share = 0;   ///< of output events
  Distribution bracket;         ///< between the clock readings around a send: all events
  /// Distance of an arrival from its send's two clock readings, 0 between them: judged events.
  Distribution error;
  Nanos earliest{};  ///< how far the earliest arrival lies before its send; 0: none does
  Compared itl;      ///< truth: from send to send
  /// Truth: from the request read by the server to the first output sent. Connecting and sending
  /// lie between that and what a client measures.
  Compared ttft;
  Compared latency;  ///< truth: from the request read by the server to the last event sent

  ClientReport client;        ///< delays, its own verdict, cpu
  std::uint64_t reads = 0;    ///< that client.clock_rejected is of
  double wall_s = 0;          ///< of the load
  double server_cpu_s = 0;    ///< of the simulated server, its start and its log included
  std::int64_t switches = 0;  ///< times that a thread of the client was preempted
  std::int64_t server_switches = 0;
  std::optional<CoreLoad> load;  ///< absent where the system does not tell

  double contained_share() const;
  double judged_share() const;
};

/// One probe of the search for the largest load.
struct LimitProbe {
  int concurrency = 0;
  std::string verdict;                 ///< ok, or the first problem's code
  std::optional<double> error_p99_us;  ///< the worst run's
  std::string reason;                  ///< the first problem; empty: ok
  bool ok() const { return reason.empty(); }
};

/// What the search for the largest load found.
struct SelfcheckLimit {
  int concurrency = 0;             ///< the largest load that was ok; 0: none was
  std::optional<int> first_bad;    ///< the smallest one that was not; absent: none up to `bound`
  int bound = 0;                   ///< the largest load that would have been tried
  std::vector<LimitProbe> probes;  ///< in order
};

/// What is wrong, first cause first, and what is merely to be known.
struct SelfcheckVerdict {
  std::vector<Warning> problems;
  std::vector<Warning> notes;
  bool ok() const { return problems.empty(); }
};

/// All that the command prints.
struct SelfcheckReport {
  std::string sseprof_version;
  std::vector<std::pair<std::string, std::string>> host;
  SelfcheckSettings settings;
  CorePlan cores;
  std::vector<SelfcheckRun> runs;
  std::optional<SelfcheckLimit> limit;
  SelfcheckVerdict verdict;
};

}  // namespace sseprof
