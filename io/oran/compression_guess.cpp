// SPDX-License-Identifier: Apache-2.0
#include "io/oran/compression_guess.h"
#include <algorithm>
#include <numeric>

namespace pado::io {

namespace {

constexpr std::size_t dynamic = 0;

/// Transmission bandwidths of TS 38.101-1 and 38.101-2, table 5.3.2-1, in PRBs.
constexpr std::array<std::uint16_t, 35> standard_widths = {
    11,  18,  24,  25,  31,  32,  38,  44,  51,  52,  58,  65,  66,  78,  79,  92,  93, 106,
    107, 119, 121, 132, 133, 135, 160, 162, 188, 189, 216, 217, 242, 245, 264, 270, 273};

bool is_standard_width(std::uint16_t nof_prb) noexcept
{
  return std::find(standard_widths.begin(), standard_widths.end(), nof_prb) != standard_widths.end();
}

/// Formats that products send, the most usual first: breaks ties that lengths leave open.
int rank_of(std::size_t hypothesis) noexcept
{
  constexpr std::array<std::size_t, 6> usual = {dynamic, 16 + 9, 16, 16 + 14, 16 + 12, 16 + 8};
  const auto* at = std::find(usual.begin(), usual.end(), hypothesis);
  return static_cast<int>(at - usual.begin());
}

} // namespace

u_layout compression_guess::layout_of(std::size_t hypothesis) noexcept
{
  if (hypothesis == dynamic) {
    return {};
  }
  const bool has_byte = hypothesis > 16;
  const auto width = static_cast<std::uint8_t>(has_byte ? hypothesis - 16 : hypothesis);
  return {iq_format{has_byte ? compression::bfp : compression::none, width}, 0};
}

bool compression_guess::is_better(const score& a, const score& b) noexcept
{
  if (a.fitting != b.fitting) {
    return a.fitting > b.fitting;
  }
  return a.standard != b.standard ? a.standard > b.standard : a.sections < b.sections;
}

std::size_t compression_guess::best() const noexcept
{
  std::size_t winner = 0;
  for (std::size_t h = 1; h < nof_hypotheses; ++h) {
    const bool is_equal = !is_better(scores_[h], scores_[winner]) && !is_better(scores_[winner], scores_[h]);
    if (is_equal ? rank_of(h) < rank_of(winner) : is_better(scores_[h], scores_[winner])) {
      winner = h;
    }
  }
  return winner;
}

bool compression_guess::is_tied(std::size_t winner) const noexcept
{
  return std::count_if(scores_.begin(), scores_.end(), [&](const score& other) {
           return !is_better(scores_[winner], other);
         }) > 1;
}

void compression_guess::see(packet sections) noexcept
{
  const std::uint64_t most = scores_[best()].fitting;
  const bool has_all_prb = sections.size() >= u_section_bytes && load_u8(sections, 3) == 0;
  for (std::size_t h = 0; h < nof_hypotheses; ++h) {
    if (nof_messages_ >= nof_tried_in_full && scores_[h].fitting < most) {
      continue;
    }
    u_section_reader reader(sections, layout_of(h));
    bool is_standard = true;
    std::uint64_t nof_sections = 0;
    for (u_section section; reader.next(section);) {
      ++nof_sections;
      is_standard = is_standard && (!has_all_prb || is_standard_width(section.nof_prb));
    }
    if (!reader.failure()) {
      ++scores_[h].fitting;
      scores_[h].sections += nof_sections;
      scores_[h].standard += has_all_prb && is_standard ? 1 : 0;
    }
  }
  ++nof_messages_;
  look_at_content(best(), sections);
}

void compression_guess::look_at_content(std::size_t winner, packet sections) noexcept
{
  u_section_reader reader(sections, layout_of(winner));
  for (u_section section; reader.next(section);) {
    if (winner == dynamic) {
      ++headers_[to_comp_header(section.format)];
    } else if (has_parameter(section.format.method)) {
      for (std::size_t at = 0; at < section.iq.size(); at += prb_bytes(section.format)) {
        ++parameters_[load_u8(section.iq, at)];
      }
    }
  }
}

compression compression_guess::method_of(std::size_t winner) const noexcept
{
  constexpr int max_modulation_width = 5; // 256QAM needs 4 bits an axis, with shift 5
  if (winner <= 16) {
    return winner <= max_modulation_width ? compression::modulation : compression::none;
  }
  // BFP leaves the upper half of the byte 0; mu-law has its width there; a block scaler goes up to 128.
  const std::uint64_t all = std::accumulate(parameters_.begin(), parameters_.end(), std::uint64_t{0});
  const std::uint64_t small =
      std::accumulate(parameters_.begin(), parameters_.begin() + 16, std::uint64_t{0});
  if (10 * small >= 9 * all) {
    return compression::bfp;
  }
  const std::size_t upper = 16 * ((winner - 16) & 0xF);
  const auto* begin = parameters_.begin() + static_cast<std::ptrdiff_t>(upper);
  const std::uint64_t of_width = std::accumulate(begin, begin + 8, std::uint64_t{0});
  return 10 * of_width >= 9 * all ? compression::mu_law : compression::block_scaling;
}

std::optional<u_layout> compression_guess::layout() const noexcept
{
  const std::size_t winner = best();
  if (scores_[winner].fitting == 0) {
    return {};
  }
  u_layout out = layout_of(winner);
  if (out.fixed) {
    out.fixed->method = method_of(winner);
    if (!is_supported(*out.fixed)) {
      out.fixed->method = compression::bfp; // the same length, and readable
    }
  }
  return out;
}

std::optional<compression_finding> compression_guess::finding() const
{
  constexpr std::uint64_t nof_convincing_prb = 64;
  const std::optional<u_layout> found = layout();
  if (!found) {
    return {};
  }
  const std::size_t winner = best();
  compression_finding out;
  out.nof_fitting = scores_[winner].fitting;
  if (!found->fixed) {
    out.is_dynamic = true;
    const auto* most = std::max_element(headers_.begin(), headers_.end());
    out.format = from_comp_header(static_cast<std::uint8_t>(most - headers_.begin()));
    out.is_mixed = std::count_if(headers_.begin(), headers_.end(), [](std::uint64_t n) { return n > 0; }) > 1;
    return out;
  }
  out.format = *found->fixed;
  const std::uint64_t nof_prb = std::accumulate(parameters_.begin(), parameters_.end(), std::uint64_t{0});
  const bool is_plain = out.format.method == compression::none ||
                        (out.format.method == compression::bfp && nof_prb >= nof_convincing_prb);
  out.is_guess = is_tied(winner) || !is_plain;
  return out;
}

} // namespace pado::io
