#include "plots/position_map.h"

#include <algorithm>
#include <cmath>

namespace sseprof {
namespace {

constexpr double kLowestNanos = 1'000;

std::uint32_t RowOf(Nanos gap, std::uint32_t rows) {
  const double ratio = static_cast<double>(gap.count()) / kLowestNanos;
  if (ratio <= 1) return 0;
  const double row = std::floor(std::log10(ratio) * PositionMap::kRowsPerDecade);
  return std::min(rows - 1, static_cast<std::uint32_t>(row));
}

}  // namespace

void PositionCollector::Add(std::uint32_t position, Nanos gap) {
  const std::uint32_t place = position - std::min<std::uint32_t>(position, PositionMap::kFirst);
  while (place / per_column_ >= kMostColumns) Double();
  const std::uint32_t column = place / per_column_;
  if (column >= columns_.size()) columns_.resize(column + 1);
  columns_[column].spans.Add(gap);
  ++columns_[column].rows[RowOf(gap, kRows)];
}

void PositionCollector::Double() {
  std::vector<Column> half((columns_.size() + 1) / 2);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& into = half[i / 2];
    into.spans.Merge(columns_[i].spans);
    for (std::uint32_t row = 0; row < kRows; ++row) into.rows[row] += columns_[i].rows[row];
  }
  columns_ = std::move(half);
  per_column_ *= 2;
}

PositionMap PositionCollector::Finish() const {
  PositionMap map{.per_column = per_column_, .columns = {}};
  for (const Column& column : columns_) {
    PositionMap::Column out{.rows = {}, .count = column.spans.count()};
    for (std::uint32_t row = 0; row < kRows; ++row) {
      if (column.rows[row] > 0) out.rows.emplace_back(row, column.rows[row]);
    }
    if (out.count > 0) {
      out.p50_s = column.spans.QuantileNanos(0.50) / 1e9;
      out.p95_s = column.spans.QuantileNanos(0.95) / 1e9;
    }
    map.columns.push_back(std::move(out));
  }
  return map;
}

}  // namespace sseprof
