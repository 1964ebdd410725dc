#include "suite/log_reason.h"

#include <gtest/gtest.h>

#include <string>

namespace sseprof::log_reason_test {
namespace {

std::string CauseOf(const std::string& line) {
  return FindReason("INFO starting\n" + line + "\nINFO shutting down\n").cause;
}

TEST(FindReason, KnowsWhatServersFailBy) {
  EXPECT_EQ(CauseOf("huggingface_hub.errors.HfHubHTTPError: 401 Client Error. (Request ID: x)"),
            "401 from the model hub");
  EXPECT_EQ(CauseOf("OSError: nvidia/x is not a local folder and is not a valid model identifier "
                    "listed on 'https://huggingface.co/models'"),
            "the model hub has no such model");
  EXPECT_EQ(
      CauseOf("huggingface_hub.errors.LocalEntryNotFoundError: Cannot find an appropriate cached "
              "snapshot folder for the specified revision on the local disk"),
      "the model is no folder here, and not in the model hub's cache");
  EXPECT_EQ(CauseOf("OSError: [Errno 98] Address already in use"), "its port is taken");
  EXPECT_EQ(CauseOf("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB"),
            "out of memory");
  EXPECT_EQ(CauseOf("ValueError: Free memory on device (3/141 GiB) on startup is less than desired "
                    "GPU memory utilization (0.95, 134 GiB)."),
            "out of memory");
  EXPECT_EQ(CauseOf("RuntimeError: No CUDA GPUs are available"), "it found no GPU");
  EXPECT_EQ(CauseOf("ValueError: Model architectures ['X'] are not supported for now."),
            "it does not know the model's architecture");
  EXPECT_EQ(CauseOf("vllm: error: unrecognized arguments: --fast"),
            "it did not take its arguments");
  EXPECT_EQ(CauseOf("ModuleNotFoundError: No module named 'vllm'"),
            "a package of it is missing or does not fit");
}

TEST(FindReason, GivesTheCauseThatOthersFollowFrom) {
  const LogReason reason = FindReason(
      "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://hub/x\n"
      "OSError: x is not a local folder and is not a valid model identifier\n"
      "RuntimeError: Engine core initialization failed\n");
  EXPECT_EQ(reason.cause, "401 from the model hub");
  EXPECT_NE(reason.advice.find("HF_TOKEN"), std::string::npos);
}

TEST(FindReason, FallsBackOnTheLastLineThatSpeaksOfAnError) {
  const LogReason reason =
      FindReason("\x1b[31mERROR\x1b[0m one\nRuntimeError: two\t\r\nINFO: nothing\n\n");
  EXPECT_EQ(reason.cause, "RuntimeError: two");
  EXPECT_EQ(reason.advice, "");
  EXPECT_EQ(FindReason("ERROR alone").cause, "ERROR alone");
  EXPECT_EQ(FindReason("\x1b[31mERROR\x1b[0m x").cause, "ERROR x");
  EXPECT_EQ(FindReason("FATAL " + std::string(1000, 'x')).cause.size(), 200u);
}

TEST(FindReason, SaysNothingWhereTheLogDoesNot) {
  for (const char* log : {"", "\n", "INFO all is well", "INFO a\n\nINFO b\n"}) {
    EXPECT_EQ(FindReason(log).cause, "") << log;
  }
}

}  // namespace
}  // namespace sseprof::log_reason_test
