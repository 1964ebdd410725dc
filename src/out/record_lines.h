#pragma once

#include <string>

#include "sseprof/record.h"
#include "wire/json.h"

namespace sseprof {

/// Writes request lines one after the other, reusing its memory. Not thread-safe.
class RequestLineWriter {
 public:
  /// Appends the record's line, with its line end.
  void Append(const RequestRecord& record, std::string& out);

 private:
  void WriteIdentity(const RequestRecord& record);
  void WriteTimes(const RequestRecord& record);
  void WriteEvents(const RequestRecord& record);
  void WriteOutcome(const RequestRecord& record);
  void WriteFinishReasons(const RequestRecord& record);

  JsonWriter json_;
  std::string scratch_;
};

/// What a `finish_reason` of null stands for: a single choice that is unfinished, if an event spoke
/// of one; else no choice at all.
bool SpeaksOfAChoice(const RequestRecord& record);

}  // namespace sseprof
