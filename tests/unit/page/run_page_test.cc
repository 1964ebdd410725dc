#include "page/run_page.h"

#include <gtest/gtest.h>

#include "out/summary_json.h"
#include "plots/run_plotter.h"
#include "unit/out/sample_run.h"
#include "unit/page/page_text.h"

namespace sseprof::run_page_test {
namespace {

using namespace std::chrono_literals;

std::string PageOf(const RunContext& context, const std::vector<RequestRecord>& records) {
  SummaryBuilder builder(context);
  RunPlotter plotter(context);
  for (const RequestRecord& record : records) {
    builder.Add(record);
    plotter.Add(record);
  }
  const RunEnd end = SampleEnd();
  const Summary summary = builder.Finish(&end);
  const RunPlots plots = plotter.Finish(summary);
  return RunPage(summary, SummaryJson(summary), &plots, "the report");
}

TEST(RunPage, HoldsTheRunAndItsPlots) {
  const std::string page = PageOf(SampleContext(), SampleRecords());
  const JsonDocument document = PayloadOf(page);
  const JsonView root = document.root();
  EXPECT_EQ(root["kind"].AsString(), "run");
  const JsonView run = root["variants"].At(0)["runs"].At(0);
  EXPECT_EQ(run["summary"]["ok"].AsInt(), 4);
  EXPECT_EQ(run["command"].At(1).AsString(), "run");
  EXPECT_EQ(root["plots"]["requests"]["rows"].size(), 7u);
  EXPECT_EQ(root["plots"]["failed"]["rows"].size(), 2u);
  EXPECT_EQ(root["plots"]["spectrum"]["itl"].At(0)["variant"].AsString(), "v0");
  EXPECT_GT(root["plots"]["cdf"]["itl"]["x"].size(), 0u);
  EXPECT_EQ(Between(page, "<pre>", "</pre>"), "the report");
}

TEST(RunPage, IsTheSameBytesForTheSameRun) {
  EXPECT_EQ(PageOf(SampleContext(), SampleRecords()), PageOf(SampleContext(), SampleRecords()));
}

TEST(RunPage, HostileTextsStayTexts) {
  RunContext context = SampleContext();
  context.model = context.endpoint = context.run_id = kHostile;
  context.labels = {{kHostile, kHostile}};
  context.command = {kHostile};
  context.options = context.host = {{kHostile, kHostile}};
  std::vector<RequestRecord> records = SampleRecords();
  for (RequestRecord& record : records) {
    record.request_id = record.server_id = record.message = kHostile;
  }
  const std::string page = PageOf(context, records);
  EXPECT_EQ(CountOf(page, "<img"), 0u);
  EXPECT_EQ(CountOf(page, "</script>"), 2u);
  EXPECT_EQ(CountOf(Between(page, "id=\"data\">", "</script>"), "\xe2\x80\xa8"), 0u);
  const JsonDocument document = PayloadOf(page);
  EXPECT_EQ(document.root()["variants"].At(0)["name"].AsString(),
            "</script><img src=x onerror=alert(1)>\xe2\x80\xa8'\"&\x01\xef\xbf\xbd{{data}}");
}

TEST(RunPage, OfASummaryHasNoPlots) {
  const Summary summary = SampleSummary();
  const std::string page = RunPage(summary, SummaryJson(summary), nullptr, "");
  EXPECT_TRUE(PayloadOf(page).root()["plots"].IsNull());
}

TEST(RunPage, AMillionGapsAreSmall) {
  RunContext context = SampleContext();
  context.concurrency = 64;
  SummaryBuilder builder(context);
  RunPlotter plotter(context);
  for (int n = 0; n < 4'000; ++n) {
    RecordBuilder request(n);
    request.Start(kSampleOrigin + n / 64 * 3s + n % 64 * 1ms);
    for (int i = 0; i < 257; ++i) {
      // no two gaps alike, and a stall now and then
      const Nanos late = i > n % 257 ? 300ms : 0ms;
      request.Output(20ms + i * 10ms + late + std::chrono::microseconds((n * 37 + i * 101) % 900));
    }
    builder.Add(request.Finish("length").Build());
    plotter.Add(request.Build());
  }
  const Summary summary = builder.Finish(nullptr);
  EXPECT_EQ(summary.itl.count, 1'024'000u);
  const RunPlots plots = plotter.Finish(summary);
  const std::string page = RunPage(summary, SummaryJson(summary), &plots, "");
  EXPECT_LT(page.size(), 600'000u);
  EXPECT_EQ(PayloadOf(page).root()["plots"]["requests"]["all"].AsInt(), 4'000);
}

}  // namespace
}  // namespace sseprof::run_page_test
