#include "live/exporter.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/clock.h"
#include "net/http_get.h"
#include "sseprof/error.h"
#include "unit/net/raw_server.h"
#include "unit/record_builder.h"

namespace sseprof::exporter_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const ListenAddress kAnyPort = {.host = "127.0.0.1", .port = 0};

std::shared_ptr<RunMetrics> NewRun(const std::string& id) {
  return std::make_shared<RunMetrics>(RunMetrics::Options{
      .facts = {.run = id, .variant = "v"}, .starts_over = [](Instant) { return false; }});
}

bool Never() { return false; }
Instant Soon() { return MonotonicNow() + 30s; }

/// A scrape, as `USER:PASSWORD@` of the URL or without.
HttpReply Scrape(const MetricsExporter& exporter, const std::string& credentials = "") {
  std::string url = exporter.Url();
  if (!credentials.empty()) url.insert(std::string("http://").size(), credentials + "@");
  return HttpGet({}, url);
}

TEST(ExporterTest, ServesARunAtAPortThatItHasGot) {
  MetricsExporter exporter({.address = kAnyPort});
  const auto run = NewRun("one");
  exporter.Show(run);
  EXPECT_THAT(exporter.Url(), testing::MatchesRegex("http://127\\.0\\.0\\.1:[1-9][0-9]*/metrics"));
  const HttpReply before = Scrape(exporter);
  EXPECT_EQ(before.status, 200) << before.error;
  EXPECT_THAT(before.body,
              HasSubstr("sseprof_requests_started_total{run=\"one\",variant=\"v\"} 0\n"));
  run->loop(0).OnStart(RecordBuilder(0).Build());
  EXPECT_THAT(Scrape(exporter).body,
              HasSubstr("sseprof_requests_started_total{run=\"one\",variant=\"v\"} 1\n"));
}

TEST(ExporterTest, SaysSomethingOfTheProcess) {
  MetricsExporter exporter({.address = kAnyPort});
  exporter.Show(NewRun("one"));
  const std::string body = Scrape(exporter).body;
  EXPECT_THAT(body, HasSubstr("process_resident_memory_bytes{run=\"one\",variant=\"v\"} "));
  EXPECT_THAT(body, Not(HasSubstr("process_cpu_seconds_total{run=\"one\",variant=\"v\"} 0\n")));
}

TEST(ExporterTest, ShowsTheRunBeforeTogetherWithTheNext) {
  MetricsExporter exporter({.address = kAnyPort});
  exporter.Show(NewRun("one"));
  exporter.Show(NewRun("two"));
  const std::string body = Scrape(exporter).body;
  const std::string name = "sseprof_requests_started_total";
  EXPECT_THAT(body,
              HasSubstr("# TYPE " + name + " counter\n" + name + "{run=\"one\",variant=\"v\"} 0\n" +
                        name + "{run=\"two\",variant=\"v\"} 0\n"));
}

/// Which of these runs are on the page.
std::string Shown(const MetricsExporter& exporter) {
  const std::string body = Scrape(exporter).body;
  std::string shown;
  for (const char* run : {"one", "two", "three"}) {
    const std::string info = fmt::format("sseprof_run_info{{run=\"{}\"", run);
    if (body.find(info) != std::string::npos) shown += fmt::format("{} ", run);
  }
  // The answer is out before the exporter knows that it is.
  const Instant since = MonotonicNow();
  EXPECT_EQ(Scrape(exporter).status, 200);
  EXPECT_TRUE(exporter.AwaitScrape(since, Soon(), &Never));
  return shown;
}

TEST(ExporterTest, ARunGoesOnceItsEndWasSeenAndThereIsAnother) {
  MetricsExporter exporter({.address = kAnyPort});
  const auto one = NewRun("one");
  exporter.Show(one);
  one->Finish({});
  EXPECT_EQ(Shown(exporter), "one ");
  EXPECT_EQ(Shown(exporter), "one ");
  exporter.Show(NewRun("two"));
  EXPECT_EQ(Shown(exporter), "two ");
}

TEST(ExporterTest, AnEndThatNobodySawStaysBesideTheNextRun) {
  MetricsExporter exporter({.address = kAnyPort});
  const auto one = NewRun("one");
  exporter.Show(one);
  EXPECT_EQ(Shown(exporter), "one ");
  one->Finish({});
  exporter.Show(NewRun("two"));
  EXPECT_EQ(Shown(exporter), "one two ");
  EXPECT_EQ(Shown(exporter), "two ");
}

TEST(ExporterTest, NoMoreThanTwoRunsAreKept) {
  MetricsExporter exporter({.address = kAnyPort});
  for (const char* id : {"one", "two", "three"}) {
    const auto run = NewRun(id);
    exporter.Show(run);
    run->Finish({});
  }
  EXPECT_EQ(Shown(exporter), "two three ");
}

TEST(ExporterTest, AnswersWithNoRunToo) {
  MetricsExporter exporter({.address = kAnyPort});
  const HttpReply reply = Scrape(exporter);
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, Not(HasSubstr("sseprof_")));
}

TEST(ExporterTest, KeepsOutWhoHasNotThePassword) {
  MetricsExporter exporter({.address = kAnyPort, .credentials = "me:se:cret"});
  exporter.Show(NewRun("one"));
  for (const char* wrong : {"", "me:wrong", "you:se%3Acret", "me:", "me%3Ase:cret2"}) {
    const HttpReply reply = Scrape(exporter, wrong);
    EXPECT_EQ(reply.status, 401) << wrong;
    EXPECT_THAT(reply.body, Not(HasSubstr("sseprof_"))) << wrong;
  }
  EXPECT_FALSE(exporter.scraped());
  const HttpReply reply = Scrape(exporter, "me:se%3Acret");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr("sseprof_run_info{run=\"one\""));
  EXPECT_TRUE(exporter.AwaitScrape({}, Soon(), &Never));
}

TEST(ExporterTest, ATakenPortThrows) {
  const RawServer taken;
  try {
    const MetricsExporter exporter({.address = {.host = "127.0.0.1", .port = taken.port()}});
    FAIL() << "listens at a taken port";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot listen on 127.0.0.1:"));
    EXPECT_THAT(error.what(), HasSubstr("Address already in use"));
  }
}

TEST(ExporterTest, ItsPortIsFreeOnceItIsGone) {
  int port = 0;
  {
    const MetricsExporter exporter({.address = kAnyPort});
    const std::string url = exporter.Url();
    port = std::stoi(url.substr(url.rfind(':') + 1));
  }
  CheckListenAddress({.host = "127.0.0.1", .port = port});
}

// Its accepting thread alone would stay 2 s.
TEST(ExporterTest, GoesAtOnce) {
  Nanos fastest = 1min;
  for (int i = 0; i < 5; ++i) {
    auto exporter =
        std::make_unique<MetricsExporter>(MetricsExporter::Options{.address = kAnyPort});
    const Instant before = MonotonicNow();
    exporter.reset();
    fastest = std::min(fastest, MonotonicNow() - before);
  }
  EXPECT_LT(fastest, 1s);
}

TEST(ExporterTest, AScrapeThatWasAnsweredIsAwaitedNoMore) {
  MetricsExporter exporter({.address = kAnyPort});
  exporter.Show(NewRun("one"));
  EXPECT_FALSE(exporter.scraped());
  const Instant before = MonotonicNow();
  Scrape(exporter);
  EXPECT_TRUE(exporter.AwaitScrape(before, Soon(), &Never));
  EXPECT_TRUE(exporter.scraped());
  EXPECT_TRUE(exporter.AwaitScrape({}, Instant{}, &Never));
}

TEST(ExporterTest, AScrapeThatBeganEarlierDoesNotCount) {
  MetricsExporter exporter({.address = kAnyPort});
  exporter.Show(NewRun("one"));
  Scrape(exporter);
  ASSERT_TRUE(exporter.AwaitScrape({}, Soon(), &Never));
  EXPECT_FALSE(exporter.AwaitScrape(MonotonicNow(), MonotonicNow() + 5ms, &Never));
}

TEST(ExporterTest, AnotherScrapeEndsTheWait) {
  MetricsExporter exporter({.address = kAnyPort});
  exporter.Show(NewRun("one"));
  Scrape(exporter);
  const Instant since = MonotonicNow();
  std::thread scraper([&] { Scrape(exporter); });
  EXPECT_TRUE(exporter.AwaitScrape(since, Soon(), &Never));
  scraper.join();
}

TEST(ExporterTest, WaitsNoLongerThanItMay) {
  const MetricsExporter exporter({.address = kAnyPort});
  const Instant until = MonotonicNow() + 60ms;
  EXPECT_FALSE(exporter.AwaitScrape({}, until, &Never));
  EXPECT_GE(MonotonicNow(), until);
}

TEST(ExporterTest, WaitsNoLongerThanItIsToldTo) {
  const MetricsExporter exporter({.address = kAnyPort});
  std::atomic<int> asked{0};
  EXPECT_FALSE(exporter.AwaitScrape({}, kNever, [&] { return ++asked > 2; }));
  EXPECT_EQ(asked, 3);
}

TEST(ExporterTest, ThePeriodIsTheLongestBetweenTwoScrapes) {
  MetricsExporter exporter({.address = kAnyPort});
  exporter.Show(NewRun("one"));
  EXPECT_EQ(exporter.Period(), std::nullopt);
  Scrape(exporter);
  EXPECT_EQ(exporter.Period(), std::nullopt);
  const Instant first_ended = MonotonicNow();
  std::this_thread::sleep_for(30ms);
  Scrape(exporter);
  ASSERT_TRUE(exporter.Period());
  const Nanos longest = *exporter.Period();
  EXPECT_GE(longest, 30ms);
  Scrape(exporter);
  EXPECT_GE(*exporter.Period(), longest);
  EXPECT_LE(*exporter.Period(), std::max(longest, MonotonicNow() - first_ended));
}

TEST(ExporterTest, ManyScrapeWhileTheLoadGoesOn) {
  MetricsExporter exporter({.address = kAnyPort});
  const auto run = NewRun("one");
  exporter.Show(run);
  std::atomic<bool> over{false};
  std::thread load([&] {
    while (!over) run->loop(0).OnLoop({.received = 1});
  });
  std::vector<std::thread> scrapers;
  std::atomic<int> good{0};
  for (int i = 0; i < 4; ++i) {
    scrapers.emplace_back([&] {
      for (int scrape = 0; scrape < 5; ++scrape) good += Scrape(exporter).status == 200;
    });
  }
  for (std::thread& scraper : scrapers) scraper.join();
  over = true;
  load.join();
  EXPECT_EQ(good, 20);
}

}  // namespace
}  // namespace sseprof::exporter_test
