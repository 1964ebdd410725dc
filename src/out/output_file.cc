#include "out/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

#include "sseprof/error.h"

namespace sseprof {
namespace {

namespace fs = std::filesystem;

std::string Reason(int error) { return std::strerror(error); }

UsageError Unwritable(const std::string& path, std::string_view why) {
  return UsageError(fmt::format("cannot write '{}': {}", path, why));
}

std::optional<struct stat> StatusOf(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

/// Devices and pipes; and all of /dev, where a name may stand for an open regular file.
bool IsWrittenInPlace(const std::string& path) {
  const auto status = StatusOf(path);
  return status && (!S_ISREG(status->st_mode) || path.starts_with("/dev/"));
}

fs::path DirectoryOf(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

/// The file that a link leads to; the path itself where there is none.
std::string Followed(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::weakly_canonical(path, error);
  return error ? path : target.string();
}

/// An open file that is closed, and removed unless it was kept.
class Scratch {
 public:
  explicit Scratch(std::string name)
      : name_(std::move(name)),
        fd_(::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {}
  ~Scratch() {
    if (fd_ < 0) return;
    ::close(fd_);
    if (!kept_) ::unlink(name_.c_str());
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  int fd() const { return fd_; }
  bool RenameTo(const std::string& path) {
    kept_ = ::rename(name_.c_str(), path.c_str()) == 0;
    return kept_;
  }

 private:
  std::string name_;
  int fd_;
  bool kept_ = false;
};

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

using Parts = std::function<void(const TextSink&)>;

/// @return 0, or the errno of the first part that could not be written
int WriteParts(int fd, const Parts& parts) {
  int error = 0;
  parts([&](std::string_view part) {
    if (error == 0 && !WriteAll(fd, part)) error = errno;
  });
  return error;
}

void WriteInPlace(const std::string& path, const Parts& parts) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) throw Unwritable(path, Reason(errno));
  const int error = WriteParts(fd, parts);
  ::close(fd);
  if (error != 0) throw Unwritable(path, Reason(error));
}

}  // namespace

void CheckOutputPath(const std::string& path) {
  if (path.empty()) throw UsageError("cannot write a file without a name: give its path");
  const auto status = StatusOf(path);
  if (status && S_ISDIR(status->st_mode)) {
    throw Unwritable(path, "it is a directory; give the name of a file in it");
  }
  if (IsWrittenInPlace(path)) {
    if (::access(path.c_str(), W_OK) != 0) throw Unwritable(path, Reason(errno));
    return;
  }
  const std::string directory = DirectoryOf(Followed(path)).string();
  const auto parent = StatusOf(directory);
  if (!parent) {
    throw Unwritable(path, fmt::format("there is no directory '{}'; make it first", directory));
  }
  if (!S_ISDIR(parent->st_mode)) {
    throw Unwritable(path, fmt::format("'{}' is no directory; give another path", directory));
  }
  if (::access(directory.c_str(), W_OK | X_OK) != 0) {
    throw Unwritable(
        path,
        fmt::format("no permission to write to directory '{}'; give another path", directory));
  }
}

bool NameSameFile(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  if (Followed(fs::absolute(a)) != Followed(fs::absolute(b))) return false;
  const auto status = StatusOf(a);
  return !status || S_ISREG(status->st_mode);
}

void WriteFile(const std::string& path, std::string_view text) {
  WriteFile(path, [text](const TextSink& write) { write(text); });
}

void WriteFile(const std::string& path, const Parts& parts) {
  CheckOutputPath(path);
  if (IsWrittenInPlace(path)) return WriteInPlace(path, parts);

  const std::string target = Followed(path);
  Scratch scratch(fmt::format("{}.{}.tmp", target, ::getpid()));
  if (scratch.fd() < 0) throw Unwritable(path, Reason(errno));
  if (const auto before = StatusOf(target)) ::fchmod(scratch.fd(), before->st_mode & 07777);
  if (const int error = WriteParts(scratch.fd(), parts)) throw Unwritable(path, Reason(error));
  if (!scratch.RenameTo(target)) throw Unwritable(path, Reason(errno));
}

}  // namespace sseprof
