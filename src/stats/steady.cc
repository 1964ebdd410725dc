#include "stats/steady.h"

#include <algorithm>
#include <tuple>

namespace sseprof {

void SteadyCollector::Counted::Add(const Held& held, std::int64_t after, std::int64_t until) {
  for (const auto& [at, length] : held.gaps) {
    if (at <= after || at > until) continue;
    gaps.Record(Nanos{length});
    instants.Add(Nanos{at});
  }
  for (const auto& [at, count] : held.tokens) {
    if (at > after && at <= until) tokens += count;
  }
}

void SteadyCollector::Add(const RequestRecord& record, Nanos start) {
  ++sent_;
  const std::optional<Nanos> ttft = Ttft(record);
  std::optional<std::int64_t> first_output;
  if (ttft) first_output = (start + *ttft).count();
  if (record.n < concurrency_) first_outputs_[record.n] = first_output;
  if (!start_) start_ = WindowStart(Unseen::kMayStillCome);
  if (!ttft) return;

  const LastSent sent{start.count(), record.n, *first_output};
  if (!last_sent_ ||
      std::tuple(last_sent_->start, last_sent_->n) < std::tuple(sent.start, sent.n)) {
    last_sent_ = sent;
  }

  Held held;
  std::int64_t last = 0;
  for (const StreamEvent& event : record.events) {
    if (!IsOutput(event.kind)) continue;
    last = std::max(last, (start + event.at).count());
    held.tokens.emplace_back((start + event.at).count(), event.tokens);
  }
  if (record.good() && !record.warmup) {
    ForEachGap(record, [&](const Gap& gap) {
      held.gaps.emplace_back((start + gap.at).count(),
                             std::max<std::int64_t>(0, gap.length.count()));
    });
  }
  held_.emplace(last, std::move(held));
  Release();
}

std::optional<std::int64_t> SteadyCollector::WindowStart(Unseen unseen) const {
  std::int64_t next = concurrency_ - 1;
  for (auto it = first_outputs_.rbegin(); it != first_outputs_.rend(); ++it, --next) {
    if (unseen == Unseen::kMayStillCome && it->first != next) return std::nullopt;
    if (it->second) return it->second;
  }
  return std::nullopt;
}

void SteadyCollector::Release() {
  if (!start_) return;
  while (!held_.empty() && held_.begin()->first <= last_sent_->start) {
    counted_.Add(held_.begin()->second, *start_, held_.begin()->first);
    held_.erase(held_.begin());
  }
}

std::optional<SteadyCollector::Window> SteadyCollector::Finish() const {
  const std::optional<std::int64_t> start = start_ ? start_ : WindowStart(Unseen::kNeverCame);
  if (sent_ <= concurrency_ || !start || !last_sent_) return std::nullopt;
  const std::int64_t end = last_sent_->first_output;
  if (end <= *start) return std::nullopt;
  Counted counted = counted_;
  for (const auto& [last, held] : held_) counted.Add(held, *start, end);
  return Window{.start = Nanos{*start},
                .end = Nanos{end},
                .gaps = std::move(counted.gaps),
                .instants = counted.instants.Instants(),
                .tokens = counted.tokens};
}

}  // namespace sseprof
