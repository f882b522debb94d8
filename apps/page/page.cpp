// SPDX-License-Identifier: Apache-2.0
#include "apps/page/page.h"
#include "apps/sha256.h"
#include <array>
#include <cstdint>
#include <page_files.h> // made by pado_embed
#include <span>
#include <vector>

namespace pado::apps {

namespace {

/// Base64 with padding. \spec RFC 4648, 4
std::string base64(std::span<const std::uint8_t> bytes)
{
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (at + i < bytes.size() ? bytes[at + i] : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += at + i <= bytes.size() ? digits[group >> (18 - 6 * i) & 63U] : '=';
    }
  }
  return out;
}

std::uint8_t nibble(char digit)
{
  return static_cast<std::uint8_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/// A text as the policy names it: 'sha256-...'
std::string digest_source(std::string_view text)
{
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  const std::string hex = sha256_hex(bytes);
  std::vector<std::uint8_t> digest;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    digest.push_back(static_cast<std::uint8_t>(nibble(hex[i]) << 4 | nibble(hex[i + 1])));
  }
  return "'sha256-" + base64(digest) + "'";
}

/// JSON that cannot end the element that it lies in.
std::string json_for_html(std::string_view json)
{
  std::string out;
  for (const char c : json) {
    out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  }
  return out;
}

} // namespace

bool has_chart_js()
{
  return !page_files::chart_js().empty();
}

page make_page(const page_content& content)
{
  const std::array<std::string_view, 3> scripts = {
      page_files::chart_js(), page_files::draw_js(), content.script};
  page out;
  out.policy = "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
               "style-src " +
               digest_source(page_files::style_css()) + "; script-src";
  for (const std::string_view script : scripts) {
    out.policy += script.empty() ? "" : " " + digest_source(script);
  }
  const auto add = [&out](std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) {
      out.html += part;
    }
  };
  add({"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
       "<meta http-equiv=\"Content-Security-Policy\" content=\"",
       out.policy,
       "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
       "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>",
       content.title,
       "</title>\n<style>",
       page_files::style_css(),
       "</style>\n</head>\n<body>\n",
       content.body});
  add({"<script type=\"application/json\" id=\"page-data\">",
       json_for_html(content.data_json),
       "</script>\n"});
  for (const std::string_view script : scripts) {
    if (!script.empty()) {
      add({"<script>", script, "</script>\n"});
    }
  }
  add({"</body>\n</html>\n"});
  return out;
}

page make_live_page(std::string_view status_json)
{
  return make_page({"pado run", page_files::live_html(), page_files::live_js(), status_json});
}

page make_report_page(std::string_view data_json)
{
  return make_page({"pado", page_files::report_html(), page_files::report_js(), data_json});
}

} // namespace pado::apps
