#include "suite/log_reason.h"

#include <algorithm>
#include <initializer_list>

namespace sseprof {
namespace {

struct KnownCause {
  std::initializer_list<std::string_view> signs;  ///< any of them
  std::string_view cause;
  std::string_view advice;
};

// In this order: what stands above may be why what stands below was logged as well.
const KnownCause kKnown[] = {
    {{"401 Client Error", "GatedRepoError", "403 Client Error", "Invalid username or password",
      "Cannot access gated repo"},
     "401 from the model hub",
     "Log in (hf auth login) or set HF_TOKEN, and see that this account may have the model."},
    {{"RepositoryNotFoundError", "is not a valid model identifier", "404 Client Error"},
     "the model hub has no such model",
     "See how the model is spelled; a private one needs HF_TOKEN."},
    {{"LocalEntryNotFoundError", "outgoing traffic has been disabled"},
     "the model is no folder here, and not in the model hub's cache",
     "See its path, which holds from where the server is started, or unset HF_HUB_OFFLINE."},
    {{"Address already in use", "[Errno 98]", "address already in use"},
     "its port is taken",
     "End what listens there, or give the server another port."},
    {{"No space left on device"}, "the disk is full", "Make room, or set HF_HOME to another disk."},
    {{"out of memory", "OutOfMemoryError", "No available memory for the cache blocks",
      "less than desired GPU memory utilization", "Cannot allocate memory"},
     "out of memory",
     "End what else uses the device, or lower --gpu-memory-utilization or --max-model-len."},
    {{"No CUDA GPUs are available", "Failed to infer device type", "Found no NVIDIA driver",
      "no NVIDIA GPU detected"},
     "it found no GPU",
     "See nvidia-smi, CUDA_VISIBLE_DEVICES and the MIG state."},
    {{"are not supported for now", "does not recognize this architecture",
      "unknown model architecture", "Unrecognized model in", "Unrecognized configuration class"},
     "it does not know the model's architecture",
     "Take a newer server, or a model that this one supports."},
    {{"unrecognized arguments", "invalid choice:", "the following arguments are required"},
     "it did not take its arguments",
     "Hold the command against this server version's --help."},
    {{"ModuleNotFoundError", "ImportError"},
     "a package of it is missing or does not fit",
     "Install the server anew, in an environment of its own."},
};

constexpr std::string_view kErrorSigns[] = {"Error", "ERROR", "error:", "FATAL", "fatal:"};

bool HoldsAny(std::string_view text, auto begin, auto end) {
  return std::any_of(begin, end, [text](std::string_view sign) {
    return text.find(sign) != std::string_view::npos;
  });
}

/// Without colours and blanks around it.
std::string Plain(std::string_view line) {
  std::string plain;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b') {
      while (i < line.size() && line[i] != 'm') ++i;
    } else {
      plain += static_cast<unsigned char>(line[i]) < ' ' ? ' ' : line[i];
    }
  }
  const auto begin = plain.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return plain.substr(begin, plain.find_last_not_of(' ') + 1 - begin);
}

std::string LastErrorLine(std::string_view log) {
  constexpr std::size_t kLongest = 200;
  while (!log.empty()) {
    const auto line_begin = log.rfind('\n') + 1;  // npos + 1 is 0
    const std::string_view line = log.substr(line_begin);
    if (HoldsAny(line, std::begin(kErrorSigns), std::end(kErrorSigns))) {
      return Plain(line).substr(0, kLongest);
    }
    log = log.substr(0, line_begin == 0 ? 0 : line_begin - 1);
  }
  return "";
}

}  // namespace

LogReason FindReason(std::string_view log) {
  for (const KnownCause& known : kKnown) {
    if (HoldsAny(log, known.signs.begin(), known.signs.end())) {
      return {.cause = std::string(known.cause), .advice = std::string(known.advice)};
    }
  }
  return {.cause = LastErrorLine(log)};
}

}  // namespace sseprof
