#include "sim/event_log.h"

#include <fmt/format.h>

#include <utility>

#include "sseprof/error.h"
#include "wire/json.h"

namespace sseprof {
namespace {

constexpr std::size_t kMaxWaitingSends = (64U << 20) / sizeof(SendTimes);

std::string Line(const LoggedStream& stream) {
  JsonWriter json;
  json.BeginObject()
      .Member("request_id", stream.request_id)
      .Member("received_ns", stream.received_at.time_since_epoch().count())
      .Key("events")
      .BeginArray();
  for (const SendTimes& send : stream.sends) {
    json.BeginArray()
        .Int(send.before.time_since_epoch().count())
        .Int(send.after.time_since_epoch().count())
        .EndArray();
  }
  json.EndArray().EndObject();
  return std::string{json.text()} + '\n';
}

}  // namespace

EventLog::EventLog(const std::string& path) : path_(path) {
  if (path.empty()) return;
  file_.open(path, std::ios::binary | std::ios::trunc);
  if (!file_) {
    throw UsageError(fmt::format("cannot write the log {}: give --log a writable file", path));
  }
}

void EventLog::Add(LoggedStream stream) {
  if (!enabled()) return;
  waiting_sends_ += stream.sends.size();
  waiting_.push_back(std::move(stream));
  while (waiting_sends_ > kMaxWaitingSends) WriteOne();
}

void EventLog::WriteOne() {
  if (waiting_.empty()) return;
  file_ << Line(waiting_.front());
  waiting_sends_ -= waiting_.front().sends.size();
  waiting_.pop_front();
  if (waiting_.empty()) file_.flush();
  if (!file_) throw UsageError(fmt::format("cannot write on to the log {}: disk full?", path_));
}

void EventLog::WriteAll() {
  while (!waiting_.empty()) WriteOne();
}

}  // namespace sseprof
