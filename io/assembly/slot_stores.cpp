// SPDX-License-Identifier: Apache-2.0
#include "io/assembly/slot_stores.h"
#include <algorithm>
#include <bit>
#include <cstring>

namespace pado::io {

namespace {

constexpr std::size_t max_frequency_occasions = 8; // TS 38.211, 6.3.3.2: msg1-FDM is at most 8

std::size_t grid_prbs(std::int32_t nof_ports, std::int32_t nof_prb)
{
  return static_cast<std::size_t>(nof_ports) * nof_symbols_per_slot * static_cast<std::size_t>(nof_prb);
}

void book_time(std::int64_t arrival_ns, std::int64_t& first_ns, std::int64_t& last_ns) noexcept
{
  first_ns = first_ns == 0 ? arrival_ns : std::min(first_ns, arrival_ns);
  last_ns = std::max(last_ns, arrival_ns);
}

} // namespace

uplink_store::uplink_store(const limits& of)
    : nof_ports_(of.nof_ports), nof_prb_(of.nof_prb),
      bytes_(grid_prbs(of.nof_ports, of.nof_prb) * of.max_bytes_per_prb + slack_bytes),
      sections_(std::min(grid_prbs(of.nof_ports, of.nof_prb), of.max_sections)),
      received_(grid_prbs(of.nof_ports, of.nof_prb))
{
}

void uplink_store::begin(std::uint16_t symbols, const awaited_prbs* told) noexcept
{
  awaited_symbols_ = static_cast<std::uint16_t>(told ? symbols & told->symbols : symbols);
  awaited_ranges_ = told ? told->prbs : awaited_prbs::ranges{};
  if (!told) {
    awaited_ranges_.add({0, nof_prb_});
  }
  std::memset(received_.data(), 0, received_.size());
  nof_bytes_ = 0;
  nof_sections_ = 0;
  nof_awaited_ = std::popcount(awaited_symbols_) * nof_ports_ * awaited_ranges_.overlap({0, nof_prb_});
  nof_received_ = 0;
  first_ns_ = 0;
  last_ns_ = 0;
}

void uplink_store::see(std::int64_t arrival_ns) noexcept
{
  book_time(arrival_ns, first_ns_, last_ns_);
}

bool uplink_store::store_run(std::int32_t port,
                             std::int32_t symbol,
                             const u_section& section,
                             prb_range run) noexcept
{
  if (static_cast<std::size_t>(nof_sections_) == sections_.size()) {
    return false;
  }
  const std::size_t per_prb = prb_bytes(section.format);
  const std::size_t from = per_prb * static_cast<std::size_t>(run.begin - section.prb_begin);
  const std::size_t size = per_prb * static_cast<std::size_t>(run.size());
  std::memcpy(bytes_.data() + nof_bytes_, section.iq.data() + from, size);
  iq_section& stored = sections_[static_cast<std::size_t>(nof_sections_)];
  stored.bytes_begin = nof_bytes_;
  stored.prb_begin = static_cast<std::uint16_t>(run.begin);
  stored.nof_prb = static_cast<std::uint16_t>(run.size());
  stored.port = static_cast<std::uint8_t>(port);
  stored.symbol = static_cast<std::uint8_t>(symbol);
  stored.method = section.format.method;
  stored.width = section.format.width;
  nof_bytes_ += static_cast<std::uint32_t>(size);
  ++nof_sections_;
  nof_received_ += nof_awaited_in(symbol, run);
  std::memset(row_of(port, symbol) + run.begin, 1, static_cast<std::size_t>(run.size()));
  return true;
}

std::int32_t uplink_store::nof_awaited_in(std::int32_t symbol, prb_range run) const noexcept
{
  return (awaited_symbols_ >> symbol & 1U) != 0 ? awaited_ranges_.overlap(run) : 0;
}

std::uint8_t* uplink_store::row_of(std::int32_t port, std::int32_t symbol) const noexcept
{
  return received_.data() + (port * nof_symbols_per_slot + symbol) * static_cast<std::ptrdiff_t>(nof_prb_);
}

add_result uplink_store::add(std::int32_t port, std::int32_t symbol, const u_section& section) noexcept
{
  const std::int32_t begin = section.prb_begin;
  const std::int32_t end = begin + section.nof_prb;
  const std::uint8_t* const row = row_of(port, symbol);
  const auto count = static_cast<std::size_t>(section.nof_prb);
  if (std::memchr(row + begin, 1, count) == nullptr) {
    return store_run(port, symbol, section, {begin, end}) ? add_result::fresh : add_result::full;
  }
  if (std::memchr(row + begin, 0, count) == nullptr) {
    return add_result::duplicate;
  }
  bool has_stored = false;
  for (std::int32_t prb = begin; prb < end;) {
    const auto next = static_cast<std::int32_t>(std::find(row + prb, row + end, std::uint8_t{1}) - row);
    if (next == prb) {
      ++prb;
      continue;
    }
    if (!store_run(port, symbol, section, {prb, next})) {
      break;
    }
    has_stored = true;
    prb = next;
  }
  return has_stored ? add_result::overlapping : add_result::full;
}

uplink_slot uplink_store::contents() const noexcept
{
  uplink_slot out;
  out.bytes = view<const std::byte, 1>(bytes_.data(), nof_bytes_);
  out.sections = view<const iq_section, 1>(sections_.data(), nof_sections_);
  out.received = view<const std::uint8_t, 3>(received_.data(), nof_ports_, nof_symbols_per_slot, nof_prb_);
  out.first_ns = first_ns_;
  out.last_ns = last_ns_;
  out.nof_missing_prb = nof_missing_prb();
  return out;
}

prach_store::prach_store(std::int32_t nof_ports, std::int32_t nof_prb, std::size_t max_bytes_per_prb)
    : bytes_(grid_prbs(nof_ports, nof_prb) * max_bytes_per_prb * max_frequency_occasions +
             uplink_store::slack_bytes),
      sections_(grid_prbs(nof_ports, 1) * max_frequency_occasions)
{
}

void prach_store::begin() noexcept
{
  nof_bytes_ = 0;
  nof_sections_ = 0;
  first_ns_ = 0;
  last_ns_ = 0;
}

void prach_store::see(std::int64_t arrival_ns) noexcept
{
  book_time(arrival_ns, first_ns_, last_ns_);
}

bool prach_store::overlaps(std::int32_t port, std::int32_t symbol, const u_section& section) const noexcept
{
  // Occasions beside each other in frequency may count their PRBs from 0 each; then the section id tells them
  // apart.
  return std::any_of(sections_.begin(), sections_.begin() + nof_sections_, [&](const prach_section& other) {
    return other.port == port && other.symbol == symbol && other.section_id == section.id &&
           other.prb_begin < section.prb_begin + section.nof_prb &&
           section.prb_begin < other.prb_begin + other.nof_prb;
  });
}

add_result prach_store::add(std::int32_t port, const app_header& header, const u_section& section) noexcept
{
  if (overlaps(port, header.symbol, section)) {
    return add_result::duplicate;
  }
  if (static_cast<std::size_t>(nof_sections_) == sections_.size() ||
      nof_bytes_ + section.iq.size() + uplink_store::slack_bytes > bytes_.size()) {
    return add_result::full;
  }
  std::memcpy(bytes_.data() + nof_bytes_, section.iq.data(), section.iq.size());
  prach_section& stored = sections_[static_cast<std::size_t>(nof_sections_++)];
  stored.bytes_begin = nof_bytes_;
  stored.prb_begin = section.prb_begin;
  stored.nof_prb = section.nof_prb;
  stored.section_id = section.id;
  stored.port = static_cast<std::uint8_t>(port);
  stored.symbol = header.symbol;
  stored.filter_index = header.filter_index;
  stored.method = section.format.method;
  stored.width = section.format.width;
  nof_bytes_ += static_cast<std::uint32_t>(section.iq.size());
  return add_result::fresh;
}

prach_slot prach_store::contents() const noexcept
{
  prach_slot out;
  out.bytes = view<const std::byte, 1>(bytes_.data(), nof_bytes_);
  out.sections = view<const prach_section, 1>(sections_.data(), nof_sections_);
  out.first_ns = first_ns_;
  out.last_ns = last_ns_;
  return out;
}

} // namespace pado::io
