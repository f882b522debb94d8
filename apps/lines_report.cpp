// SPDX-License-Identifier: Apache-2.0
#include "apps/lines_report.h"
#include "apps/page/page.h"
#include "io/sigmf/bounded_json.h"
#include <nlohmann/json.hpp>

namespace pado::apps {

result<nothing> write_lines_report(const std::string& path, const lines_report& report)
{
  const nlohmann::ordered_json head = {{"kind", report.kind},
                                       {"about", report.about},
                                       {"verdict", report.verdict},
                                       {"is_good", report.is_good}};
  std::string data = head.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  data.back() = ','; // the lines are JSON already
  data += "\"lines\":[";
  std::string_view rest = report.lines;
  const char* separator = "";
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    data += separator + std::string(rest.substr(0, end));
    separator = ",";
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return write_page(path, make_report_page(data + "]}").html);
}

result<nothing> write_page(const std::string& path, const std::string& html)
{
  return io::write_text_file(path, html) ? result<nothing>(nothing{})
                                         : error{path + ":", "cannot be written: is the folder there?"};
}

} // namespace pado::apps
