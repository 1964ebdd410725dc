#pragma once

#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace sseprof {

/// One `key = value` of a config file.
struct ConfigEntry {
  std::string section;  ///< the command that it is for
  std::string key;      ///< an option's long name, without the dashes
  std::string value;
  int line = 0;
};

/// Reads `[command]` sections of `key = value` lines. A value stands alone (up to a `#`), in
/// "double quotes" (with \" \\ \n \t) or in 'single quotes' (verbatim). A key that stands twice is
/// given twice. Lines that begin with `#` are comments.
/// @param name  of the file, for messages
/// @throws UsageError naming file and line.
std::vector<ConfigEntry> ReadConfig(std::istream& in, const std::string& name);

/// @throws UsageError also if it can't be opened.
std::vector<ConfigEntry> ReadConfigFile(const std::string& path);

/// The line that ReadConfig reads back as this key and value.
std::string ConfigLine(std::string_view key, std::string_view value);

}  // namespace sseprof
