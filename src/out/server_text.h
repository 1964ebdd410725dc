#pragma once

#include <string>
#include <vector>

#include "out/text_table.h"
#include "sseprof/server_report.h"

namespace sseprof {

// The server's own view of a run, for people.

/// What it counted, and whether we counted the same; a sentence each.
std::vector<std::string> ServerSentences(const ServerReport& report);

/// Its latencies, and by how much the means of ours are above its means, in milliseconds; no rows
/// if it has none.
TextTable ServerLatencies(const ServerReport& report);

}  // namespace sseprof
