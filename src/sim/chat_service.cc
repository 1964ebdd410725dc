#include "sim/chat_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/sim_random.h"

namespace sseprof {
namespace {

constexpr std::size_t kMaxSeenPrompts = 65'536;
constexpr std::int32_t kCacheBlock = 16;
constexpr std::int64_t kCacheTokensPerSequence = 4'096;
constexpr std::uint64_t kIdKeys = std::uint64_t{1} << 63;

std::unique_ptr<TokenScheduler> MakeScheduler(const SimOptions& options) {
  if (options.pace) return std::make_unique<PacedModel>(*options.pace);
  EngineOptions engine = options.engine;
  engine.seed = options.seed;
  engine.tokens_per_step = options.tokens_per_event;
  return std::make_unique<EngineModel>(engine);
}

}  // namespace

ChatService::ChatService(const SimOptions& options, WallAnchor started)
    : options_(options),
      started_(started),
      scheduler_(MakeScheduler(options)),
      log_(options.log_path) {}

std::optional<std::int32_t> ChatService::CachedTokens(const ChatCall& call) {
  if (options_.prefix_cache == SimOptions::PrefixCache::kOff) return std::nullopt;
  if (seen_prompts_.size() >= kMaxSeenPrompts) seen_prompts_.clear();
  const bool is_new = seen_prompts_.insert(call.prompt_hash).second;
  return is_new ? 0 : (call.prompt_tokens - 1) / kCacheBlock * kCacheBlock;
}

ReplyOptions ChatService::MakeReplyOptions(const ChatCall& call, const HttpRequest& request,
                                           std::optional<std::int32_t> cached_tokens) const {
  const std::string own_id =
      fmt::format("{:016x}", SimRandom{options_.seed, kIdKeys + requests_}.Next());
  const Nanos wall = started_.since_epoch + (request.received_at - started_.at);
  const bool forced = options_.usage == SimOptions::Usage::kForced;
  const bool usage = forced || call.include_usage;
  const bool continuous =
      call.continuous_usage || options_.usage == SimOptions::Usage::kContinuous || forced;
  return {
      .id = fmt::format("chatcmpl-{}", request.request_id.empty() ? own_id : request.request_id),
      .model = options_.model,
      .created_s = std::chrono::floor<std::chrono::seconds>(wall).count(),
      .prompt_tokens = call.prompt_tokens,
      .stream_interval = options_.stream_interval,
      .final_usage = usage,
      .continuous_usage = usage && continuous,
      .token_ids = call.return_token_ids,
      .cached_tokens = cached_tokens};
}

void ChatService::Handle(const HttpRequest& request, const std::shared_ptr<Connection>& from) {
  const ChatCall call = ParseChatCall(request.body, options_.model);
  const SequenceId id = requests_;
  const auto cached_tokens = CachedTokens(call);
  ChatReply reply{
      MakeReplyOptions(call, request, cached_tokens),
      Answer{{.seed = options_.seed,
              .reasoning_tokens = options_.reasoning_tokens,
              .eos_after = options_.eos_after},
             id,
             call.max_tokens,
             call.ignore_eos ? Answer::EndOfText::kIgnored : Answer::EndOfText::kObeyed}};
  ++requests_;
  const SequenceSpec spec{.prompt_tokens = call.prompt_tokens - cached_tokens.value_or(0),
                          .output_tokens = reply.answer().tokens()};
  const std::string request_id{request.request_id.empty() ? reply.id() : request.request_id};
  live_.insert({id, Live{.connection = from,
                         .reply = std::move(reply),
                         .stream = call.stream,
                         .request_id = request_id,
                         .received_at = request.received_at}});
  metrics_.CountPrompt(call.prompt_tokens);
  tokens_held_ += call.prompt_tokens;
  from->Notify([this, id](Connection::End end, const std::vector<SendTimes>& sends) {
    OnEnd(id, end, sends);
  });
  if (call.stream) from->BeginStream();
  scheduler_->Add(id, spec, request.received_at);
}

void ChatService::Deliver(Instant now) {
  for (const SequenceProgress& progress : scheduler_->Advance(now)) {
    const auto found = live_.find(progress.id);
    if (found == live_.end()) continue;
    Live& live = found->second;
    Observe(&live, progress.tokens, now);
    if (live.stream) live.reply.StreamUpTo(progress.tokens, live.connection.get());
    if (progress.finished) Finish(&live, now);
  }
}

void ChatService::Observe(Live* live, std::int32_t tokens, Instant now) {
  if (live->tokens == 0) {
    metrics_.ObserveTtft(now - live->received_at);
  } else {
    metrics_.ObserveGap(now - live->last_tokens_at);
  }
  metrics_.CountGenerated(tokens - live->tokens);
  tokens_held_ += tokens - live->tokens;
  live->tokens = tokens;
  live->last_tokens_at = now;
}

void ChatService::Finish(Live* live, Instant now) {
  live->finished = true;
  metrics_.CountFinish(live->reply.answer().ends_by_itself() ? SimMetrics::Finish::kStop
                                                             : SimMetrics::Finish::kLength,
                       now - live->received_at);
  if (live->stream) {
    live->connection->EndStream();
  } else {
    live->connection->Reply(200, "application/json", live->reply.Whole());
  }
}

void ChatService::OnEnd(SequenceId id, Connection::End end, const std::vector<SendTimes>& sends) {
  const auto found = live_.find(id);
  Live& live = found->second;
  if (end == Connection::End::kClientLeft && !live.finished) {
    scheduler_->Cancel(id);
    metrics_.CountFinish(SimMetrics::Finish::kAbort, Nanos{0});
  }
  tokens_held_ -= live.reply.prompt_tokens() + live.tokens;
  if (live.stream) log_.Add({std::move(live.request_id), live.received_at, sends});
  live_.erase(found);
}

std::string ChatService::MetricsPage() const {
  const std::int64_t cache_tokens = options_.engine.max_num_seqs * kCacheTokensPerSequence;
  const double usage = static_cast<double>(tokens_held_) / static_cast<double>(cache_tokens);
  return metrics_.Text(options_.model, {.running = scheduler_->running(),
                                        .waiting = scheduler_->waiting(),
                                        .kv_cache_usage = std::min(usage, 1.0)});
}

void ChatService::CloseAll() {
  for (auto& [id, live] : live_) live.connection->Close();
}

}  // namespace sseprof
