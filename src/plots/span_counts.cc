#include "plots/span_counts.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sseprof {
namespace {

constexpr int kSlotBits = 8;
constexpr std::int64_t kLargest = (std::int64_t{1} << 44) - 1;

/// Page 0 holds 0 to 255, page s + 1 the values of which bit s + 8 is the highest.
struct Place {
  std::size_t page;
  std::size_t slot;
};

Place PlaceOf(std::int64_t span) {
  const auto value = static_cast<std::uint64_t>(span);
  if (value >> kSlotBits == 0) return {0, static_cast<std::size_t>(value)};
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - kSlotBits;
  const std::uint64_t mask = (std::uint64_t{1} << kSlotBits) - 1;
  return {static_cast<std::size_t>(shift) + 1, static_cast<std::size_t>(value >> shift & mask)};
}

double MiddleOf(Place place) {
  if (place.page == 0) return static_cast<double>(place.slot);
  const std::uint64_t width = std::uint64_t{1} << (place.page - 1);
  const std::uint64_t first = ((std::uint64_t{1} << kSlotBits) + place.slot) * width;
  return static_cast<double>(first) + static_cast<double>(width - 1) / 2;
}

}  // namespace

void SpanCounts::Add(Nanos span) {
  const std::int64_t value = std::clamp<std::int64_t>(span.count(), 0, kLargest);
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = std::max(max_, value);
  ++count_;
  const Place place = PlaceOf(value);
  if (place.page >= pages_.size()) pages_.resize(place.page + 1);
  auto& page = pages_[place.page];
  if (!page) page = std::make_unique<Page>();
  ++(*page)[place.slot];
}

void SpanCounts::Merge(const SpanCounts& other) {
  if (other.count_ == 0) return;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  if (other.pages_.size() > pages_.size()) pages_.resize(other.pages_.size());
  for (std::size_t i = 0; i < other.pages_.size(); ++i) {
    if (!other.pages_[i]) continue;
    if (!pages_[i]) pages_[i] = std::make_unique<Page>();
    for (std::size_t slot = 0; slot < kPerPage; ++slot) {
      (*pages_[i])[slot] += (*other.pages_[i])[slot];
    }
  }
}

double SpanCounts::ValueAt(std::uint64_t rank) const {
  if (rank == 0) return static_cast<double>(min_);
  if (rank + 1 >= count_) return static_cast<double>(max_);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < pages_.size(); ++i) {
    if (!pages_[i]) continue;
    for (std::size_t slot = 0; slot < kPerPage; ++slot) {
      below += (*pages_[i])[slot];
      if (below > rank) {
        return std::clamp(MiddleOf({i, slot}), static_cast<double>(min_),
                          static_cast<double>(max_));
      }
    }
  }
  return static_cast<double>(max_);
}

double SpanCounts::QuantileNanos(double p) const {
  const double h = p * static_cast<double>(count_ - 1);
  const double whole = std::floor(h);
  const auto rank = static_cast<std::uint64_t>(whole);
  const double at = ValueAt(rank);
  return h == whole ? at : at + (h - whole) * (ValueAt(rank + 1) - at);
}

}  // namespace sseprof
