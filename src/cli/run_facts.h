#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// A new id: 12 hexadecimal digits, random.
std::string NewRunId();

/// Cores that this process may use.
int UsableCores();

/// What the results depend on of this machine: hostname, kernel, cpu, cores, memory.
std::vector<std::pair<std::string, std::string>> HostFacts();

/// The largest memory that this process has had.
std::int64_t MaxRssBytes();

}  // namespace sseprof
