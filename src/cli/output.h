#pragma once

#include <string_view>

namespace sseprof {

/// Writes a result to stdout, at once. @throws UsageError if it can't be written.
void WriteStdout(std::string_view text);

/// Writes a line of progress or a message to stderr.
void WriteStderr(std::string_view line);

/// Tells on stderr what went wrong: one line, whatever a server put into the message.
void WriteProblem(std::string message);

}  // namespace sseprof
