#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseprof/summary.h"
#include "wire/json.h"

namespace sseprof {

// What the page's script is given, in pieces. Spans are milliseconds and instants seconds, both
// rounded to what can be seen.

/// A number with so many significant digits; null if it is not finite.
void WriteRounded(JsonWriter& json, double value, int digits);
void WriteRounded(JsonWriter& json, const std::optional<double>& value, int digits);
void WriteRounded(JsonWriter& json, std::string_view key, const std::vector<double>& values,
                  int digits);
/// Seconds as milliseconds.
void WriteMillis(JsonWriter& json, std::string_view key,
                 const std::vector<std::optional<double>>& seconds);

/// A member whose value is a JSON text already; without its white space.
void WriteText(JsonWriter& json, std::string_view key, const std::string& json_text);

/// The version of the payload, what page it is for, and who made it.
void BeginPayload(JsonWriter& json, std::string_view kind, const std::string& title);

/// What was run, as pairs of name and value: [["model", "m"], ..].
void WriteSetting(JsonWriter& json, const Summary& summary);

/// The options of the run, as pairs, and its command; both empty where only a summary is left.
void WriteConfiguration(JsonWriter& json, const Summary& summary);

/// The run's name: its label "variant", else its model.
std::string NameOf(const Summary& summary);

}  // namespace sseprof
