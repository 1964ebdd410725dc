#include "cli/neighbour_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "sseprof/error.h"

namespace sseprof {
namespace {

namespace fs = std::filesystem;

/// Opens a file that has lost its name again. @return its descriptor, or -1
int OpenNameless(const fs::path& folder) {
  std::string name = (folder / ".sseprof-records-XXXXXX").string();
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd >= 0) ::unlink(name.c_str());
  return fd;
}

const std::string& FirstOf(const NeighbourFiles& files) {
  return files.vllm.empty() ? files.aiperf : files.vllm;
}

const char* NameOf(const NeighbourFiles& files) {
  return files.vllm.empty() ? "--save-aiperf" : "--save-vllm";
}

fs::path FolderFor(const std::string& file) {
  if (IsSpecial(file)) return fs::temp_directory_path();
  const fs::path parent = fs::path(file).parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

}  // namespace

NeighbourOutput::NeighbourOutput(const RunOutputs& outputs)
    : files_(outputs.neighbours), records_(outputs.records) {
  if (!files_.any() || !records_.empty()) return;
  const fs::path folder = FolderFor(FirstOf(files_));
  fd_ = OpenNameless(folder);
  if (fd_ < 0) {
    throw UsageError(fmt::format("{}: cannot keep the run's records in '{}': {}; give another path",
                                 NameOf(files_), folder.string(), std::strerror(errno)));
  }
  records_ = fmt::format("/proc/self/fd/{}", fd_);
}

NeighbourOutput::~NeighbourOutput() {
  if (fd_ >= 0) ::close(fd_);
}

void NeighbourOutput::Write() const { WriteNeighbourFiles(records_, files_); }

std::string NeighbourOutput::Explain(const std::string& problem) const {
  if (problem.empty()) return {};
  return fmt::format("{}: {}", fd_ >= 0 ? NameOf(files_) : "--records", problem);
}

}  // namespace sseprof
