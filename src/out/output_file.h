#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace sseprof {

/// Checks, before a load starts, that a result can be written to `path` at its end: its directory
/// exists and can be written to, and the path is no directory. Writes nothing.
/// @throws UsageError with the path and what to do.
void CheckOutputPath(const std::string& path);

/// True if two paths lead to one file, over links or other spellings too, whether it exists or not.
/// Devices and pipes (/dev/null) are none that one text could take from another.
bool NameSameFile(const std::string& a, const std::string& b);

/// Writes a file whole or not at all: beside it, under a name of its own, then renamed. A link is
/// followed, an existing file keeps its mode. What is no regular file (/dev/null, a pipe) is
/// written in place.
/// @throws UsageError with the path and the cause; then an existing file is as it was.
void WriteFile(const std::string& path, std::string_view text);

/// The same for a text that is too long to be held: `parts` calls its argument with one part after
/// another.
using TextSink = std::function<void(std::string_view)>;
void WriteFile(const std::string& path, const std::function<void(const TextSink&)>& parts);

}  // namespace sseprof
