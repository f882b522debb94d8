// SPDX-License-Identifier: Apache-2.0
#include "io/ecpri/drop_reason.h"

namespace pado::io {

namespace {
constexpr std::array<std::string_view, nof_drop_reasons> names = {
    "short_frame",        "not_fronthaul",   "ip_fragment",    "bad_ip_length",
    "short_message",      "ecpri_version",   "ecpri_length",   "ecpri_type",
    "transport_fragment", "payload_version", "section_length", "section_form",
    "compression_method", "filter_index",    "bad_time",       "prb_range",
    "unknown_flow",       "wrong_vlan",      "wrong_mac",      "downlink",
    "unexpected_symbol",  "early",           "late",           "closed_slot",
    "implausible_slot",   "duplicate",       "no_free_slot",   "too_many_sections"};
static_assert(!names.back().empty(), "one name for each reason");
} // namespace

std::string_view name_of(drop_reason reason)
{
  const auto index = static_cast<std::size_t>(reason);
  return index < names.size() ? names[index] : std::string_view("none");
}

} // namespace pado::io
