#include "scrape/scrape_window.h"

#include <gtest/gtest.h>

#include <limits>

namespace sseprof::scrape_window_test {
namespace {

using namespace std::chrono_literals;
using Moment = ScrapeWindow::Moment;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Instant At(Nanos since_boot) { return Instant{since_boot}; }

ServerPage Page(double tokens, double running = 0) {
  ServerPage page;
  page.kind = "vllm";
  page.counters = {{"generation_tokens", tokens}};
  page.gauges = {{"running", running}, {"waiting", 0}};
  return page;
}

TEST(ScrapeWindow, IsTheGrowthFromFirstToLast) {
  ScrapeWindow window;
  window.Add(Page(100), At(1s), Moment::kAround);
  window.Add(Page(150), At(2s), Moment::kDuring);
  window.Add(Page(164), At(3500ms), Moment::kAround);
  const ServerWindow grown = window.Finish().value();
  EXPECT_EQ(grown.kind, "vllm");
  EXPECT_EQ(grown.generation_tokens, 64);
  EXPECT_EQ(grown.requests, std::nullopt);
  EXPECT_EQ(grown.scrapes, 3u);
  EXPECT_EQ(grown.failed_scrapes, 0u);
  EXPECT_EQ(grown.length, 2500ms);
}

TEST(ScrapeWindow, TakesGaugesWhileTheLoadIsOnAlone) {
  ScrapeWindow window;
  window.Add(Page(0, 50), At(1s), Moment::kAround);
  window.Add(Page(0, 2), At(2s), Moment::kDuring);
  window.AddFailure();
  window.Add(Page(0, 4), At(3s), Moment::kDuring);
  window.Add(Page(0, 0), At(4s), Moment::kAround);
  const ServerWindow grown = window.Finish().value();
  EXPECT_EQ(grown.running.value().mean, 3);
  EXPECT_EQ(grown.running.value().max, 4);
  EXPECT_EQ(grown.waiting.value().max, 0);
  EXPECT_FALSE(grown.kv_usage.has_value());
  EXPECT_EQ(grown.failed_scrapes, 1u);
}

TEST(ScrapeWindow, HasNoGaugesOfARunThatWasTooShortForThem) {
  ScrapeWindow window;
  window.Add(Page(0), At(1s), Moment::kAround);
  window.Add(Page(9), At(1100ms), Moment::kAround);
  EXPECT_FALSE(window.Finish().value().running.has_value());
}

TEST(ScrapeWindow, CountsFromNothingWhatAppearedMeanwhile) {
  ScrapeWindow window;
  window.Add(ServerPage{.kind = "vllm"}, At(1s), Moment::kAround);
  ServerPage after = Page(7);
  after.histograms["ttft"] = {.up_to = {{0.1, 2}, {kInfinity, 3}}, .sum = 0.5};
  window.Add(after, At(2s), Moment::kAround);
  const ServerWindow grown = window.Finish().value();
  EXPECT_EQ(grown.generation_tokens, 7);
  EXPECT_EQ(grown.ttft.value().counts, (std::vector<std::uint64_t>{2, 1}));
}

TEST(ScrapeWindow, TurnsCumulativeBucketsIntoTheirGrowth) {
  ServerPage before = Page(0), after = Page(0);
  before.histograms["itl"] = {.up_to = {{0.01, 5}, {0.1, 8}, {kInfinity, 9}}, .sum = 1};
  after.histograms["itl"] = {.up_to = {{0.01, 6}, {0.1, 13}, {kInfinity, 14}}, .sum = 1.5};
  ScrapeWindow window;
  window.Add(before, At(1s), Moment::kAround);
  window.Add(after, At(2s), Moment::kAround);
  const ServerHistogram itl = window.Finish().value().itl.value();
  EXPECT_EQ(itl.edges, (std::vector<double>{0.01, 0.1}));
  EXPECT_EQ(itl.counts, (std::vector<std::uint64_t>{1, 4, 0}));
  EXPECT_EQ(itl.sum, 0.5);
}

TEST(ScrapeWindow, TellsNothingOfWhatFellOrChangedItsEdges) {
  ServerPage before = Page(10), fell = Page(9), moved = Page(11), open = Page(12);
  before.histograms["itl"] = {.up_to = {{0.01, 5}, {kInfinity, 9}}, .sum = 1};
  fell.histograms["itl"] = {.up_to = {{0.01, 4}, {kInfinity, 9}}, .sum = 1};
  moved.histograms["itl"] = {.up_to = {{0.02, 5}, {kInfinity, 9}}, .sum = 1};
  open.histograms["itl"] = {.up_to = {{0.01, 5}}, .sum = 1};
  for (const ServerPage& after : {fell, moved, open}) {
    ScrapeWindow window;
    window.Add(before, At(1s), Moment::kAround);
    window.Add(after, At(2s), Moment::kAround);
    EXPECT_FALSE(window.Finish().value().itl.has_value());
  }
  for (const ServerPage& after : {fell, Page(20 + kMostCounted)}) {
    ScrapeWindow window;
    window.Add(before, At(1s), Moment::kAround);
    window.Add(after, At(2s), Moment::kAround);
    EXPECT_EQ(window.Finish().value().generation_tokens, std::nullopt);
  }
}

TEST(ScrapeWindow, IsSettledWhenTwoPagesAgreeAndNothingRuns) {
  ScrapeWindow window;
  EXPECT_FALSE(window.Settled(5));
  window.Add(Page(1, 2), At(1s), Moment::kDuring);
  EXPECT_FALSE(window.Settled(5));
  window.Add(Page(2, 1), At(2s), Moment::kAround);
  window.Add(Page(2, 1), At(3s), Moment::kAround);
  EXPECT_FALSE(window.Settled(5));
  window.Add(Page(3), At(4s), Moment::kAround);
  EXPECT_FALSE(window.Settled(5));
  window.Add(Page(3), At(5s), Moment::kAround);
  EXPECT_TRUE(window.Settled(5));
}

TEST(ScrapeWindow, IsNotSettledBeforeAllRequestsAreCounted) {
  const auto page = [](double requests) {
    ServerPage counted = Page(0);
    counted.counters["requests"] = requests;
    return counted;
  };
  ScrapeWindow window;
  window.Add(page(10), At(1s), Moment::kAround);
  window.Add(page(10), At(2s), Moment::kAround);
  EXPECT_FALSE(window.Settled(1));
  window.Add(page(12), At(3s), Moment::kAround);
  window.Add(page(12), At(4s), Moment::kAround);
  EXPECT_FALSE(window.Settled(3));
  EXPECT_TRUE(window.Settled(2));
  EXPECT_TRUE(window.Settled(1));
}

TEST(ScrapeWindow, TellsNothingOfWhatFellOnTheWayAndGrewAgain) {
  ScrapeWindow window;
  Nanos at = 0s;
  for (const double count : {5, 9, 2, 8}) {
    ServerPage page = Page(count);
    page.counters["preemptions"] = 0;
    page.histograms["ttft"] = {.up_to = {{0.1, 1}, {kInfinity, count}}, .sum = 1};
    page.histograms["itl"] = {.up_to = {{kInfinity, at / 1s}}, .sum = 1};
    window.Add(page, At(at += 1s), Moment::kDuring);
  }
  const ServerWindow grown = window.Finish().value();
  EXPECT_EQ(grown.generation_tokens, std::nullopt);
  EXPECT_EQ(grown.preemptions, 0);
  EXPECT_FALSE(grown.ttft.has_value());
  EXPECT_TRUE(grown.itl.has_value());
}

TEST(ScrapeWindow, IsAbsentWithoutAPage) {
  ScrapeWindow window;
  window.AddFailure();
  EXPECT_FALSE(window.Finish().has_value());
}

}  // namespace
}  // namespace sseprof::scrape_window_test
