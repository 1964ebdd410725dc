#pragma once

#include <vector>

#include "compare/comparison.h"
#include "compare/verdict.h"

namespace sseprof {

/// The cells of B against A, with values, differences and what speaks against a verdict; those that
/// can be judged are kUndecided without advice.
std::vector<Cell> MakeCells(const Variant& a, const Variant& b, double run_noise);

PairSize SizeOf(const Variant& a, const Variant& b);

}  // namespace sseprof
