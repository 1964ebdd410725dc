#include "page/payload.h"

#include <gtest/gtest.h>

#include <limits>

#include "unit/out/sample_run.h"

namespace sseprof::payload_test {
namespace {

std::string Rounded(double value, int digits) {
  JsonWriter json;
  json.BeginArray();
  WriteRounded(json, value, digits);
  json.EndArray();
  return std::string(json.text());
}

TEST(Payload, NumbersHaveTheDigitsThatCanBeSeen) {
  EXPECT_EQ(Rounded(10.834567, 4), "[10.83]");
  EXPECT_EQ(Rounded(1234567, 4), "[1.235e+06]");
  EXPECT_EQ(Rounded(0, 4), "[0]");
  EXPECT_EQ(Rounded(std::numeric_limits<double>::infinity(), 4), "[null]");
}

TEST(Payload, SpansAreMilliseconds) {
  JsonWriter json;
  json.BeginObject();
  WriteMillis(json, "y", {0.0123456, std::nullopt});
  json.EndObject();
  EXPECT_EQ(json.text(), R"({"y":[12.346,null]})");
}

TEST(Payload, TextIsTakenOverWithoutItsWhiteSpace) {
  JsonWriter json;
  json.BeginObject();
  WriteText(json, "s", "{\n  \"a\": [1, null]\n}\n");
  json.EndObject();
  EXPECT_EQ(json.text(), R"({"s":{"a":[1,null]}})");
}

TEST(Payload, TheNameIsTheLabelElseTheModel) {
  Summary summary = SampleSummary();
  EXPECT_EQ(NameOf(summary), "nvidia/Qwen3-30B-A3B-NVFP4");
  summary.context.labels["variant"] = "NVFP4";
  EXPECT_EQ(NameOf(summary), "NVFP4");
}

std::string SettingOf(const Summary& summary, std::string_view name) {
  JsonWriter json;
  json.BeginObject();
  WriteSetting(json, summary);
  WriteConfiguration(json, summary);
  json.EndObject();
  const JsonDocument document = JsonDocument::Parse(json.text());
  for (const char* list : {"setting", "options"}) {
    const JsonView rows = document.root()[list];
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows.At(i).At(0).AsString() == name) {
        return std::string(rows.At(i).At(1).AsString().value_or(""));
      }
    }
  }
  return "(none)";
}

TEST(Payload, TheSettingSaysWhatWasRun) {
  const Summary summary = SampleSummary();
  EXPECT_EQ(SettingOf(summary, "server"), "vllm 0.13.0");
  EXPECT_EQ(SettingOf(summary, "load"), "closed loop, 2 streams");
  EXPECT_EQ(SettingOf(summary, "requests"), "6 measured after 1 of warm-up");
  EXPECT_EQ(SettingOf(summary, "label gpu"), "H100");
  EXPECT_EQ(SettingOf(summary, "client cores"), "16");
  EXPECT_EQ(SettingOf(summary, "concurrency"), "2");
}

TEST(Payload, WhatIsNotKnownIsNotSaid) {
  const Summary summary;
  for (const char* name : {"server", "prompts", "time stamps", "started", "model"}) {
    EXPECT_EQ(SettingOf(summary, name), "(none)") << name;
  }
}

}  // namespace
}  // namespace sseprof::payload_test
