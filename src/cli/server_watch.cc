#include "cli/server_watch.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

#include "net/clock.h"
#include "net/http_get.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kOff = "off";
constexpr Nanos kEvery = seconds(1);
constexpr Nanos kSettleTime = seconds(1);
constexpr Nanos kSettleEvery = milliseconds(50);
constexpr HttpLimits kLimits = {.timeout = seconds(2), .body = std::size_t{16} << 20};

/// The key and the headers are meant for the server alone.
CurlOptions OptionsFor(const ServerAccess& access, const std::string& url) {
  CurlOptions curl = access.curl;
  curl.url = url;
  if (!SameServer(url, access.endpoint.metrics)) {
    curl.api_key.clear();
    curl.headers.clear();
  }
  return curl;
}

}  // namespace

void ServerMetricsOption::Define(OptionSet& options) {
  options.Text("--server-metrics URL", given,
               "Page of the server's own metrics, read once a second; without it /metrics at its "
               "root, if there is one; off: none");
}

void ServerMetricsOption::Check() const {
  if (given.empty() || given == kOff) return;
  if (!given.starts_with("http://") && !given.starts_with("https://")) {
    throw UsageError(
        fmt::format("--server-metrics: '{}' is no http or https URL, and not off: give "
                    "it like http://127.0.0.1:8000/metrics",
                    HideUrlSecrets(given)));
  }
}

ServerWatch::ServerWatch(const ServerAccess& access, const ServerMetricsOption& option) {
  if (option.given == kOff) return;
  url_ = option.given.empty() ? access.endpoint.metrics : option.given;
  curl_ = OptionsFor(access, url_);
  if (option.given.empty()) return;
  const std::string problem = Read(ScrapeWindow::Moment::kAround);
  if (problem.empty()) return;
  throw UsageError(access.secrets.Hide(
      fmt::format("--server-metrics: {} {}: give the page of a vLLM, SGLang or llama.cpp, or off",
                  HideUrlSecrets(url_), problem)));
}

ServerWatch::~ServerWatch() = default;

void ServerWatch::Begin() {
  if (url_.empty()) return;
  window_ = {};
  if (!Read(ScrapeWindow::Moment::kAround).empty()) return;
  reader_.emplace(kEvery, [this] { Read(ScrapeWindow::Moment::kDuring); });
}

std::string ServerWatch::Read(ScrapeWindow::Moment moment) {
  const HttpReply reply = HttpGet(curl_, url_, kLimits);
  const Instant at = MonotonicNow();
  const bool whole = reply.status == 200 && reply.error.empty();
  auto page = whole ? ReadServerPage(reply.body) : std::nullopt;
  const std::lock_guard lock(mutex_);
  if (page) {
    window_.Add(std::move(*page), at, moment);
    return {};
  }
  window_.AddFailure();
  if (reply.status == 0) return fmt::format("does not answer ({})", reply.error);
  if (reply.status != 200) return fmt::format("answers HTTP {}", reply.status);
  if (!reply.error.empty()) return fmt::format("cannot be read whole ({})", reply.error);
  return "has no metrics that are known";
}

std::optional<ServerWindow> ServerWatch::End(std::uint64_t requests,
                                             const std::function<bool()>& at_once) {
  if (!reader_) return std::nullopt;
  reader_.reset();
  const Instant until = MonotonicNow() + kSettleTime;
  while (Read(ScrapeWindow::Moment::kAround).empty() && !window_.Settled(requests)) {
    if (MonotonicNow() > until || at_once()) break;
    std::this_thread::sleep_for(kSettleEvery);
  }
  return window_.Finish();
}

}  // namespace sseprof
