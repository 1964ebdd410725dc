#pragma once

#include <string>
#include <vector>

#include "compare/comparison.h"

namespace sseprof {

/// What the runs of a pair were, as far as a verdict on a cell needs it.
struct PairSize {
  std::size_t a_runs = 1, b_runs = 1;
  double requests = 0;  ///< of a run, the smaller of both
  bool single() const { return a_runs == 1 && b_runs == 1; }
};

/// Adjusts the p of the cells that have a difference, Holm among those of the headline and
/// Benjamini-Hochberg among the others, and gives each cell that has no verdict yet (kUndecided
/// stands for that) its verdict and advice.
/// @param margin  a difference below it counts as none (0.02: 2 %)
void Judge(std::vector<Cell>& cells, const PairSize& size, double margin);

/// The overall verdict, by the headline cells alone: any worse, else any undecided, else better or
/// same; undecided if none could be judged.
Verdict Overall(const std::vector<Cell>& cells);

}  // namespace sseprof
