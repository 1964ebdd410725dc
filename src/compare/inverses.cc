#include "compare/inverses.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace sseprof {

double StudentTQuantile(double p, double df) {
  return boost::math::quantile(boost::math::students_t(df), p);
}

double BetaQuantile(double p, double a, double b) {
  return boost::math::quantile(boost::math::beta_distribution<>(a, b), p);
}

double StudentTTwoSided(double t, double df) {
  return 2 * boost::math::cdf(boost::math::students_t(df), -std::abs(t));
}

double NormalTwoSided(double z) {
  return 2 * boost::math::cdf(boost::math::normal(), -std::abs(z));
}

}  // namespace sseprof
