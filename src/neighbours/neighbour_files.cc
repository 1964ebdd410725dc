#include "neighbours/neighbour_files.h"

#include <exception>
#include <optional>

#include "neighbours/aiperf_export.h"
#include "neighbours/vllm_result.h"
#include "out/output_file.h"
#include "out/record_file.h"
#include "sseprof/error.h"

namespace sseprof {

void WriteNeighbourFiles(const std::string& records, const NeighbourFiles& files) {
  if (!files.any()) return;
  RecordReader reader(records);
  std::optional<VllmResult> vllm;
  std::optional<AiperfExport> aiperf;
  if (!files.vllm.empty()) {
    if (!reader.context().stream) {
      throw UsageError(
          "--save-vllm: `vllm bench serve` always streams, and this run did not: leave it out");
    }
    vllm.emplace(reader.context());
  }
  if (!files.aiperf.empty()) aiperf.emplace(reader.context());
  while (const auto record = reader.Next()) {
    if (vllm) vllm->Add(*record);
    if (aiperf) aiperf->Add(*record);
  }
  std::exception_ptr problem;
  try {
    if (vllm) WriteFile(files.vllm, vllm->Finish());
  } catch (const UsageError&) {
    problem = std::current_exception();
  }
  vllm.reset();
  if (aiperf) WriteFile(files.aiperf, aiperf->Finish(reader.end() ? &*reader.end() : nullptr));
  if (problem) std::rethrow_exception(problem);
}

}  // namespace sseprof
