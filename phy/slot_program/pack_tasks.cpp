// SPDX-License-Identifier: Apache-2.0
#include "phy/slot_program/pack_tasks.h"
#include <cstring>

namespace pado::phy {

namespace {

template <class T>
packed_list append(const task_list<T>& list, std::span<std::byte> to, std::size_t& used)
{
  const view<const T, 1> tasks = list.all();
  const packed_list at = {used, list.size()};
  const std::size_t nof_bytes = static_cast<std::size_t>(list.size()) * sizeof(T);
  assert(at.begin_bytes + nof_bytes <= to.size());
  if (nof_bytes > 0) {
    std::memcpy(to.data() + at.begin_bytes, tasks.data(), nof_bytes);
  }
  used += (nof_bytes + 63) / 64 * 64;
  return at;
}

} // namespace

packed_tasks pack_tasks(const slot_program& from, std::span<std::byte> to) noexcept
{
  packed_tasks out;
  out.gold = append(from.gold, to, out.nof_bytes);
  out.dmrs_ls = append(from.dmrs_ls, to, out.nof_bytes);
  out.estimates = append(from.estimates, to, out.nof_bytes);
  out.pdus = append(from.pdus, to, out.nof_bytes);
  out.tiles = append(from.tiles, to, out.nof_bytes);
  out.uci = append(from.uci, to, out.nof_bytes);
  out.small_blocks = append(from.small_blocks, to, out.nof_bytes);
  out.polar = append(from.polar, to, out.nof_bytes);
  out.polar_codes = append(from.polar_codes, to, out.nof_bytes);
  out.rate_dematch = append(from.rate_dematch, to, out.nof_bytes);
  out.blocks = append(from.blocks, to, out.nof_bytes);
  out.tbs = append(from.tbs, to, out.nof_bytes);
  return out;
}

} // namespace pado::phy
