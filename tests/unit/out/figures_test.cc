#include "out/figures.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sseprof::figures_test {
namespace {

TEST(Figures, WhatDoesNotExistIsADash) {
  EXPECT_EQ(Number(std::nullopt, 2), "-");
  EXPECT_EQ(Millis(std::nullopt), "-");
  EXPECT_EQ(Number(0.0, 2), "0.00");
}

TEST(Figures, MillisecondsHaveAboutFourDigits) {
  EXPECT_EQ(Millis(0.0012345), "1.234");
  EXPECT_EQ(Millis(0.012345), "12.35");
  EXPECT_EQ(Millis(2.7731), "2773.1");
}

TEST(Figures, DifferencesHaveASign) {
  EXPECT_EQ(SignedPercent(std::log(1.072)), "+7.2 %");
  EXPECT_EQ(SignedPercent(std::log(0.9)), "-10.0 %");
  EXPECT_EQ(SignedPercent(-1e-9), "0.0 %");
  EXPECT_EQ(SignedPercent(0), "0.0 %");
}

}  // namespace
}  // namespace sseprof::figures_test
