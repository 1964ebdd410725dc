#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "neighbours/aiperf_metrics.h"
#include "sseprof/record.h"
#include "sseprof/run_context.h"

namespace sseprof {

/// AIPerf's `profile_export_aiperf.json` (0.13.0, schema 1.4) from our records. Warm-up requests
/// are left out; `aiperf_version` says that we wrote it. Times of the wall are UTC.
class AiperfExport {
 public:
  explicit AiperfExport(const RunContext& context) : context_(context), metrics_(context) {}

  void Add(const RequestRecord& record);

  /// The file's text. Call it once, when all requests were added.
  /// @param end  null: the record file has no end mark
  std::string Finish(const RunEnd* end);

 private:
  using Error = std::tuple<int, std::string, std::string>;  ///< HTTP status, reason, message

  void WriteConfig(JsonWriter& json) const;
  void WriteRunInfo(JsonWriter& json) const;
  void WriteErrors(JsonWriter& json) const;
  void WriteTimes(JsonWriter& json) const;

  RunContext context_;
  AiperfMetrics metrics_;
  std::map<Error, std::int64_t> errors_;
  Instant last_end_ = Instant::min();
};

}  // namespace sseprof
