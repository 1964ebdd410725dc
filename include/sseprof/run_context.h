#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseprof/histogram.h"
#include "sseprof/server_window.h"
#include "sseprof/slo.h"
#include "sseprof/time.h"

namespace sseprof {

/// What is known of a run when its load starts: the first line of the record file.
struct RunContext {
  std::string run_id;
  std::string started_at;  ///< RFC 3339, UTC, milliseconds
  std::map<std::string, std::string> labels;
  std::string sseprof_version;
  std::vector<std::string> command;                       ///< argv, secrets replaced
  std::vector<std::pair<std::string, std::string>> host;  ///< hostname, kernel, cpu, cores ..
  std::vector<std::pair<std::string, std::string>>
      options;  ///< every option of `run`, as in --print-config

  std::string endpoint;  ///< URL of the completions, secrets replaced
  std::string model;
  int concurrency = 1;
  std::optional<std::int64_t> requests;  ///< asked for; absent with --duration alone
  std::int64_t warmup_requests = 0;
  std::optional<Nanos> duration;
  std::int64_t max_tokens = 0;
  double temperature = 0;
  bool stream = true;
  Slo slo;  ///< objectives that goodput is counted by; without a stream the latency's alone
  std::string prompt_sha256;
  std::size_t prompts = 1;            ///< size of the prompt set
  std::string timestamps = "kernel";  ///< kernel or user
  int threads = 1;

  Instant origin{};  ///< start of the run's first request (warm-up included)
};

/// A warning is a value: what is wrong with the numbers, and what to do about it.
struct Warning {
  std::string code;
  std::string message;
  std::string advice;
  bool operator==(const Warning&) const = default;
};

/// What the client measured of itself; one per event loop, merged at the end.
struct ClientStats {
  Histogram client_delay;            ///< user-space read - kernel stamp, one per read
  std::uint64_t clock_rejected = 0;  ///< kernel stamps that could not be true
  std::uint64_t stamps_missing = 0;  ///< reads without a kernel stamp
  std::uint64_t connections = 0;     ///< opened
  Nanos busy{};                      ///< time that event loops spent outside epoll_wait
  Nanos elapsed{};                   ///< time that event loops ran

  void Merge(const ClientStats& other);
};

/// What is known when the load has ended and request lines can't give: the end line of the record
/// file, verbatim.
struct RunEnd {
  ClientStats client;
  std::string timestamps = "kernel";  ///< what was really used: kernel, user
  std::string path = "loopback";      ///< loopback or nic
  int threads = 1;
  Nanos cpu{};
  std::int64_t max_rss_bytes = 0;
  std::optional<Instant> interrupted_at;  ///< of the ^C
  std::vector<Warning> warnings;  ///< of the run: clock_fallback field_refused records_stopped ..
  std::string server_kind;        ///< vllm, sglang, llama.cpp, ..; empty: unknown
  std::string server_version;
  std::optional<ServerWindow> server_window;  ///< absent if its metrics page can't be read
};

}  // namespace sseprof
