#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sseprof/record.h"
#include "sseprof/run_context.h"

namespace sseprof {

/// Lines of a record file, without their line end.
std::string ContextLine(const RunContext& context);
std::string RequestLine(const RequestRecord& record);
std::string EndLine(const RunEnd& end);

/// Appends lines to a record file. Not thread-safe. A write that fails (disk full) stops it for
/// good, at a whole line: what is in the file is whole lines only.
class RecordFile {
 public:
  /// @throws UsageError if the file can't be made.
  explicit RecordFile(const std::string& path);
  ~RecordFile();
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  /// Writes text that consists of whole lines. False: it has stopped, and `problem()` says why.
  bool Append(std::string_view lines);
  const std::string& problem() const { return problem_; }

 private:
  int fd_ = -1;
  std::string path_, problem_;
};

/// Reads a record file line by line, in constant memory.
class RecordReader {
 public:
  /// @throws UsageError if it can't be read, or its first line is no context (names file and line).
  explicit RecordReader(const std::string& path);
  ~RecordReader();

  const RunContext& context() const;

  /// The next request; nothing at the end. A last line that is cut (a killed run) ends the file.
  /// @throws UsageError naming file and line where a line can't be understood.
  std::optional<RequestRecord> Next();

  /// The end mark, if Next has met it.
  const std::optional<RunEnd>& end() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sseprof
