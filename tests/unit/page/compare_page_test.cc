#include "page/compare_page.h"

#include <gtest/gtest.h>

#include <numeric>

#include "compare/run_samples.h"
#include "out/compare_report.h"
#include "out/summary_json.h"
#include "plots/run_plotter.h"
#include "unit/out/sample_run.h"
#include "unit/page/page_text.h"

namespace sseprof::compare_page_test {
namespace {

using namespace std::chrono_literals;

struct Drawn {
  RunData run;
  RunPlots plots;
};

/// 64 requests of 40 tokens on 4 slots; every span is `slowness` times as long as usual.
Drawn DrawnRun(double slowness) {
  RunContext context = SampleContext();
  context.concurrency = 4;
  context.warmup_requests = 0;
  SummaryBuilder builder(context);
  RunSampler sampler(context);
  RunPlotter plotter(context);
  const auto scaled = [slowness](Nanos span) {
    return Nanos{static_cast<std::int64_t>(static_cast<double>(span.count()) * slowness)};
  };
  for (int n = 0; n < 64; ++n) {
    RecordBuilder request(n);
    request.Start(kSampleOrigin + scaled(n / 4 * 450ms + n % 4 * 1ms));
    for (int i = 0; i < 40; ++i) request.Output(scaled(20ms + i * 10ms + (n + i) % 7 * 100us));
    const RequestRecord record = request.Finish("length").UsageTokens(110, 40).Build();
    builder.Add(record);
    sampler.Add(record);
    plotter.Add(record);
  }
  const RunEnd end = SampleEnd();
  Drawn drawn;
  drawn.run.path = "run.jsonl";
  drawn.run.summary = builder.Finish(&end);
  drawn.run.summary_json = SummaryJson(drawn.run.summary);
  drawn.run.samples = sampler.Finish(drawn.run.summary);
  drawn.plots = plotter.Finish(drawn.run.summary);
  return drawn;
}

struct Compared {
  std::vector<Variant> variants;
  PlotsOfRuns plots;

  void Add(const std::string& name, const std::vector<double>& slowness) {
    variants.push_back({.name = name, .runs = {}});
    plots.emplace_back();
    for (const double each : slowness) {
      Drawn drawn = DrawnRun(each);
      variants.back().runs.push_back(std::move(drawn.run));
      plots.back().emplace_back(std::move(drawn.plots));
    }
  }
  std::string Page() const {
    Comparison comparison = Compare(variants, {});
    return ComparePage(comparison, plots,
                       {.json = CompareJson(comparison), .text = CompareText(comparison)});
  }
};

Compared TwoVariants() {
  Compared compared;
  compared.Add("BF16", {1, 1.01, 0.99});
  compared.Add("NVFP4", {0.9, 0.91, 0.89});
  return compared;
}

TEST(ComparePage, HoldsTheComparisonAndItsCurves) {
  const std::string page = TwoVariants().Page();
  const JsonDocument document = PayloadOf(page);
  const JsonView root = document.root();
  EXPECT_EQ(root["kind"].AsString(), "compare");
  EXPECT_EQ(root["title"].AsString(), "NVFP4 against BF16");
  EXPECT_EQ(root["pairs"].Text(), R"([["v0","v1"]])");
  EXPECT_EQ(root["words"]["same"].AsString(), "same within 2 %");
  EXPECT_EQ(root["compare"]["pairs"].At(0)["verdict"].AsString(), "better");
  const JsonView plots = root["plots"];
  EXPECT_EQ(plots["spectrum"]["itl"].size(), 2u);
  EXPECT_GT(plots["spectrum"]["itl"].At(1)["lo"].size(), 0u);
  EXPECT_EQ(plots["cdf"]["latency"]["series"].size(), 2u);
  EXPECT_EQ(plots["time"].size(), 6u);
  EXPECT_EQ(plots["time"].At(5)["run"].AsInt(), 3);
  const JsonView difference = plots["difference"]["itl"].At(0);
  EXPECT_NEAR(*difference["y"].At(7).AsDouble(), -10, 0.1);
  EXPECT_LT(*difference["hi"].At(7).AsDouble(), 0);
}

TEST(ComparePage, MediansAreOfTheRuns) {
  const JsonDocument document = PayloadOf(TwoVariants().Page());
  const JsonView qps = document.root()["variants"].At(0)["table"]["qps"];
  EXPECT_LT(*qps.At(1).AsDouble(), *qps.At(0).AsDouble());
  EXPECT_LT(*qps.At(0).AsDouble(), *qps.At(2).AsDouble());
}

TEST(ComparePage, IsTheSameBytesForTheSameRuns) {
  EXPECT_EQ(TwoVariants().Page(), TwoVariants().Page());
}

TEST(ComparePage, HostileTextsStayTexts) {
  Compared compared = TwoVariants();
  for (Variant& variant : compared.variants) {
    variant.name += kHostile;
    for (RunData& run : variant.runs) {
      run.path = run.summary.context.model = kHostile;
      run.summary_json = SummaryJson(run.summary);
    }
  }
  const std::string page = compared.Page();
  EXPECT_EQ(CountOf(page, "<img"), 0u);
  EXPECT_EQ(CountOf(page, "</script>"), 2u);
  EXPECT_FALSE(PayloadOf(page).root()["variants"].At(1)["name"].IsNull());
}

TEST(ComparePage, WithoutRecordsThereAreNoPlots) {
  Compared compared = TwoVariants();
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t k = 0; k < 3; ++k) {
      compared.variants[i].runs[k].samples.reset();
      compared.plots[i][k].reset();
    }
  }
  EXPECT_TRUE(PayloadOf(compared.Page()).root()["plots"].IsNull());
}

TEST(ComparePage, OneVariantWithoutRecordsLeavesTheOthersCurve) {
  Compared compared = TwoVariants();
  for (std::size_t k = 0; k < 3; ++k) {
    compared.variants[0].runs[k].samples.reset();
    compared.plots[0][k].reset();
  }
  const JsonDocument document = PayloadOf(compared.Page());
  const JsonView plots = document.root()["plots"];
  ASSERT_EQ(plots["spectrum"]["itl"].size(), 1u);
  EXPECT_EQ(plots["spectrum"]["itl"].At(0)["variant"].AsString(), "v1");
  EXPECT_EQ(plots["difference"]["itl"].size(), 0u);
  EXPECT_EQ(plots["time"].size(), 3u);
}

TEST(ComparePage, SixVariantsOfFiveRunsAreSmall) {
  Compared compared;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    compared.Add(name, {1, 1.01, 0.99, 1.02, 0.98});
  }
  EXPECT_LT(compared.Page().size(), 600'000u);
}

}  // namespace
}  // namespace sseprof::compare_page_test
