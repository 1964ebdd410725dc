#include <gtest/gtest.h>

#include <string>

#include "../temp_dir.h"
#include "stats/derived.h"
#include "wire/json.h"

namespace sseprof::reference_results_test {
namespace {

/// Figures of six result files that the replaced script wrote: what it derived from the others must
/// come out of our formulas too.
TEST(ReferenceResults, DerivedFiguresAreThoseOfTheReplacedScript) {
  const JsonDocument document =
      JsonDocument::Parse(ReadFile(std::string(SSEPROF_TEST_DATA) + "/reference_results.json"));
  const JsonView results = document.root();
  ASSERT_EQ(results.size(), 6u);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const JsonView result = results.At(i);
    const Derived derived =
        ComputeDerived({.ok = static_cast<std::uint64_t>(*result["ok"].AsInt()),
                        .total_time_s = result["total_time_s"].AsDouble(),
                        .prompt_tokens_mean = result["prompt_tokens_mean"].AsDouble(),
                        .completion_tokens_mean = result["completion_tokens_mean"].AsDouble(),
                        .latency_mean_s = result["latency_mean_s"].AsDouble()});
    const auto model = *result["model"].AsString();
    EXPECT_DOUBLE_EQ(*derived.qps, *result["qps"].AsDouble()) << model;
    EXPECT_DOUBLE_EQ(*derived.prompt_tps, *result["prompt_tps"].AsDouble()) << model;
    EXPECT_DOUBLE_EQ(*derived.decode_tps, *result["decode_tps"].AsDouble()) << model;
    EXPECT_DOUBLE_EQ(*derived.ms_per_output_token, *result["ms_per_output_token"].AsDouble())
        << model;
  }
}

}  // namespace
}  // namespace sseprof::reference_results_test
