#pragma once

#include <string>

#include "sseprof/transport.h"

namespace sseprof {

// Pieces of a stream as servers send it.

inline std::string Event(const std::string& data) { return "data: " + data + "\n\n"; }

inline std::string Delta(const std::string& delta, const std::string& finish = "null") {
  return Event(R"({"id":"c1","choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" +
               finish + "}]}");
}

inline const std::string kRole = Delta(R"({"role":"assistant","content":""})");
inline const std::string kText = Delta(R"({"content":"hi"})");
inline const std::string kFinish = Delta("{}", "\"stop\"");
inline const std::string kUsage =
    Event(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})");
inline const std::string kDoneMark = Event("[DONE]");

inline ResponseHead StreamHead() { return {.status = 200, .content_type = "text/event-stream"}; }

}  // namespace sseprof
