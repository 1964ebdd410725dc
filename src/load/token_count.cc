#include "load/token_count.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace sseprof {

void TokenCount::Reset(std::size_t events) {
  notes_.clear();
  events_ = events;
  untold_ = false;
  choices_.clear();
  running_told_ = 0;
  ambiguous_usage_ = false;
}

std::int32_t TokenCount::Add(std::uint32_t event, const ChatChunk& chunk) {
  const std::optional<std::int64_t> running = chunk.usage && chunk.usage->completion_tokens
                                                  ? chunk.usage->completion_tokens
                                                  : chunk.predicted;
  if (running && chunk.choices.size() > 1) ambiguous_usage_ = true;
  std::int32_t counted = 0;
  bool output = false;
  for (const ChoiceDelta& choice : chunk.choices) {
    counted += choice.token_ids.value_or(choice.logprobs.value_or(0));
    output = output || choice.output();
    Keep({.event = event,
          .choice = choice.index,
          .output = choice.output(),
          .ids = choice.token_ids,
          .logprobs = choice.logprobs,
          .running = running});
  }
  const bool by_running = running && counted == 0 && chunk.choices.size() == 1 &&
                          chunk.choices.front().index == 0 && *running >= running_told_;
  if (!output || !by_running) return output ? std::max(counted, 1) : counted;
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  const std::int64_t before = std::exchange(running_told_, *running);
  return static_cast<std::int32_t>(std::min(*running - before, kMax));
}

void TokenCount::Keep(const Note& note) {
  const bool told = note.ids || note.logprobs || note.running;
  if (notes_.empty() && !told) untold_ = untold_ || note.output;
  if (untold_ || (notes_.empty() && !told)) return;
  if (notes_.empty()) notes_.reserve(events_);
  notes_.push_back(note);
}

std::optional<std::int64_t> TokenCount::TokensOf(const Note& note, TokenSource source,
                                                 Choice& choice) {
  if (source == TokenSource::kIds) return note.ids;
  if (source == TokenSource::kLogprobs) return note.logprobs;
  if (!note.running) return std::nullopt;
  const std::int64_t before = choice.running;
  choice.running = *note.running;
  return *note.running - before;
}

bool TokenCount::Covers(TokenSource source, std::optional<std::int64_t> final_usage,
                        std::size_t events) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  tokens_.assign(events, 0);
  std::fill(choices_.begin(), choices_.end(), Choice{});
  for (const Note& note : notes_) {
    if (note.choice >= choices_.size()) choices_.resize(note.choice + std::size_t{1});
    Choice& choice = choices_[note.choice];
    const std::optional<std::int64_t> tokens = TokensOf(note, source, choice);
    if (tokens && (*tokens < 0 || *tokens > kMax - choice.carried)) return false;
    if (note.output) {
      const bool covered = tokens || (source != TokenSource::kUsage && choice.carried > 0);
      if (!covered) return false;
      tokens_[note.event] += tokens.value_or(0) + choice.carried;
      choice.carried = 0;
    } else if (tokens.value_or(0) > 0) {
      choice.carried += *tokens;
      choice.carrier = note.event;
    }
  }
  for (const Choice& choice : choices_) {
    if (choice.carried > 0) tokens_[choice.carrier] += choice.carried;
  }
  const std::int64_t total = std::accumulate(tokens_.begin(), tokens_.end(), std::int64_t{0});
  const bool agrees = source != TokenSource::kUsage || (!ambiguous_usage_ && total == final_usage);
  return agrees && total > 0 && *std::max_element(tokens_.begin(), tokens_.end()) <= kMax;
}

void TokenCount::Resolve(RequestRecord& record) {
  const std::optional<std::int64_t> final_usage =
      record.usage ? record.usage->completion_tokens : std::nullopt;
  for (const TokenSource source :
       {TokenSource::kIds, TokenSource::kLogprobs, TokenSource::kUsage}) {
    if (!Covers(source, final_usage, record.events.size())) continue;
    record.tokens_from = source;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      record.events[i].tokens = static_cast<std::int32_t>(tokens_[i]);
    }
    return;
  }
  record.tokens_from = TokenSource::kEvents;
  for (StreamEvent& event : record.events) event.tokens = IsOutput(event.kind) ? 1 : 0;
}

}  // namespace sseprof
