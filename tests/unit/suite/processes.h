#pragma once

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

namespace sseprof {

/// Whether a process is there and no zombie.
inline bool Lives(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text(4096, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));  // does not throw where it ends
  text.resize(static_cast<std::size_t>(in.gcount()));
  const auto name_end = text.rfind(')');
  return name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] != 'Z';
}

/// Waits until it holds, for 20 s at most.
inline bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 2000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// The number in a file, once it is there.
inline pid_t PidIn(const std::string& path) {
  pid_t pid = 0;
  Eventually([&] { return bool(std::ifstream(path) >> pid); });
  return pid;
}

}  // namespace sseprof
