#include "plots/bin_width.h"

namespace sseprof {
namespace {

constexpr double kMostBins = 300;
constexpr double kFewBins = 8;

/// 1, 2, 5, 10, 20 ..: the leading digit of a width in the series.
Nanos NextInSeries(Nanos width) {
  std::int64_t power = 1;
  while (width.count() / power >= 10) power *= 10;
  return width.count() / power == 2 ? width / 2 * 5 : width * 2;
}

bool Suits(Nanos width, const BinDemand& demand) {
  const double bins =
      static_cast<double>(demand.extent.count()) / static_cast<double>(width.count());
  if (bins > kMostBins) return false;
  return bins <= kFewBins || static_cast<double>(demand.count) >= bins * demand.least;
}

}  // namespace

Nanos NextGathered(Nanos width) {
  std::int64_t power = 1;
  while (width.count() / power >= 10) power *= 10;
  return width.count() / power == 1 ? width * 2 : width * 5;
}

Nanos DrawnWidth(Nanos gathered, const BinDemand& demand) {
  Nanos width = kFinestBin;
  while (width < gathered || width.count() % gathered.count() != 0 || !Suits(width, demand)) {
    width = NextInSeries(width);
  }
  return width;
}

}  // namespace sseprof
