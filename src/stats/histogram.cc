#include "sseprof/histogram.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>

namespace sseprof {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr int kSlotBits = 10;
constexpr int kRangeBits = 44;
constexpr std::uint64_t kPerOctave = std::uint64_t{1} << kSlotBits;
constexpr std::size_t kSlots = std::size_t{kRangeBits - kSlotBits + 1} << kSlotBits;

std::size_t SlotOf(std::int64_t value) {
  const auto v = static_cast<std::uint64_t>(value);
  if (v < kPerOctave) return static_cast<std::size_t>(v);
  const int shift = static_cast<int>(std::bit_width(v)) - 1 - kSlotBits;
  return (static_cast<std::size_t>(shift) << kSlotBits) + static_cast<std::size_t>(v >> shift);
}

int ShiftOf(std::size_t slot) {
  return slot < 2 * kPerOctave ? 0 : static_cast<int>(slot >> kSlotBits) - 1;
}

double MiddleOf(std::size_t slot) {
  const int shift = ShiftOf(slot);
  const std::uint64_t first = slot < kPerOctave ? slot : (kPerOctave + slot % kPerOctave) << shift;
  const std::uint64_t width = std::uint64_t{1} << shift;
  return static_cast<double>(first) + static_cast<double>(width - 1) / 2;
}

std::string Decimal(Wide value) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::optional<Wide> ParseDecimal(const std::string& text) {
  constexpr Wide kMax = ~Wide{0};
  if (text.empty()) return std::nullopt;
  Wide value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<unsigned>(c - '0');
    if (value > (kMax - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

}  // namespace

Histogram::Histogram() : slots_(kSlots, 0) {}

bool Histogram::Record(Nanos value) { return Record(value, 1); }

bool Histogram::Record(Nanos value, std::uint64_t times) {
  const std::int64_t v = value.count();
  if (v < 0 || v >= std::int64_t{1} << kRangeBits) return false;
  if (times == 0) return true;
  slots_[SlotOf(v)] += times;
  min_ = count_ == 0 ? v : std::min(min_, v);
  max_ = count_ == 0 ? v : std::max(max_, v);
  count_ += times;
  const Wide wide = static_cast<Wide>(v);
  sum_ += wide * times;
  sum_squares_ += wide * wide * times;
  return true;
}

void Histogram::Merge(const Histogram& other) {
  if (other.count_ == 0) return;
  for (std::size_t i = 0; i < kSlots; ++i) slots_[i] += other.slots_[i];
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  count_ += other.count_;
  sum_ += other.sum_;
  sum_squares_ += other.sum_squares_;
}

double Histogram::MeanNanos() const {
  assert(count_ > 0);
  return static_cast<double>(sum_) / static_cast<double>(count_);
}

double Histogram::StddevNanos() const {
  assert(count_ > 0);
  // About a whole number near the mean all sums stay exact; wrap-around cancels out.
  const Wide center = sum_ / count_;
  const Wide squares = sum_squares_ - 2 * center * sum_ + center * center * count_;
  const double n = static_cast<double>(count_);
  const double rest = static_cast<double>(sum_ - center * count_) / n;
  return std::sqrt(std::max(0.0, static_cast<double>(squares) / n - rest * rest));
}

double Histogram::QuantileNanos(double p) const {
  assert(count_ > 0);
  const double h = static_cast<double>(count_ - 1) * std::clamp(p, 0.0, 1.0);
  const auto rank = std::min(static_cast<std::uint64_t>(h), count_ - 1);
  const double fraction = h - static_cast<double>(rank);

  std::size_t slot = 0;
  std::uint64_t below = 0;
  const auto value_at = [&](std::uint64_t wanted) {
    if (wanted == 0) return static_cast<double>(min_);
    if (wanted == count_ - 1) return static_cast<double>(max_);
    while (below + slots_[slot] <= wanted) below += slots_[slot++];
    return std::clamp(MiddleOf(slot), static_cast<double>(min_), static_cast<double>(max_));
  };
  const double low = value_at(rank);
  if (fraction == 0) return low;
  const double high = value_at(rank + 1);
  return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction);
}

std::uint64_t Histogram::CountAbove(Nanos threshold) const {
  if (threshold.count() < 0) return count_;
  if (threshold.count() >= std::int64_t{1} << kRangeBits) return 0;
  std::uint64_t above = 0;
  for (std::size_t i = SlotOf(threshold.count()) + 1; i < kSlots; ++i) above += slots_[i];
  return above;
}

double Histogram::SumAboveNanos(Nanos threshold) const {
  if (threshold.count() >= std::int64_t{1} << kRangeBits) return 0;
  const std::size_t first = threshold.count() < 0 ? 0 : SlotOf(threshold.count()) + 1;
  double sum = 0;
  for (std::size_t i = first; i < kSlots; ++i) {
    if (slots_[i] != 0) sum += MiddleOf(i) * static_cast<double>(slots_[i]);
  }
  return sum;
}

Histogram::Sparse Histogram::ToSparse() const {
  Sparse sparse;
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (slots_[i] != 0) sparse.slots.emplace_back(static_cast<std::uint32_t>(i), slots_[i]);
  }
  sparse.min_ns = min_;
  sparse.max_ns = max_;
  sparse.sum_ns = Decimal(sum_);
  sparse.sum_squares = Decimal(sum_squares_);
  return sparse;
}

std::optional<Histogram> Histogram::FromSparse(const Sparse& sparse) {
  const std::optional<Wide> sum = ParseDecimal(sparse.sum_ns);
  const std::optional<Wide> sum_squares = ParseDecimal(sparse.sum_squares);
  if (!sum || !sum_squares) return std::nullopt;
  Histogram histogram;
  if (sparse.slots.empty()) {
    if (*sum != 0 || *sum_squares != 0) return std::nullopt;
    return histogram;
  }
  std::int64_t previous = -1;
  for (const auto& [slot, times] : sparse.slots) {
    if (slot >= kSlots || slot <= previous || times == 0) return std::nullopt;
    if (times > std::numeric_limits<std::uint64_t>::max() - histogram.count_) return std::nullopt;
    histogram.slots_[slot] = times;
    histogram.count_ += times;
    previous = slot;
  }
  constexpr std::int64_t kRange = std::int64_t{1} << kRangeBits;
  const auto lies_in = [&](std::int64_t value, std::uint32_t slot) {
    return value >= 0 && value < kRange && SlotOf(value) == slot;
  };
  if (sparse.min_ns > sparse.max_ns || !lies_in(sparse.min_ns, sparse.slots.front().first) ||
      !lies_in(sparse.max_ns, sparse.slots.back().first)) {
    return std::nullopt;
  }
  histogram.min_ = sparse.min_ns;
  histogram.max_ = sparse.max_ns;
  histogram.sum_ = *sum;
  histogram.sum_squares_ = *sum_squares;
  return histogram;
}

}  // namespace sseprof
