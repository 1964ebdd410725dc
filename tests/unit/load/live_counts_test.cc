// What is counted live of a request, against its finished record.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "unit/live/loop_metrics_fixture.h"
#include "unit/load/wire_corpus_fixture.h"

namespace sseprof::live_counts_test {
namespace {

class LiveCountsTest : public WireCorpusTest {
 protected:
  void OnEvents(const RequestRecord& record, std::size_t first) override {
    loop_metrics_->OnEvents(record, first);
  }

  /// Replays a sample into fresh metrics.
  LiveTotals Count(JsonView sample, std::size_t size) {
    loop_metrics_.emplace(edges_, Slo{});
    const RequestRecord& record = Replay(sample, size);
    loop_metrics_->OnFinish(record, request_->guessed_tokens());
    return TotalsOf(*loop_metrics_, edges_);
  }

  const LiveEdges edges_ = MakeLiveEdges(BucketChoice::kFine, {});
  std::optional<LoopMetrics> loop_metrics_;
};

void ExpectCountsOf(const RequestRecord& record, const LiveTotals& totals) {
  std::int64_t gaps = 0;
  Nanos gap_sum{};
  ForEachGap(record, [&](const Gap& gap) {
    ++gaps;
    gap_sum += gap.length;
  });
  EXPECT_EQ(totals[LiveSpan::kItl].Count(), gaps);
  EXPECT_EQ(totals[LiveSpan::kItl].sum, gap_sum);
  EXPECT_EQ(totals[LiveCounter::kTokensCounted], CountedTokens(record));
  EXPECT_EQ(totals[LiveCounter::kEvents], static_cast<std::int64_t>(record.events.size()));
  const auto inexact = std::count_if(record.events.begin(), record.events.end(),
                                     [](const StreamEvent& e) { return e.width > 0ns; });
  EXPECT_EQ(totals[LiveCounter::kBundled] + totals[LiveCounter::kCoalesced], inexact);
  EXPECT_EQ(totals[LiveSpan::kUncertainty].Count(), inexact);
  EXPECT_EQ(totals[LiveCounter::kCompleted], record.good() ? 1 : 0);
  EXPECT_EQ(totals.failures[static_cast<std::size_t>(record.outcome)], record.good() ? 0 : 1);
  const Usage usage = record.usage.value_or(Usage());
  EXPECT_EQ(totals[LiveCounter::kTokensReported],
            record.good() ? usage.completion_tokens.value_or(0) : 0);
}

TEST_F(LiveCountsTest, AreThoseOfTheFinishedRecordForEverySampleInAnyCut) {
  std::int64_t gaps = 0, tokens = 0;
  for (const std::size_t size : {std::size_t{1}, std::size_t{50}, std::size_t{1} << 20}) {
    ForEachSample([&](JsonView sample) {
      const LiveTotals totals = Count(sample, size);
      ExpectCountsOf(request_->record(), totals);
      gaps += totals[LiveSpan::kItl].Count();
      tokens += totals[LiveCounter::kTokensCounted];
    });
  }
  EXPECT_GT(gaps, 100);
  EXPECT_GT(tokens, gaps);
}

TEST_F(LiveCountsTest, GuessesAreMendedWhereTheServersCountsTurnOutOtherwise) {
  bool any = false;
  ForEachSample([&](JsonView sample) {
    Count(sample, std::size_t{1} << 20);
    any = any || request_->guessed_tokens() != CountedTokens(request_->record());
  });
  EXPECT_TRUE(any);
}

}  // namespace
}  // namespace sseprof::live_counts_test
