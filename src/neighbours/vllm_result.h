#pragma once

#include <string>
#include <vector>

#include "neighbours/vllm_request.h"
#include "sseprof/record.h"
#include "sseprof/run_context.h"

namespace sseprof {

/// The result file of `vllm bench serve --backend openai-chat --save-result --save-detailed`
/// (0.32.0): its keys in its order, by its definitions (benchmarks/serve.py), from our records.
///
/// Labels stand where its --metadata does; one that is named like a key of the file is left out.
/// Where records hold nothing, there is a value of the key's type: no text is "", unknown prompt
/// tokens are 0.
class VllmResult {
 public:
  explicit VllmResult(RunContext context) : context_(std::move(context)) {}

  /// Warm-up requests are left out. In any order.
  void Add(const RequestRecord& record);

  /// The file's text. Call it once, when all requests were added.
  std::string Finish();

 private:
  RunContext context_;
  std::vector<VllmRequest> requests_;
};

}  // namespace sseprof
