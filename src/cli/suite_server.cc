#include "cli/suite_server.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "cli/server_info.h"
#include "net/clock.h"
#include "net/http_get.h"
#include "sseprof/duration.h"
#include "sseprof/error.h"
#include "suite/log_reason.h"

namespace sseprof {
namespace {

constexpr Nanos kLook = std::chrono::milliseconds{250};

/// "http://host:port" of a URL.
std::string RootOf(const std::string& url) {
  const auto host = url.find("://");
  return url.substr(0, url.find('/', host == std::string::npos ? 0 : host + 3));
}

}  // namespace

SuiteServer::SuiteServer(const PlanVariant& variant, ServerAccess access, std::string log)
    : variant_(variant), access_(std::move(access)), log_(std::move(log)) {}

std::string SuiteServer::BringUp(const std::function<bool()>& stopped) {
  if (variant_.server) {
    if (IsReady()) return "its port is taken: something answers there already. End it first.";
    std::error_code missing;
    log_begin_ = std::filesystem::file_size(log_, missing);
    if (missing) log_begin_ = 0;
    const PlanServer& server = *variant_.server;
    try {
      process_ = std::make_unique<GuardedProcess>(ServerCommand{.argv = server.command,
                                                                .environment = server.environment,
                                                                .folder = server.folder,
                                                                .log = log_});
    } catch (const UsageError& error) {
      return error.what();
    }
    if (std::string problem = WaitUntilReady(stopped); !problem.empty()) return problem;
  }
  return CheckModel();
}

bool SuiteServer::IsReady() const {
  const std::string path = variant_.server ? variant_.server->ready : "/health";
  return HttpGet(access_.curl, RootOf(access_.endpoint.completions) + path).status == 200;
}

std::string SuiteServer::WaitUntilReady(const std::function<bool()>& stopped) {
  const Nanos within = variant_.server->ready_within;
  const Instant deadline = MonotonicNow() + within;
  while (!stopped()) {
    if (std::string gone = WhyGone(); !gone.empty()) return gone;
    if (IsReady()) return "";
    if (MonotonicNow() >= deadline) {
      return Explained(fmt::format("the server was not ready within {}", DurationText(within)));
    }
    process_->WaitForEnd(kLook);
  }
  return "interrupted";
}

std::string SuiteServer::CheckModel() const {
  const HttpReply reply = HttpGet(access_.curl, access_.endpoint.models);
  if (reply.status == 0) return fmt::format("no answer: {}", access_.secrets.Hide(reply.error));
  const std::vector<std::string> ids = ModelIds(reply.body);
  if (variant_.model.empty() || ids.empty()) return "";
  if (std::find(ids.begin(), ids.end(), variant_.model) != ids.end()) return "";
  return fmt::format("it serves {}, not {}",
                     access_.secrets.Hide(fmt::format("{}", fmt::join(ids, ", "))), variant_.model);
}

std::string SuiteServer::WhyGone() {
  if (!process_) return "";
  const auto end = process_->WaitForEnd(Nanos{0});
  if (!end) return "";
  return Explained(fmt::format("the server ended: {}", EndText(*end)));
}

std::string SuiteServer::Explained(const std::string& what) const {
  std::ifstream in(log_, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(log_begin_));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const LogReason reason = FindReason(access_.secrets.Hide(text));
  if (reason.cause.empty()) return fmt::format("{}; see {}", what, log_);
  if (reason.advice.empty()) return fmt::format("{}: {}; see {}", what, reason.cause, log_);
  return fmt::format("{}: {}. {}", what, reason.cause, reason.advice);
}

void SuiteServer::TakeDown() {
  if (!process_) return;
  process_->Stop(variant_.server->stop_within);
  process_.reset();
}

}  // namespace sseprof
