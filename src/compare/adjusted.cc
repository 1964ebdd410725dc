#include <algorithm>
#include <numeric>

#include "compare/difference.h"

namespace sseprof {
namespace {

/// Places of the values, smallest first.
std::vector<std::size_t> Ascending(const std::vector<double>& p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&p](std::size_t i, std::size_t j) { return p[i] < p[j]; });
  return order;
}

}  // namespace

std::vector<double> HolmAdjusted(const std::vector<double>& p) {
  std::vector<double> adjusted(p.size());
  double so_far = 0;
  std::size_t left = p.size();
  for (const std::size_t i : Ascending(p)) {
    so_far = std::max(so_far, std::min(1.0, p[i] * static_cast<double>(left--)));
    adjusted[i] = so_far;
  }
  return adjusted;
}

std::vector<double> BenjaminiHochbergAdjusted(const std::vector<double>& p) {
  std::vector<double> adjusted(p.size());
  const std::vector<std::size_t> order = Ascending(p);
  const auto all = static_cast<double>(p.size());
  double so_far = 1;
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    const std::size_t i = order[rank - 1];
    so_far = std::min(so_far, p[i] * (all / static_cast<double>(rank)));
    adjusted[i] = so_far;
  }
  return adjusted;
}

}  // namespace sseprof
