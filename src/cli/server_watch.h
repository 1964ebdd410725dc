#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "cli/connection_options.h"
#include "cli/periodic.h"
#include "scrape/scrape_window.h"

namespace sseprof {

/// Where the server's own metrics are.
struct ServerMetricsOption {
  std::string given;  ///< URL, or "off"; empty: /metrics at the server's root, if that is there

  void Define(OptionSet& options);
  /// @throws UsageError
  void Check() const;
};

/// Reads the server's metrics page when a run begins, every second, and when it has ended.
class ServerWatch {
 public:
  /// Sees that a URL that was given has a page that is understood. @throws UsageError
  ServerWatch(const ServerAccess& access, const ServerMetricsOption& option);
  ~ServerWatch();

  /// Reads the first page; if there is none, nothing more is read. The load begins next.
  void Begin();
  /// The load has ended: reads until the server has counted all of it, 1 s at most, or until
  /// `at_once` says true. Absent without a page that is understood.
  /// @param requests  that were good
  std::optional<ServerWindow> End(std::uint64_t requests, const std::function<bool()>& at_once);

 private:
  /// @return why there is nothing; empty: there was
  std::string Read(ScrapeWindow::Moment moment);

  CurlOptions curl_;
  std::string url_;  ///< empty: off
  std::mutex mutex_;
  ScrapeWindow window_;
  std::optional<Periodic> reader_;  ///< absent if nothing is read
};

}  // namespace sseprof
