#pragma once

#include <cstdint>
#include <random>

namespace sseprof::bench {

/// Random numbers that do not depend on the standard library's distributions.
class Draws {
 public:
  /// The same keys make the same numbers; others make independent ones.
  Draws(std::uint64_t seed, std::uint64_t set, std::uint64_t run);

  double Uniform();  ///< in (0, 1]
  double Between(double least, double most) { return least + (most - least) * Uniform(); }
  double Normal();  ///< standard; Box and Muller 1958

 private:
  std::mt19937_64 engine_;
  double kept_ = 0;
  bool has_kept_ = false;
};

}  // namespace sseprof::bench
