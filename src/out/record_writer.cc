#include "out/record_writer.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "wire/server_times.h"

namespace sseprof {
namespace {

constexpr std::size_t kMostBuffered = std::size_t{1} << 20;
// Records are written this long after they came, many together: every waking of the thread can cost
// an event loop its core for a moment.
constexpr std::chrono::milliseconds kGather{25};

using Filter = std::function<void(std::string&)>;

bool IsJson(const std::string& text) {
  try {
    JsonDocument::Parse(text);
    return true;
  } catch (const JsonError&) {
    return false;
  }
}

/// Where hiding spoils the JSON (a secret outside of its strings), nothing is kept.
void HideInJson(std::string& json, const Filter& filter) {
  if (json.empty()) return;
  const std::string before = json;
  filter(json);
  if (json != before && !IsJson(json)) json.clear();
}

void Hide(RequestRecord& record, const Filter& filter) {
  for (std::string* text : {&record.request_id, &record.server_id, &record.message}) filter(*text);
  HideInJson(record.server_metrics, filter);
  for (std::string& reason : record.finish_reasons) filter(reason);
  if (record.text) filter(*record.text);
  if (record.reasoning) filter(*record.reasoning);
}

void Hide(RunContext& context, const Filter& filter) {
  for (std::string* text : {&context.run_id, &context.started_at, &context.sseprof_version,
                            &context.endpoint, &context.model, &context.prompt_sha256}) {
    filter(*text);
  }
  for (auto& [key, value] : context.labels) filter(value);
  for (std::string& word : context.command) filter(word);
  for (auto& [key, value] : context.host) filter(value);
  for (auto& [key, value] : context.options) filter(value);
}

void Hide(RunEnd& end, const Filter& filter) {
  for (Warning& warning : end.warnings) {
    filter(warning.message);
    filter(warning.advice);
  }
  filter(end.server_kind);
  filter(end.server_version);
}

}  // namespace

RecordWriter::RecordWriter(Options options) : options_(std::move(options)) {
  if (!options_.filter) options_.filter = [](std::string&) {};
  if (!options_.path.empty()) file_.emplace(options_.path);
  thread_ = std::thread([this] { Work(); });
}

RecordWriter::~RecordWriter() { StopThread(); }

void RecordWriter::Take(RequestRecord&& record) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    was_empty = queue_.empty();
    queue_.push_back(std::move(record));
  }
  if (was_empty) wake_.notify_one();
}

Summary RecordWriter::Close(RunEnd end) {
  StopThread();
  if (!builder_) Begin();
  Hide(end, options_.filter);
  Append(EndLine(end) + "\n");
  if (!problem_.empty()) {
    options_.filter(problem_);
    end.warnings.push_back({"records_stopped",
                            fmt::format("the record file is incomplete: {}", problem_),
                            "make room and repeat the run, if its records are needed"});
  }
  return builder_->Finish(&end);
}

std::string RecordWriter::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void RecordWriter::StopThread() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void RecordWriter::Work() {
  std::vector<RequestRecord> records;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    wake_.wait_for(lock, kGather, [this] { return closing_; });
    records.swap(queue_);
    lock.unlock();
    if (!builder_) Begin();
    Keep(records);
    records.clear();
    lock.lock();
  }
}

void RecordWriter::Begin() {
  RunContext context = options_.context();
  Hide(context, options_.filter);
  builder_.emplace(context);
  Append(ContextLine(context) + "\n");
}

void RecordWriter::Keep(std::vector<RequestRecord>& records) {
  lines_.clear();
  for (RequestRecord& record : records) {
    Hide(record, options_.filter);
    record.server_times = ReadServerTimes(record.server_metrics);
    builder_->Add(record);
    if (!file_) continue;
    line_writer_.Append(record, lines_);
    if (lines_.size() < kMostBuffered) continue;
    Append(lines_);
    lines_.clear();
  }
  Append(lines_);
}

void RecordWriter::Append(std::string_view lines) {
  if (!file_ || file_->Append(lines)) return;
  const std::lock_guard lock(mutex_);
  problem_ = file_->problem();
}

}  // namespace sseprof
