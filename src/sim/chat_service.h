#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sim/answer.h"
#include "sim/chat_call.h"
#include "sim/chat_reply.h"
#include "sim/connection.h"
#include "sim/event_log.h"
#include "sim/sim_metrics.h"
#include "sim/sim_server.h"
#include "sim/token_scheduler.h"
#include "sseprof/time.h"

namespace sseprof {

/// Answers chat completions: from the request through the scheduler to the connection, and into the
/// metrics and the log. Not thread-safe.
class ChatService {
 public:
  /// @throws UsageError  the log is not writable
  ChatService(const SimOptions& options, WallAnchor started);

  /// @throws ApiError
  void Handle(const HttpRequest& request, const std::shared_ptr<Connection>& from);

  /// When Deliver has something to do next; kNever when not.
  Instant NextDue() const { return scheduler_->NextDue(); }
  void Deliver(Instant now);

  std::string MetricsPage() const;
  EventLog& log() { return log_; }
  /// Closes the connections of all replies in flight.
  void CloseAll();

 private:
  struct Live {
    std::shared_ptr<Connection> connection;
    ChatReply reply;
    bool stream;
    std::string request_id;
    Instant received_at;
    Instant last_tokens_at{};
    std::int32_t tokens = 0;
    bool finished = false;
  };

  ReplyOptions MakeReplyOptions(const ChatCall& call, const HttpRequest& request,
                                std::optional<std::int32_t> cached_tokens) const;
  std::optional<std::int32_t> CachedTokens(const ChatCall& call);
  void Observe(Live* live, std::int32_t tokens, Instant now);
  void Finish(Live* live, Instant now);
  void OnEnd(SequenceId id, Connection::End end, const std::vector<SendTimes>& sends);

  SimOptions options_;
  WallAnchor started_;
  std::unique_ptr<TokenScheduler> scheduler_;
  SimMetrics metrics_;
  EventLog log_;
  std::unordered_map<SequenceId, Live> live_;
  std::unordered_set<std::size_t> seen_prompts_;
  std::int64_t tokens_held_ = 0;  ///< prompts and answers in flight
  std::uint64_t requests_ = 0;
};

}  // namespace sseprof
