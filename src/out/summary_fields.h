#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "out/json_fields.h"
#include "sseprof/distribution.h"
#include "wire/json.h"

namespace sseprof {

// What several parts of the summary JSON are made of.

/// Text that may be unknown: null if empty.
void WriteMaybeText(JsonWriter& json, std::string_view key, const std::string& text);
void WriteNames(JsonWriter& json, std::string_view key, const std::vector<std::string>& names);

/// The members of a distribution, into an object that is open: the replaced script's five first.
void WriteFigures(JsonWriter& json, const Distribution& d);
void WriteDistribution(JsonWriter& json, std::string_view key, const Distribution& d);

/// @throws FormatError
void ReadDistribution(const JsonFields& fields, Distribution& d);

}  // namespace sseprof
