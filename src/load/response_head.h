#pragma once

#include <string>

#include "sseprof/record.h"
#include "sseprof/transport.h"

namespace sseprof {

/// What the bytes of an answer's body are taken for.
enum class BodyUse { kEvents, kWhole, kErrorText, kNone };

/// What the head of an answer says of it.
struct HeadVerdict {
  BodyUse use = BodyUse::kNone;
  Outcome outcome = Outcome::kOk;  ///< if it has failed already: why
  std::string message;
};

/// @param stream  whether a stream of events was asked for
HeadVerdict JudgeHead(const ResponseHead& head, bool stream);

}  // namespace sseprof
