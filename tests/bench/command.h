#pragma once

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

/// Ends the process if there is nothing to do: with status 0 after --help, 2 on bad usage.
inline void ParseOrExit(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
}

/// To all that the system allows: every stream needs a descriptor.
inline void RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}
