#include "sim/sim_server.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <memory>
#include <utility>  // Boost.Asio 1.74 leaves it out

#include "net/clock.h"
#include "sim/api_bodies.h"
#include "sim/chat_service.h"
#include "sim/connection.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

using boost::asio::ip::tcp;
using boost::asio::posix::stream_descriptor;

// A sleeper wakes 50 us late or more, so the rest is spent awake, still serving.
constexpr Nanos kAwakeBeforeDue = std::chrono::microseconds{100};
constexpr Nanos kTimeToWriteLog = std::chrono::milliseconds{2};

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kVersionBody = R"({"version":"0.13.0-sim"})";
constexpr std::string_view kUnauthorizedBody = R"({"error":"Unauthorized"})";

void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void Check(bool fine, std::string_view problem) {
  if (!fine) throw UsageError(std::string{problem});
}

SimOptions Checked(SimOptions options) {
  const EngineOptions& engine = options.engine;
  Check(!options.model.empty(), "the model needs a name: give --model");
  Check(options.tokens_per_event >= 1, "--tokens-per-event must be 1 or more");
  Check(options.stream_interval >= 1, "--stream-interval must be 1 or more");
  Check(options.reasoning_tokens >= 0, "--reasoning-tokens must be 0 or more");
  Check(options.eos_after == 0 || options.eos_after >= 1,
        "--eos-after must be 0 (off), or 1 or more");
  Check(engine.max_num_seqs >= 1, "--max-num-seqs must be 1 or more");
  Check(engine.jitter >= 0 && engine.jitter <= 0.2, "--jitter must be between 0 and 0.2");
  Check(engine.step_base > Nanos{0}, "a step must take time");
  if (options.pace) {
    Check(options.pace->itl > Nanos{0}, "--itl-ms must be above 0");
    Check(options.pace->ttft >= Nanos{0}, "--ttft-ms must be 0 or more");
    Check(options.tokens_per_event == 1, "--tokens-per-event needs the engine: leave out --itl-ms");
  }
  return options;
}

tcp::acceptor Listen(boost::asio::io_context& io, std::uint16_t port) {
  try {
    return {io, tcp::endpoint{boost::asio::ip::address_v4::loopback(), port}};
  } catch (const boost::system::system_error& error) {
    throw UsageError(
        fmt::format("cannot listen on 127.0.0.1:{}: {}; choose another --port (0: any)", port,
                    error.code().message()));
  }
}

timespec Absolute(Instant at) {
  const auto since_boot = at.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  return {.tv_sec = seconds.count(), .tv_nsec = (since_boot - seconds).count()};
}

}  // namespace

class SimServer::Impl : public RequestHandler {
 public:
  explicit Impl(const SimOptions& options)
      : options_(options),
        started_(ReadWallAnchor()),
        chat_(options, started_),
        acceptor_(Listen(io_, options.port)),
        timer_(io_, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
        stop_(io_, eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        stop_handle_(stop_.native_handle()) {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void Run();
  void Stop() noexcept;

  void Handle(const HttpRequest& request, const std::shared_ptr<Connection>& from) override;
  void Closed() override;

 private:
  enum class State { kReady, kServing, kStopped };

  void Accept();
  void WatchTimer();
  void WatchStop();
  void TurnOnce();
  void WakeAt(Instant at);
  void Route(const HttpRequest& request, const std::shared_ptr<Connection>& from);
  bool IsAuthorized(const HttpRequest& request) const;

  State state_ = State::kReady;
  bool accepting_ = false;
  SimOptions options_;
  WallAnchor started_;
  boost::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  ChatService chat_;
  tcp::acceptor acceptor_;
  stream_descriptor timer_;
  stream_descriptor stop_;
  const int stop_handle_;
  Instant wakes_at_ = kNever;
};

void SimServer::Impl::Run() {
  state_ = State::kServing;
  Accept();
  WatchTimer();
  WatchStop();
  while (state_ == State::kServing) TurnOnce();
  chat_.CloseAll();
  io_.poll();
  chat_.log().WriteAll();
}

void SimServer::Impl::TurnOnce() {
  const Instant now = MonotonicNow();
  const Instant due = chat_.NextDue();
  if (due <= now) {
    chat_.Deliver(now);
    io_.poll_one();
  } else if (due - now <= kAwakeBeforeDue) {
    io_.poll_one();
  } else if (chat_.log().has_waiting() && due - now > kTimeToWriteLog) {
    if (io_.poll_one() == 0) chat_.log().WriteOne();
  } else {
    WakeAt(due == kNever ? kNever : due - kAwakeBeforeDue);
    io_.run_one();
  }
}

void SimServer::Impl::WakeAt(Instant at) {
  if (at == wakes_at_) return;
  wakes_at_ = at;
  itimerspec when{};
  if (at != kNever) when.it_value = Absolute(at);
  timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void SimServer::Impl::WatchTimer() {
  timer_.async_wait(stream_descriptor::wait_read, [this](boost::system::error_code error) {
    if (error) return;
    std::uint64_t expirations = 0;
    [[maybe_unused]] const auto got =
        read(timer_.native_handle(), &expirations, sizeof expirations);
    WatchTimer();
  });
}

void SimServer::Impl::WatchStop() {
  stop_.async_wait(stream_descriptor::wait_read,
                   [this](boost::system::error_code) { state_ = State::kStopped; });
}

void SimServer::Impl::Stop() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(stop_handle_, &one, sizeof one);
}

void SimServer::Impl::Accept() {
  accepting_ = true;
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    accepting_ = false;
    if (!error) std::make_shared<Connection>(std::move(socket), this)->Start();
    // Out of descriptors: the next one that is closed makes room.
    if (!error || error == boost::asio::error::connection_aborted) Accept();
  });
}

void SimServer::Impl::Closed() {
  if (state_ == State::kServing && !accepting_) Accept();
}

void SimServer::Impl::Handle(const HttpRequest& request, const std::shared_ptr<Connection>& from) {
  if (state_ == State::kStopped) {
    from->Close();
    return;
  }
  try {
    Route(request, from);
  } catch (const ApiError& error) {
    from->Reply(error.status(), kJson, ErrorBody(error));
  }
}

bool SimServer::Impl::IsAuthorized(const HttpRequest& request) const {
  return options_.api_key.empty() ||
         request.authorization == fmt::format("Bearer {}", options_.api_key);
}

void SimServer::Impl::Route(const HttpRequest& request, const std::shared_ptr<Connection>& from) {
  const std::string_view path = request.path;
  if (path.starts_with("/v1/") && !IsAuthorized(request)) {
    from->Reply(401, kJson, kUnauthorizedBody);
    return;
  }
  const bool is_chat = path == "/v1/chat/completions";
  const bool known = is_chat || path == "/v1/models" || path == "/health" || path == "/version" ||
                     path == "/metrics";
  if (!known) throw ApiError(ApiError::kNotFound, "Not Found");
  if (request.method != (is_chat ? "POST" : "GET")) {
    throw ApiError(ApiError::kMethodNotAllowed, "Method Not Allowed");
  }
  if (is_chat) {
    chat_.Handle(request, from);
  } else if (path == "/v1/models") {
    const auto created = std::chrono::floor<std::chrono::seconds>(started_.since_epoch);
    from->Reply(200, kJson, ModelsBody(options_.model, created.count()));
  } else if (path == "/metrics") {
    from->Reply(200, kMetricsType, chat_.MetricsPage());
  } else {
    from->Reply(200, kJson, path == "/version" ? kVersionBody : "");
  }
}

SimServer::SimServer(SimOptions options) {
  RaiseFileLimit();
  impl_ = std::make_unique<Impl>(Checked(std::move(options)));
}

SimServer::~SimServer() = default;

std::uint16_t SimServer::port() const { return impl_->port(); }

void SimServer::Run() { impl_->Run(); }

void SimServer::Stop() noexcept { impl_->Stop(); }

}  // namespace sseprof
