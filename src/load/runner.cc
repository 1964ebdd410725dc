#include "sseprof/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <queue>
#include <utility>

#include "load/live_request.h"

namespace sseprof {
namespace {

constexpr Nanos kFirstBackOff = std::chrono::milliseconds(100);
constexpr Nanos kLongestBackOff = std::chrono::seconds(5);
constexpr Nanos kLongestRetryAfter = std::chrono::seconds(60);
// How late a runner may hear that another one ended the run.
constexpr Nanos kHeartbeat = std::chrono::milliseconds(100);
// Starting a request costs far more than reading an event. Between two polls so many start, or as
// many as take no longer than the reading did.
constexpr int kStartsPerPoll = 8;

/// @pre failures > 0
Nanos BackOff(int failures, std::optional<Nanos> retry_after) {
  if (retry_after) return std::min(*retry_after, kLongestRetryAfter);
  const int doublings = std::min(failures - 1, 10);
  return std::min(kFirstBackOff * (1 << doublings), kLongestBackOff);
}

/// The limit that a request in flight will reach first.
struct Limit {
  Instant at = kNever;
  Nanos span{};
  Outcome outcome = Outcome::kTimeout;
  std::string_view what;

  void Consider(Instant since, std::optional<Nanos> limit, Outcome reason, std::string_view words) {
    if (!limit || since + *limit >= at) return;
    *this = {.at = since + *limit, .span = *limit, .outcome = reason, .what = words};
  }
};

Limit FirstLimit(LiveRequest& request, const LoadOptions& options) {
  const Instant start = request.record().start;
  Limit first;
  first.Consider(start, options.timeout, Outcome::kTimeout, "no end within");
  if (!request.has_output()) {
    first.Consider(start, options.first_token_timeout, Outcome::kStalled, "no output within");
  }
  first.Consider(request.last_arrival(), options.idle_timeout, Outcome::kStalled,
                 "nothing arrived for");
  return first;
}

}  // namespace

struct Runner::State {
  enum class Phase { kWaiting, kReady, kInFlight, kOver };

  struct Slot final : LiveRequest::Owner {
    explicit Slot(State& owner) : state(owner), request(owner.loop, *this) {}
    void OnRequestEnd(LiveRequest&) override { state.OnEnd(*this); }

    State& state;
    LiveRequest request;
    LoadPlan::Ticket ticket{};
    LoadPlan::Body body;  // must live until the transfer has ended
    Phase phase = Phase::kWaiting;
    bool again = false;  // what was refused is to be sent again, with fewer fields
    Instant ready{};
    Instant timer = kNever;  // the one entry in `timers` that counts
    int failures = 0;        // in a row
  };

  /// When to look at a slot: at its next deadline, or before it. A deadline that moved away is
  /// found out then, so that arrivals need not touch the timers.
  struct Timer {
    Instant at;
    Slot* slot;
    bool operator>(const Timer& other) const { return at > other.at; }
  };

  State(LoadPlan& load_plan, Transport& via, RecordSink& to, LiveSink* live)
      : plan(load_plan),
        transport(via),
        finished(to),
        loop({.transport = via,
              .reader = reader,
              .live = live,
              .stream = load_plan.chat().stream,
              .save_text = load_plan.options().save_text}) {}

  void Run();
  void GetReady(Slot& slot);
  void StartSome(Nanos reading);
  void Start(Slot& slot);
  RequestRecord NewRecord(const Slot& slot, Instant start) const;
  bool MaySendAgain(Slot& slot);
  void OnEnd(Slot& slot);
  void HandOver(LiveRequest& request);
  void GoOn(Slot& slot);
  void Retire(Slot& slot);
  void Arm(Slot& slot, Instant at);
  void RunTimers();
  void LookAt(Slot& slot);
  void CancelAll();
  bool over() const { return plan.stopped() || plan.gave_up(); }

  LoadPlan& plan;
  Transport& transport;
  RecordSink& finished;
  ChatChunkReader reader;
  const LiveRequest::Loop loop;
  std::deque<Slot> slots;
  std::queue<Slot*> ready;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers;
  std::size_t slots_over = 0;
};

void Runner::State::Run() {
  const Instant begin = transport.Now();
  for (Slot& slot : slots) {
    slot.ready = begin;
    GetReady(slot);
  }
  Nanos reading{};
  while (slots_over < slots.size()) {
    if (over()) {
      CancelAll();
      continue;
    }
    StartSome(reading);
    if (slots_over == slots.size()) break;
    const bool waits = ready.empty();
    const Instant before = transport.Now();
    Instant until = before + (waits ? kHeartbeat : Nanos{0});
    if (!timers.empty()) until = std::min(until, timers.top().at);
    transport.Poll(until);
    reading = waits ? Nanos{0} : transport.Now() - before;
    RunTimers();
  }
}

void Runner::State::GetReady(Slot& slot) {
  slot.phase = Phase::kReady;
  ready.push(&slot);
}

void Runner::State::StartSome(Nanos reading) {
  const Instant until = transport.Now() + reading;
  for (int i = 0; !ready.empty() && (i < kStartsPerPoll || transport.Now() < until); ++i) {
    Slot& slot = *ready.front();
    ready.pop();
    Start(slot);
  }
}

void Runner::State::Start(Slot& slot) {
  const Instant now = transport.Now();
  if (!slot.again) {
    const std::optional<LoadPlan::Ticket> ticket = plan.Take(now);
    if (!ticket) return Retire(slot);
    slot.ticket = *ticket;
  }
  slot.body = plan.BodyOf(slot.ticket);
  slot.request.Begin(NewRecord(slot, now));
  slot.phase = Phase::kInFlight;
  if (loop.live != nullptr) loop.live->OnStart(slot.request.record());
  slot.again = false;
  transport.Submit({.body = *slot.body.json, .request_id = slot.request.record().request_id},
                   slot.request);
  Arm(slot, FirstLimit(slot.request, plan.options()).at);
}

RequestRecord Runner::State::NewRecord(const Slot& slot, Instant start) const {
  RequestRecord record;
  record.n = slot.ticket.n;
  record.request_id = fmt::format("{}-{}", plan.options().run_id, slot.ticket.n);
  record.prompt = slot.ticket.prompt;
  record.max_tokens = slot.ticket.max_tokens;
  record.warmup = slot.ticket.warmup;
  record.resent = slot.again;
  record.ready = slot.ready;
  record.start = start;
  return record;
}

bool Runner::State::MaySendAgain(Slot& slot) {
  const int status = slot.request.record().http_status;
  return (status == 400 || status == 422) && !over() &&
         plan.Refused(slot.body.fields, slot.request.refusal());
}

void Runner::State::OnEnd(Slot& slot) {
  slot.ready = slot.request.ended_at();
  slot.again = MaySendAgain(slot);
  if (slot.again) return GetReady(slot);
  slot.phase = Phase::kWaiting;
  slot.failures = slot.request.record().good() ? 0 : slot.failures + 1;
  if (slot.failures > 0) slot.ready += BackOff(slot.failures, slot.request.retry_after());
  HandOver(slot.request);
  GoOn(slot);
}

void Runner::State::HandOver(LiveRequest& request) {
  RequestRecord& record = request.record();
  plan.Finished(record);
  if (loop.live != nullptr) loop.live->OnFinish(record, request.guessed_tokens());
  finished.Take(std::move(record));
}

void Runner::State::GoOn(Slot& slot) {
  if (plan.Exhausted(slot.ready)) return Retire(slot);
  if (slot.ready <= transport.Now()) return GetReady(slot);
  Arm(slot, slot.ready);
}

void Runner::State::Retire(Slot& slot) {
  slot.phase = Phase::kOver;
  ++slots_over;
}

void Runner::State::Arm(Slot& slot, Instant at) {
  if (at >= slot.timer) return;
  slot.timer = at;
  timers.push({at, &slot});
}

void Runner::State::RunTimers() {
  const Instant now = transport.Now();
  while (!timers.empty() && timers.top().at <= now) {
    const Timer timer = timers.top();
    timers.pop();
    if (timer.at != timer.slot->timer) continue;
    timer.slot->timer = kNever;
    LookAt(*timer.slot);
  }
}

void Runner::State::LookAt(Slot& slot) {
  if (slot.phase == Phase::kWaiting) return GoOn(slot);
  if (slot.phase != Phase::kInFlight) return;
  const Limit limit = FirstLimit(slot.request, plan.options());
  if (limit.at > transport.Now()) return Arm(slot, limit.at);
  slot.request.Fail(limit.outcome, fmt::format("{} {} s", limit.what, ToSeconds(limit.span)));
  transport.Cancel(slot.request);
}

void Runner::State::CancelAll() {
  for (Slot& slot : slots) {
    if (slot.phase == Phase::kReady && slot.again) HandOver(slot.request);
    if (slot.phase == Phase::kWaiting || slot.phase == Phase::kReady) Retire(slot);
    if (slot.phase != Phase::kInFlight) continue;
    slot.request.Fail(Outcome::kCancelled,
                      plan.stopped() ? "the run was stopped" : "too many requests failed in a row");
    transport.Cancel(slot.request);
  }
}

Runner::Runner(LoadPlan& plan, int slots, Transport& transport, RecordSink& finished,
               LiveSink* live)
    : state_(std::make_unique<State>(plan, transport, finished, live)) {
  for (int i = 0; i < slots; ++i) state_->slots.emplace_back(*state_);
}

Runner::~Runner() = default;

void Runner::Run() { state_->Run(); }

}  // namespace sseprof
