// SPDX-License-Identifier: Apache-2.0
#include "apps/live_json.h"
#include "apps/page/page.h"
#include "tests/apps/known_status.h"
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <regex>

using namespace pado::apps; // NOLINT(google-build-using-namespace)

TEST_CASE("page: the digests of its policy are those of its style and scripts")
{
  // printf 'let x = 1;' | openssl dgst -sha256 -binary | base64
  const page made = make_page({"t", "", "let x = 1;", "null"});
  CHECK(made.policy.find("'sha256-qtc3jf64UXA5J6U02kfQ0Cvn9Uz4wXUaN3NNUVgR2v4='") != std::string::npos);
  CHECK(made.policy.find("unsafe") == std::string::npos);
  CHECK(made.html.find("content=\"" + made.policy + "\"") != std::string::npos);
}

TEST_CASE("page: data lie in it as they are and cannot end their element")
{
  const std::string data = R"({"a":"</script><script>alert(1)</script>","b":"<!--"})";
  const page made = make_page({"t", "", "", data});
  const std::string open = "<script type=\"application/json\" id=\"page-data\">";
  const std::size_t begin = made.html.find(open) + open.size();
  const std::string held = made.html.substr(begin, made.html.find("</script>", begin) - begin);
  CHECK(nlohmann::json::parse(held) == nlohmann::json::parse(data));
  CHECK(made.html.find("alert(1)</script>") == std::string::npos);
}

TEST_CASE("page: the live page fetches nothing from elsewhere")
{
  const page made = make_live_page(live_json(pado::test::known_status()));
  const std::regex fetched(R"re(<(script|link|img|iframe)[^>]*(src|href)="(?!data:,)|@import|url\()re");
  // Chart.js in its element is one line of 200 kB, too long for std::regex, and is looked at by the browser's
  // test.
  std::string without_chart = made.html;
  const std::size_t chart = without_chart.find("<script>/*!");
  if (has_chart_js()) {
    REQUIRE(chart != std::string::npos);
    without_chart.erase(chart, without_chart.find("</script>", chart) - chart);
  }
  CHECK(!std::regex_search(without_chart, fetched));
  CHECK(made.policy.find("default-src 'none'; connect-src 'self'") == 0);
}
