#include "page/payload_plots.h"

#include <gtest/gtest.h>

namespace sseprof::payload_plots_test {
namespace {

JsonDocument Written(const std::function<void(JsonWriter&)>& write) {
  JsonWriter json;
  json.BeginObject();
  write(json);
  json.EndObject();
  return JsonDocument::Parse(json.text());
}

TEST(PayloadPlots, ARequestIsARow) {
  RequestBars bars{.bars = {{.n = 7,
                             .start_s = 1.25,
                             .waited_s = 0.001,
                             .ttft_s = std::nullopt,
                             .length_s = 2.5,
                             .tokens = 12,
                             .warmup = true,
                             .outcome = Outcome::kTimeout,
                             .stalls = {{.from_s = 0.5, .length_s = 0.25}}}},
                   .requests = 1};
  const JsonDocument document = Written([&](JsonWriter& json) { WriteRequests(json, bars); });
  EXPECT_EQ(document.root()["requests"]["rows"].Text(),
            R"([[7,1.25,1,null,2500,12,"timeout",1,500,250]])");
}

TEST(PayloadPlots, PositionsAreSparse) {
  PositionMap map;
  map.columns.push_back({.rows = {{3, 2}, {9, 1}}, .count = 3, .p50_s = 0.01, .p95_s = 0.02});
  map.columns.emplace_back();
  const JsonDocument document = Written([&](JsonWriter& json) { WritePositions(json, map); });
  const JsonView positions = document.root()["positions"];
  EXPECT_EQ(positions["cells"].Text(), "[[3,2,9,1],[]]");
  EXPECT_EQ(positions["p50"].Text(), "[10,null]");
  EXPECT_EQ(positions["p95"].Text(), "[20,null]");
}

TEST(PayloadPlots, ALongMessageIsCutBetweenCharacters) {
  RunPlots plots;
  std::string message(399, 'x');
  message += "\u00b5 and more";
  plots.failed.push_back({.n = 1, .outcome = Outcome::kHttp5xx, .message = message});
  plots.failed_all = 1;
  const JsonDocument document = Written([&](JsonWriter& json) { WriteFailed(json, plots); });
  const JsonView row = document.root()["failed"]["rows"].At(0);
  EXPECT_EQ(row["message"].AsString(), std::string(399, 'x'));
  EXPECT_TRUE(row["http"].IsNull());
  EXPECT_TRUE(row["after"].IsNull());
  EXPECT_EQ(row["reason"].AsString(), "http_5xx");
}

TEST(PayloadPlots, WhatDidNotHappenIsNull) {
  const JsonDocument document = Written([](JsonWriter& json) {
    json.Key("time");
    WriteOverTime(json, RunPlots{}, Summary{});
    WriteCumulative(json, "cdf", Cumulative{}, {"v0"});
    WritePositions(json, PositionMap{});
  });
  for (const char* key : {"steady", "itl", "ttft", "tokens", "pauses", "pauses_all"}) {
    EXPECT_TRUE(document.root()["time"][key].IsNull()) << key;
  }
  EXPECT_TRUE(document.root()["cdf"].IsNull());
  EXPECT_TRUE(document.root()["positions"].IsNull());
}

}  // namespace
}  // namespace sseprof::payload_plots_test
