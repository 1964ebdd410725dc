#include "out/record_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "out/output_file.h"
#include "out/record_parse.h"
#include "sseprof/error.h"

namespace sseprof {

RecordFile::RecordFile(const std::string& path) : path_(path) {
  CheckOutputPath(path);
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
  if (fd_ < 0) {
    throw UsageError(
        fmt::format("cannot write '{}': {}; give another path", path, std::strerror(errno)));
  }
}

RecordFile::~RecordFile() { ::close(fd_); }

bool RecordFile::Append(std::string_view lines) {
  if (!problem_.empty()) return false;
  std::string_view rest = lines;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    problem_ = fmt::format("cannot write '{}': {}", path_, std::strerror(errno));
    break;
  }
  if (problem_.empty()) return true;

  // What a line's beginning left behind goes away again, where the file can be cut at all.
  const std::string_view done = lines.substr(0, lines.size() - rest.size());
  const std::size_t whole = done.rfind('\n') == std::string_view::npos ? 0 : done.rfind('\n') + 1;
  struct stat status {};
  if (::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode)) {
    const off_t partial = static_cast<off_t>(done.size() - whole);
    if (::ftruncate(fd_, status.st_size - partial) != 0) {
      problem_ += "; its last line is cut";
    }
  }
  return false;
}

struct RecordReader::State {
  std::string path;
  std::ifstream in;
  std::int64_t line_number = 0;
  std::string line;
  bool line_ended = false;  ///< the line had its line end
  RunContext context;
  std::optional<RunEnd> end;

  bool NextLine() {
    if (!std::getline(in, line)) return false;
    line_ended = !in.eof();
    ++line_number;
    return true;
  }
  UsageError Error(std::string_view why) const {
    return UsageError(fmt::format("{}:{}: {}; is it a record file of `sseprof run --records`?",
                                  path, line_number, why));
  }
};

RecordReader::RecordReader(const std::string& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->in.open(path, std::ios::binary);
  if (!state_->in) {
    throw UsageError(fmt::format("cannot read '{}': {}", path, std::strerror(errno)));
  }
  if (!state_->NextLine()) {
    throw UsageError(fmt::format("'{}' is no record file: it can't be read, or is empty", path));
  }
  try {
    state_->context = ParseContextLine(state_->line);
  } catch (const FormatError& error) {
    throw state_->Error(fmt::format("this is no record file: {}", error.what()));
  }
}

RecordReader::~RecordReader() = default;

const RunContext& RecordReader::context() const { return state_->context; }
const std::optional<RunEnd>& RecordReader::end() const { return state_->end; }

std::optional<RequestRecord> RecordReader::Next() {
  State& state = *state_;
  if (!state.NextLine()) return std::nullopt;
  if (state.end) throw state.Error("a line follows the end mark");
  try {
    auto parsed = ParseRecordLine(state.line);
    if (auto* record = std::get_if<RequestRecord>(&parsed)) return std::move(*record);
    state.end = std::move(std::get<RunEnd>(parsed));
    return Next();
  } catch (const FormatError& error) {
    if (!state.line_ended) return std::nullopt;
    throw state.Error(error.what());
  }
}

}  // namespace sseprof
