#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "plots/run_plots.h"
#include "plots/span_counts.h"

namespace sseprof {

/// Gathers a PositionMap in at most 256 columns: where answers are longer than that, columns hold
/// two positions, then four .. Not thread-safe; the order of Add does not matter.
class PositionCollector {
 public:
  static constexpr std::uint32_t kMostColumns = 256;

  /// @param position  of the later output event in its answer, from 2 on
  void Add(std::uint32_t position, Nanos gap);
  PositionMap Finish() const;

 private:
  static constexpr std::uint32_t kRows = 10 * PositionMap::kRowsPerDecade + 1;
  struct Column {
    SpanCounts spans;
    std::array<std::uint32_t, kRows> rows{};
  };
  void Double();

  std::uint32_t per_column_ = 1;
  std::vector<Column> columns_;
};

}  // namespace sseprof
