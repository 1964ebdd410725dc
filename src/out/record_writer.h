#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "out/record_file.h"
#include "out/record_lines.h"
#include "sseprof/sink.h"
#include "sseprof/summary.h"

namespace sseprof {

/// Keeps finished requests: on a thread of its own it writes each to the record file within 100 ms,
/// and summarizes it. Take may be called from any thread and only moves the record into a
/// queue; all else is for the thread that made the writer.
///
/// If the file can't be written any more (disk full), records stop at a whole line, the summary
/// goes on, and a warning `records_stopped` says so.
class RecordWriter final : public RecordSink {
 public:
  struct Options {
    std::string path;  ///< of the record file; empty: none
    /// Called once, when the first record has come or in Close: what is known when the load has
    /// started, with its origin. Must be set. On the writer's thread.
    std::function<RunContext()> context;
    /// Hides secrets; applied to every text of the context, the records and the end, before it is
    /// written or summarized. May be empty. On the writer's thread.
    std::function<void(std::string&)> filter;
  };

  /// @throws UsageError if the file can't be made.
  explicit RecordWriter(Options options);
  ~RecordWriter() override;

  void Take(RequestRecord&& record) override;

  /// Waits until all records are written, writes the end mark, and summarizes the run. Call it
  /// once, when no more records can come.
  Summary Close(RunEnd end);

  /// Why records stopped; empty: they did not.
  std::string problem() const;

 private:
  void Work();
  void Begin();
  void Keep(std::vector<RequestRecord>& records);
  void Append(std::string_view lines);
  void StopThread();

  Options options_;
  std::optional<RecordFile> file_;
  RequestLineWriter line_writer_;
  std::string lines_;
  std::optional<SummaryBuilder> builder_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<RequestRecord> queue_;
  bool closing_ = false;
  std::string problem_;
  std::thread thread_;
};

}  // namespace sseprof
