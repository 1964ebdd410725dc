#pragma once

#include <cstddef>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// The two readings of the clock around the send() that took an event's last byte.
struct SendTimes {
  Instant before;
  Instant after;
};

/// What the log says of one stream.
struct LoggedStream {
  std::string request_id;
  Instant received_at;
  std::vector<SendTimes> sends;
};

/// The file of true send times. Streams wait in memory until there is time to write them, so that
/// writing delays no event; beyond 64 MiB of them the oldest are written at once. Not thread-safe.
class EventLog {
 public:
  /// An empty path: a log that drops everything. @throws UsageError  not writable
  explicit EventLog(const std::string& path);

  bool enabled() const { return file_.is_open(); }
  bool has_waiting() const { return !waiting_.empty(); }
  /// @throws UsageError
  void Add(LoggedStream stream);

  /// Writes the longest waiting stream, if there is one. @throws UsageError
  void WriteOne();
  /// Writes all that wait. @throws UsageError
  void WriteAll();

 private:
  std::string path_;
  std::ofstream file_;
  std::deque<LoggedStream> waiting_;
  std::size_t waiting_sends_ = 0;
};

}  // namespace sseprof
