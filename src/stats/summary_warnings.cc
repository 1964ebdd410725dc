#include "stats/summary_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace sseprof {
namespace {

constexpr std::array<std::string_view, 19> kOrder = {
    "client_limited",  "coalesced",      "clock_fallback", "usage_mismatch", "usage_missing",
    "server_counters", "few_samples",    "prefix_cache",   "slow_start",     "short_answers",
    "no_done",         "warmup_overlap", "cold_and_warm",  "cold_only",      "records_stopped",
    "interrupted",     "no_end_mark",    "field_refused",  "proxy_buffering"};

constexpr double kCoalescedShare = 0.01;
constexpr double kShortShare = 0.01;
constexpr double kWarmupShare = 0.01;
constexpr double kSlowStart = 1.5;
constexpr double kBundledShare = 0.5;

using Warnings = std::vector<Warning>;

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void AboutClient(const Summary& summary, const EventCounts& events, Warnings& out) {
  if (summary.client && summary.client->verdict != "ok") {
    out.push_back({"client_limited",
                   fmt::format("this client limited what it measured: {}", summary.client->reason),
                   "give it more --threads or a machine of its own, or lower --concurrency"});
  }
  if (events.CoalescedShare() > kCoalescedShare) {
    out.push_back(
        {"coalesced",
         fmt::format("{} of {} output events ({:.1f} %) may have arrived earlier than stated, by "
                     "{:.1f} ms at most: they were read together with what came after them",
                     events.output_coalesced, events.output, events.CoalescedShare() * 100,
                     ToSeconds(events.widest) * 1e3),
         "read the low and high of each ITL quantile; longer answers (a burst ends each) and, if "
         "client_delay is large, more --threads or a less busy machine make it better"});
  }
  const double bundled = static_cast<double>(events.output_bundled);
  if (bundled > kBundledShare * static_cast<double>(events.output)) {
    out.push_back({"proxy_buffering",
                   fmt::format("{} of {} output events ({:.1f} %) arrived together with others",
                               events.output_bundled, events.output,
                               bundled / static_cast<double>(events.output) * 100),
                   "turn off buffering in the proxy before the server (nginx: proxy_buffering "
                   "off), or compare TPOT instead of ITL"});
  }
}

void AboutUsage(const Summary& summary, const WarningFacts& facts, Warnings& out) {
  if (summary.usage_check) {
    const UsageCheck& check = *summary.usage_check;
    const std::uint64_t off = check.hidden_tokens + check.multi_token_events + check.over;
    if (check.multi_token_events + check.over + facts.usage_above_limit > 0) {
      std::string message = fmt::format(
          "usage and counted tokens differ in {} of {} good requests, by {} at most; {} reported, "
          "{} counted",
          off, summary.ok, check.max_difference.value_or(0), check.tokens_usage,
          check.tokens_counted);
      if (facts.usage_above_limit > 0) {
        message += fmt::format("; {} report more than max_tokens", facts.usage_above_limit);
      }
      out.push_back({"usage_mismatch", std::move(message),
                     "count tokens exactly with --exact-tokens; until then trust TPOT and "
                     "decode_tps more than ITL"});
    }
  }
  if (facts.missing_usage > 0) {
    out.push_back(
        {"usage_missing",
         fmt::format("{} of {} good requests came without usage", facts.missing_usage, summary.ok),
         "have the server report it (vLLM: --enable-force-include-usage); token figures count "
         "output events meanwhile"});
  }
}

void AboutSamples(const Summary& summary, const WarningFacts& facts, Warnings& out) {
  const bool few_gaps = summary.itl.count > 0 && Contains(summary.itl.weak, "p99");
  const bool few_firsts = summary.ttft.count > 0 && Contains(summary.ttft.weak, "p95");
  if (few_gaps || few_firsts) {
    const std::string_view which = few_gaps && few_firsts ? "ITL p99 and TTFT p95 rest"
                                   : few_gaps             ? "ITL p99 rests"
                                                          : "TTFT p95 rests";
    out.push_back({"few_samples",
                   fmt::format("{} on fewer than 10 instants beyond {} ({} requests, {} gaps; "
                               "streams that move together count once)",
                               which, few_gaps && few_firsts ? "them" : "it", summary.ttft.count,
                               summary.itl.count),
                   "send more --requests, and repeat the run"});
  }
  const bool server_cached = summary.server && summary.server->prefix_hits.value_or(0) > 0;
  if (facts.cached == 0 && server_cached) {
    out.push_back(
        {"prefix_cache",
         fmt::format("the server took {} of {} prompt tokens from its prefix cache",
                     *summary.server->prefix_hits, summary.server->prefix_queries.value_or(0)),
         "vary the prompts (--prompt-file with .jsonl) or turn prefix caching off, if "
         "TTFT is to mean a full prefill"});
  }
  if (facts.cached > 0) {
    out.push_back({"prefix_cache",
                   fmt::format("{} of {} good requests found prompt tokens in the server's cache",
                               facts.cached, summary.ok),
                   "vary the prompts (--prompt-file with .jsonl) or turn prefix caching off, if "
                   "TTFT is to mean a full prefill"});
  }
  if (facts.first_ttft_s && facts.other_ttft_s &&
      *facts.first_ttft_s > kSlowStart * *facts.other_ttft_s) {
    out.push_back({"slow_start",
                   fmt::format("TTFT of the first {} requests is {:.1f} ms at the median, of the "
                               "others {:.1f} ms",
                               summary.context.concurrency, *facts.first_ttft_s * 1e3,
                               *facts.other_ttft_s * 1e3),
                   fmt::format("leave the first burst out: --warmup-requests {}",
                               summary.context.concurrency)});
  }
  if (static_cast<double>(facts.short_answers) > kShortShare * static_cast<double>(summary.ok)) {
    out.push_back({"short_answers",
                   fmt::format("{} of {} answers ended before max_tokens ({})", facts.short_answers,
                               summary.ok, summary.context.max_tokens),
                   "use --ignore-eos or a prompt that asks for more, if runs are to be compared"});
  }
}

void AboutServer(const Summary& summary, Warnings& out) {
  if (!summary.server || summary.server->agrees.value_or(true)) return;
  const ServerReport& server = *summary.server;
  std::string theirs, ours;
  const auto hold = [&](const std::optional<std::uint64_t>& count,
                        const std::optional<std::uint64_t>& own, std::string_view what) {
    if (!count || !own || *count == *own) return;
    theirs += fmt::format("{}{} {}", theirs.empty() ? "" : ", ", *count, what);
    ours += fmt::format("{}{}", ours.empty() ? "" : ", ", *own);
  };
  hold(server.requests, server.client_requests, "requests");
  hold(server.prompt_tokens, server.client_prompt_tokens, "prompt tokens");
  hold(server.generation_tokens, server.client_generation_tokens, "generated tokens");
  out.push_back({"server_counters",
                 fmt::format("the server counted {} during the run, this client {}", theirs, ours),
                 "see that nobody else uses the server, and that its metrics page speaks of the "
                 "one server that answers (--server-metrics)"});
}

void AboutConnections(const Summary& summary, Warnings& out) {
  const std::uint64_t cold = summary.ttft_cold_count;
  const std::uint64_t warm = summary.ttft.count - cold;
  const int slots = summary.context.concurrency;
  if (cold > 0 && warm > 0) {
    out.push_back(
        {"cold_and_warm",
         fmt::format("TTFT mixes new connections ({} requests) with reused ones ({})", cold, warm),
         fmt::format("open the connections first: --warmup-requests {}", slots)});
  }
  const std::int64_t started = static_cast<std::int64_t>(cold) + summary.context.warmup_requests;
  if (cold > 0 && warm == 0 && started > slots) {
    std::string message =
        fmt::format("all {} TTFTs are on new connections, though {} slots could have reused theirs",
                    cold, slots);
    if (summary.connect.p50) {
      message +=
          fmt::format("; connecting took {:.2f} ms at the median", *summary.connect.p50 * 1e3);
    }
    out.push_back({"cold_only", std::move(message),
                   "each TTFT holds a connect: have the server, or the proxy before it, keep "
                   "connections open, or compare only with runs that connect as often"});
  }
}

void AboutConduct(const Summary& summary, const WarningFacts& facts, Warnings& out) {
  if (facts.done_missing > 0) {
    out.push_back(
        {"no_done",
         fmt::format("{} of {} good streams ended without [DONE]", facts.done_missing, summary.ok),
         "their end is their last event; check what stands between client and server"});
  }
  if (facts.warmup_share > kWarmupShare) {
    out.push_back({"warmup_overlap",
                   fmt::format("warm-up requests held {:.1f} % of the slot time inside the window",
                               facts.warmup_share * 100),
                   "judge throughput by steady_state, or send more --requests"});
  }
  if (!facts.end_known) {
    out.push_back({"no_end_mark",
                   "the record file ends without its end mark: the run was killed, or still runs",
                   "what was in flight is missing; repeat the run for numbers to rely on"});
  } else if (summary.interrupted) {
    out.push_back({"interrupted",
                   fmt::format("the run was interrupted after {} of {} requests",
                               summary.ok + summary.errors, summary.requests),
                   "repeat the run for numbers to rely on"});
  }
}

}  // namespace

std::vector<Warning> MakeWarnings(const Summary& summary, const WarningFacts& facts) {
  Warnings warnings = facts.of_run;
  AboutClient(summary, facts.events, warnings);
  AboutUsage(summary, facts, warnings);
  AboutSamples(summary, facts, warnings);
  AboutServer(summary, warnings);
  AboutConnections(summary, warnings);
  AboutConduct(summary, facts, warnings);
  const auto place = [](const Warning& warning) {
    return std::find(kOrder.begin(), kOrder.end(), warning.code) - kOrder.begin();
  };
  std::stable_sort(warnings.begin(), warnings.end(),
                   [&](const Warning& a, const Warning& b) { return place(a) < place(b); });
  return warnings;
}

}  // namespace sseprof
