#include "page/document.h"

#include <gtest/gtest.h>

#include "page/template.h"
#include "unit/page/page_text.h"

namespace sseprof::document_test {
namespace {

TEST(Document, HtmlIsEscaped) {
  EXPECT_EQ(EscapedForHtml("a<b>&\"c\"\n"), "a&lt;b&gt;&amp;&quot;c&quot;\n");
  EXPECT_EQ(EscapedForHtml(std::string_view("\0\x1b", 2)), "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Document, JsonCannotEndItsElement) {
  EXPECT_EQ(EscapedForScript("\"</script>\""), "\"\\u003c/script>\"");
  EXPECT_EQ(EscapedForScript("\xe2\x80\xa8|\xe2\x80\xa9|\xe2\x80\xa7"),
            "\\u2028|\\u2029|\xe2\x80\xa7");
  EXPECT_EQ(EscapedForScript("\xe2\x80"), "\xe2\x80");
}

TEST(Document, TheTemplateHasEachPlaceOnce) {
  for (const char* place : {"{{title}}", "{{text}}", "{{data}}"}) {
    EXPECT_EQ(CountOf(kPageTemplate, place), 1u) << place;
  }
  for (const char* place : {"{{policy}}", "{{style}}", "{{script}}"}) {
    EXPECT_EQ(CountOf(kPageTemplate, place), 0u) << place;
  }
}

TEST(Document, HoldsUPlotWithItsLicense) {
  EXPECT_NE(kPageTemplate.find("var uPlot=function"), std::string_view::npos);
  EXPECT_NE(kPageTemplate.find("Copyright (c) 2022 Leon Sorokin"), std::string_view::npos);
  EXPECT_NE(kPageTemplate.find("Permission is hereby granted"), std::string_view::npos);
}

TEST(Document, AsksNobodyForAnything) {
  for (const char* forbidden : {"src=", "@import", "url(", "fetch(", "XMLHttpRequest", "eval(",
                                "innerHTML", "style=", "onclick="}) {
    EXPECT_EQ(CountOf(kPageTemplate, forbidden), 0u) << forbidden;
  }
  EXPECT_EQ(CountOf(kPageTemplate, "default-src 'none'"), 1u);
}

TEST(Document, WhateverThePartsHoldIsText) {
  const std::string page =
      PageDocument({.title = kHostile, .text = kHostile, .payload = "{\"a\":\"<\"}"});
  EXPECT_EQ(CountOf(page, "<img"), 0u);
  EXPECT_EQ(CountOf(page, "</script>"), 2u);
  EXPECT_EQ(PayloadOf(page).root()["a"].AsString(), "<");
  EXPECT_NE(Between(page, "<title>", "</title>").find("&lt;/script&gt;"), std::string::npos);
}

}  // namespace
}  // namespace sseprof::document_test
