#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/run_options.h"
#include "sseprof/error.h"

namespace sseprof::run_options_check_test {
namespace {

using testing::HasSubstr;

std::string Complaint(const std::vector<std::string>& args) {
  RunOptions run;
  OptionSet options("run", "");
  run.Define(options);
  try {
    options.Parse(args);
    run.Check();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(RunOptions, RefusesWhatContradictsItself) {
  const struct {
    std::vector<std::string> args;
    const char* part;
  } kRows[] = {
      {{"--prompt", "a", "--prompt-file", "b"}, "--prompt and --prompt-file"},
      {{"--extra-body", "[1]"}, "--extra-body"},
      {{"--extra-body", "{"}, "--extra-body"},
      {{"--extra-body", "{\"stream\": false}"}, "'stream' is decided by --no-stream"},
      {{"--no-stream", "--exact-tokens"}, "--exact-tokens needs a stream"},
      {{"--no-stream", "--idle-timeout", "1"}, "--idle-timeout needs a stream"},
      {{"--no-stream", "--first-token-timeout", "1"}, "--first-token-timeout needs a stream"},
      {{"--no-stream", "--slo", "ttft=1"}, "--slo ttft needs a stream"},
      {{"--no-stream", "--slo", "latency=1", "--slo", "tpot=1"}, "--slo tpot needs a stream"},
      {{"--slo", "latency=101h"}, "'latency=101h' is no objective"},
      {{"--slo", "itl=1"}, "'itl=1' is no objective"},
      {{"--slo", "tpot"}, "'tpot' is no objective"},
      {{"--slo", "tpot=1", "--slo", "tpot=2"}, "'tpot' is given twice"},
      {{"--records", "-"}, "--records"},
      {{"--repeat", "0"}, "--repeat: '0'"},
      {{"--repeat", "2", "--out", "-"}, "--out: stdout can't hold several summaries"},
      {{"--repeat-pause", "1s"}, "--repeat-pause needs --repeat 2 or more"},
      {{"--repeat", "1", "--repeat-pause", "1s"}, "--repeat-pause needs --repeat 2 or more"},
      {{"--repeat", "2", "--repeat-pause", "0"}, "--repeat-pause: '0'"},
      {{"--records", "a", "--out", "a"}, "same file"},
      {{"--records", "a", "--out", "./a"}, "same file"},
      {{"--save-aiperf", "./a", "--records", "a"},
       "--save-aiperf names the file of another option"},
      {{"--metrics-openmetrics", "a", "--out", "a"}, "names the file of another option"},
      {{"--metrics-openmetrics", "a", "--records", "a"}, "names the file of another option"},
      {{"--metrics-origin", "0"}, "--metrics-origin needs --metrics-openmetrics"},
      {{"--save-text"}, "--save-text needs --records or --save-vllm"},
      {{"--save-text", "--save-aiperf", "a"}, "--save-text needs --records or --save-vllm"},
      {{"--save-vllm", "-"}, "--save-vllm: must be a file"},
      {{"--save-aiperf", "-"}, "--save-aiperf: must be a file"},
      {{"--save-vllm", "a", "--save-aiperf", "a"}, "--save-vllm names the file of another option"},
      {{"--save-vllm", "a", "--out", "a"}, "--save-vllm names the file of another option"},
      {{"--save-aiperf", "a", "--records", "a"}, "--save-aiperf names the file of another option"},
      {{"--save-aiperf", "a", "--metrics-openmetrics", "a"},
       "--save-aiperf names the file of another option"},
      {{"--no-stream", "--save-vllm", "a"}, "--save-vllm needs a stream"},
      {{"--label", "novalue"}, "--label"},
      {{"--label", "a=1", "--label", "a=2"}, "given twice"},
      {{"--threads", "4", "--concurrency", "2"}, "--threads"},
      {{"--concurrency", "0"}, "--concurrency: '0'"},
      {{"--requests", "-1"}, "--requests: '-1'"},
      {{"--requests", "many"}, "--requests: 'many'"},
      {{"--temperature", "-1"}, "--temperature: '-1'"},
      {{"--timeout", "0"}, "--timeout: '0'"},
      {{"--max-error-rate", "1.1"}, "--max-error-rate"},
      {{"--timestamps", "nic"}, "--timestamps"},
  };
  for (const auto& row : kRows) EXPECT_THAT(Complaint(row.args), HasSubstr(row.part));
}

}  // namespace
}  // namespace sseprof::run_options_check_test
