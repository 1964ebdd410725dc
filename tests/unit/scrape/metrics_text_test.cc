#include "scrape/metrics_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace sseprof::metrics_text_test {
namespace {

struct Seen {
  std::string name;
  std::string labels;
  double value;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> All(std::string_view page) {
  std::vector<Seen> seen;
  ForEachSample(page, [&seen](const MetricSample& sample) {
    seen.push_back({std::string(sample.name), std::string(sample.labels), sample.value});
  });
  return seen;
}

TEST(ForEachSample, ReadsNamesLabelsAndValues) {
  const std::vector<Seen> expected = {{"a", "", 1}, {"b:c", "x=\"1\"", 2.5}, {"d", "", 3e6}};
  EXPECT_EQ(All("# HELP a what\n# TYPE a counter\na 1\nb:c{x=\"1\"} 2.5\nd 3e+06\n"), expected);
}

TEST(ForEachSample, PassesOverTimesExemplarsAndCarriageReturns) {
  const std::vector<Seen> expected = {{"a", "", 1}, {"b", "le=\"2\"", 4}, {"c", "", 5}};
  EXPECT_EQ(All("a 1 1700000000000\r\nb{le=\"2\"} 4 # {trace=\"7\"} 1.5 17\n  c\t5\n# EOF"),
            expected);
}

TEST(ForEachSample, FindsTheEndOfLabelsBehindQuotedBraces) {
  const std::vector<Seen> expected = {{"a", R"(m="x\"} 9",n="}")", 7}};
  EXPECT_EQ(All(R"(a{m="x\"} 9",n="}"} 7)"), expected);
}

TEST(ForEachSample, PassesOverWhatIsNoSample) {
  EXPECT_EQ(All(""), std::vector<Seen>());
  EXPECT_EQ(All("<html>\n<p>not found</p>\n"), std::vector<Seen>());
  EXPECT_EQ(All("a\na{\na{b=\"c\na{b=\"c\"}\na 1x\na{} \n{} 1\n"), std::vector<Seen>());
}

TEST(ForEachSample, EveryCutOfAPageIsHarmless) {
  const std::string page = "a{le=\"+Inf\",m=\"q\\\"\\\\\"} 12 1700\n# x\nb 1e-3\n";
  for (std::size_t size = 0; size < page.size(); ++size) {
    for (const Seen& seen : All(page.substr(0, size))) {
      EXPECT_TRUE(seen.name == "a" || seen.name == "b") << size;
    }
  }
  EXPECT_EQ(All(page).size(), 2u);
}

TEST(ParseMetricValue, ReadsWhatPagesWrite) {
  EXPECT_EQ(ParseMetricValue("0.001"), 0.001);
  EXPECT_EQ(ParseMetricValue("1e+06"), 1e6);
  EXPECT_EQ(ParseMetricValue("-2"), -2);
  EXPECT_EQ(ParseMetricValue("+Inf"), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(ParseMetricValue("NaN").value()));
  for (const char* bad : {"", "x", "1 ", "1,5", "+", "++1"}) {
    EXPECT_EQ(ParseMetricValue(bad), std::nullopt) << bad;
  }
}

TEST(MetricSample, GivesALabelsValue) {
  const MetricSample sample{.name = "a", .labels = R"(le="0.5", model="a\"b\\c\nd" ,e="")"};
  EXPECT_EQ(sample.Label("le"), "0.5");
  EXPECT_EQ(sample.Label("model"), "a\"b\\c\nd");
  EXPECT_EQ(sample.Label("e"), "");
  EXPECT_EQ(sample.Label("mode"), std::nullopt);
  EXPECT_EQ(MetricSample{.labels = "le=5"}.Label("le"), std::nullopt);
  EXPECT_EQ(MetricSample{.labels = "le=\"5"}.Label("le"), std::nullopt);
  EXPECT_EQ(MetricSample{}.Label("le"), std::nullopt);
}

}  // namespace
}  // namespace sseprof::metrics_text_test
