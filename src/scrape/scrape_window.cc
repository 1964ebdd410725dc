#include "scrape/scrape_window.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sseprof {
namespace {

/// The growth of a counter; absent if one page does not have it, or it fell.
std::optional<double> Growth(const ServerPage& first, const ServerPage& last,
                             std::string_view name) {
  const auto before = first.counters.find(name);
  const auto after = last.counters.find(name);
  if (after == last.counters.end()) return std::nullopt;
  // A counter with labels has no line before its first event.
  const double start = before == first.counters.end() ? 0 : before->second;
  const double more = after->second - start;
  if (!(more >= 0 && more <= kMostCounted)) return std::nullopt;
  return more;
}

std::optional<ServerHistogram> Growth(const PageHistogram& first, const PageHistogram& last) {
  ServerHistogram grown;
  grown.sum = last.sum - first.sum;
  double below = 0;
  for (const auto& [edge, up_to] : last.up_to) {
    const auto before = first.up_to.find(edge);
    if (before == first.up_to.end() && !first.up_to.empty()) return std::nullopt;
    const double more = up_to - (before == first.up_to.end() ? 0 : before->second);
    if (!(more >= below && more <= kMostCounted)) return std::nullopt;
    grown.counts.push_back(static_cast<std::uint64_t>(std::llround(more - below)));
    below = more;
    if (std::isfinite(edge)) grown.edges.push_back(edge);
  }
  if (grown.counts.size() != grown.edges.size() + 1) return std::nullopt;
  return grown;
}

double TotalOf(const PageHistogram& histogram) {
  return histogram.up_to.empty() ? 0 : histogram.up_to.rbegin()->second;
}

double GaugeOf(const ServerPage& page, std::string_view name) {
  const auto gauge = page.gauges.find(name);
  return gauge == page.gauges.end() ? 0 : gauge->second;
}

}  // namespace

void ScrapeWindow::AddGauges(const ServerPage& page) {
  for (const auto& [name, value] : page.gauges) {
    GaugeSum& gauge = gauges_[name];
    gauge.sum += value;
    gauge.max = std::max(gauge.max, value);
    ++gauge.count;
  }
}

void ScrapeWindow::NoteFalls(const ServerPage& page) {
  for (const auto& [name, count] : page.counters) {
    const auto before = last_->counters.find(name);
    if (before != last_->counters.end() && count < before->second) fell_.insert(name);
  }
  for (const auto& [name, histogram] : page.histograms) {
    const auto before = last_->histograms.find(name);
    if (before == last_->histograms.end()) continue;
    if (TotalOf(histogram) < TotalOf(before->second)) fell_.insert(name);
  }
}

void ScrapeWindow::Add(ServerPage page, Instant at, Moment moment) {
  if (moment == Moment::kDuring) AddGauges(page);
  ++pages_;
  if (!first_) {
    first_ = page;
    first_at_ = at;
  } else {
    NoteFalls(page);
  }
  before_ = std::exchange(last_, std::move(page));
  last_at_ = at;
}

bool ScrapeWindow::Settled(std::uint64_t requests) const {
  if (!before_ || before_->counters != last_->counters) return false;
  if (GaugeOf(*last_, "running") != 0 || GaugeOf(*last_, "waiting") != 0) return false;
  const std::optional<double> counted = Growth(*first_, *last_, "requests");
  return !counted || *counted >= static_cast<double>(requests);
}

std::optional<ServerWindow> ScrapeWindow::Finish() const {
  if (!first_) return std::nullopt;
  ServerWindow window;
  window.kind = last_->kind;
  window.scrapes = pages_;
  window.failed_scrapes = failures_;
  window.length = last_at_ - first_at_;
  for (const ServerCounterField& field : kServerCounters) {
    if (!fell_.contains(field.name)) window.*field.value = Growth(*first_, *last_, field.name);
  }
  for (const ServerGaugeField& field : kServerGauges) {
    const auto gauge = gauges_.find(field.name);
    if (gauge == gauges_.end()) continue;
    const GaugeSum& sum = gauge->second;
    window.*field.value = {.mean = sum.sum / static_cast<double>(sum.count), .max = sum.max};
  }
  for (const ServerHistogramField& field : kServerHistograms) {
    const auto after = last_->histograms.find(field.name);
    if (after == last_->histograms.end() || fell_.contains(field.name)) continue;
    const auto before = first_->histograms.find(field.name);
    window.*field.value = Growth(
        before == first_->histograms.end() ? PageHistogram{} : before->second, after->second);
  }
  return window;
}

}  // namespace sseprof
