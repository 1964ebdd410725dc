#include "stats/instants.h"

#include <cstddef>

namespace sseprof {
namespace {

constexpr std::int64_t kCellNanos = 1'000'000;
constexpr std::int64_t kCellsPerPage = 4096;
constexpr std::int64_t kPageNanos = kCellNanos * kCellsPerPage;

std::int64_t FloorDivide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

void InstantCounter::Add(Nanos at) {
  const std::int64_t page = FloorDivide(at.count(), kPageNanos);
  std::vector<std::uint32_t>& cells = pages_[page];
  if (cells.empty()) cells.resize(kCellsPerPage, 0);
  ++cells[static_cast<std::size_t>((at.count() - page * kPageNanos) / kCellNanos)];
  ++count_;
}

double InstantCounter::Instants() const {
  if (count_ == 0) return 0;
  __extension__ typedef unsigned __int128 Wide;
  Wide squares = 0;
  for (const auto& [page, cells] : pages_) {
    for (const std::uint32_t m : cells) squares += Wide{m} * m;
  }
  const double n = static_cast<double>(count_);
  return n * n / static_cast<double>(squares);
}

double Looks(Nanos latest, std::optional<double> median_latency_s) {
  constexpr double kLooksPerLatency = 4;
  if (median_latency_s.value_or(0) <= 0) return 0;
  return kLooksPerLatency * ToSeconds(latest) / *median_latency_s;
}

}  // namespace sseprof
