#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sseprof/runner.h"

namespace sseprof {

LoadPlan::LoadPlan(LoadOptions options, ChatOptions chat, AddedFields added,
                   const PromptSet& prompts)
    : options_(std::move(options)), chat_(std::move(chat)), prompts_(prompts), added_(added) {
  if (!chat_.stream) added_ = {.include_usage = false};
  for (std::size_t i = 0; i < prompts_.size(); ++i) bodies_.push_back(MakeBody(i));
}

bool LoadPlan::Exhausted(Instant at) const {
  if (stopped() || gave_up()) return true;
  const std::int64_t measured = next_.load() - options_.warmup_requests;
  if (options_.requests && measured >= *options_.requests) return true;
  const Instant from = measured_from_.load();
  return options_.duration && from != kNever && at - from >= *options_.duration;
}

std::optional<LoadPlan::Ticket> LoadPlan::Take(Instant now) {
  const std::lock_guard lock(mutex_);
  if (Exhausted(now)) return std::nullopt;
  const std::int64_t n = next_++;
  const bool warmup = n < options_.warmup_requests;
  const std::int64_t turn = warmup ? n : n - options_.warmup_requests;
  const auto prompt = static_cast<std::size_t>(turn) % prompts_.size();
  if (!origin_) origin_ = now;
  if (!warmup && measured_from_.load() == kNever) measured_from_.store(now);
  return Ticket{.n = n,
                .prompt = static_cast<std::int64_t>(prompt),
                .max_tokens = prompts_[prompt].max_tokens.value_or(chat_.max_tokens),
                .warmup = warmup};
}

std::shared_ptr<const std::string> LoadPlan::MakeBody(std::size_t prompt) const {
  const Prompt& source = prompts_[prompt];
  return std::make_shared<const std::string>(
      BuildChatBody(chat_, source.messages, source.max_tokens, added_));
}

LoadPlan::Body LoadPlan::BodyOf(const Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  const auto prompt = static_cast<std::size_t>(ticket.prompt);
  if (bodies_[prompt] == nullptr) bodies_[prompt] = MakeBody(prompt);
  return {.json = bodies_[prompt], .fields = added_};
}

bool LoadPlan::Refused(const AddedFields& asked, std::string_view message) {
  const std::lock_guard lock(mutex_);
  if (asked != added_) return true;
  const std::optional<AddedFields> kept = FieldsAfterRefusal(asked, message);
  if (!kept || *kept == asked) return false;
  warnings_.push_back(
      {.code = "field_refused",
       .message = fmt::format("the server refused {}, so requests go without: {}",
                              fmt::join(DroppedNames(asked, *kept), ", "), message.substr(0, 200)),
       .advice = "token counts are less exact; use a server that knows these fields to get them"});
  added_ = *kept;
  std::fill(bodies_.begin(), bodies_.end(), nullptr);
  return true;
}

void LoadPlan::Finished(const RequestRecord& record) {
  if (record.outcome == Outcome::kCancelled) return;
  const std::lock_guard lock(mutex_);
  if (record.good()) {
    failures_in_a_row_ = 0;
  } else if (++failures_in_a_row_ >= options_.max_failures) {
    gave_up_.store(true, std::memory_order_relaxed);
  }
}

std::optional<Instant> LoadPlan::origin() const {
  const std::lock_guard lock(mutex_);
  return origin_;
}

std::vector<Warning> LoadPlan::warnings() const {
  const std::lock_guard lock(mutex_);
  return warnings_;
}

}  // namespace sseprof
