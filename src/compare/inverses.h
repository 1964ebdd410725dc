#pragma once

namespace sseprof {

// Quantiles and probabilities of distributions, with real-valued parameters.

inline constexpr double kNormal975 = 1.959963984540054;  ///< quantile 0.975 of the standard normal

double StudentTQuantile(double p, double df);
double BetaQuantile(double p, double a, double b);
/// The probability of |T| > |t|, and of |Z| > |z|.
double StudentTTwoSided(double t, double df);
double NormalTwoSided(double z);

}  // namespace sseprof
