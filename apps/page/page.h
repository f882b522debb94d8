// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pado::apps {

/// What differs from page to page; style, Chart.js and the drawing functions are the same for all.
struct page_content {
  std::string_view title;
  std::string_view body;      ///< HTML between <body> and </body>; figures are found by their ids
  std::string_view script;    ///< runs last, with `draw` and `Chart` there
  std::string_view data_json; ///< what the script reads by page_data(); "null" when it comes later
};

/// One HTML file that opens offline: nothing is fetched.
struct page {
  std::string html;
  /// Content-Security-Policy: the scripts and the style of this page by their digests, connections to its own
  /// host, nothing else. Also inside the HTML, for a page that is opened as a file.
  std::string policy;
};

page make_page(const page_content& content);

/// The page of `pado run --page`: shows a status of live_json() at once, then what comes over /live.
page make_live_page(std::string_view status_json);

/// The report of a command (docs/report.md): one object with `kind`, `about` and either what replay_report
/// gives or `lines`, JSON objects that become tables.
page make_report_page(std::string_view data_json);

/// Whether Chart.js was there when pado was built. Pages say so when it was not.
bool has_chart_js();

} // namespace pado::apps
