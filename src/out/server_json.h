#pragma once

#include <optional>

#include "out/json_fields.h"
#include "sseprof/server_report.h"
#include "sseprof/server_window.h"
#include "wire/json.h"

namespace sseprof {

/// The value of `metrics` in the record file's end line: null, or all of the window.
void WriteServerWindow(JsonWriter& json, const std::optional<ServerWindow>& window);
/// @throws FormatError
ServerWindow ReadServerWindow(const JsonFields& fields);

/// The value of `server` in the summary: null, or all of the report.
void WriteServerReport(JsonWriter& json, const std::optional<ServerReport>& report);
/// @throws FormatError
ServerReport ReadServerReport(const JsonFields& fields);

}  // namespace sseprof
