// SPDX-License-Identifier: Apache-2.0
#include "pipeline/harq_pool.h"
#include <algorithm>

namespace pado::pipeline {

namespace {
std::uint32_t key_of(const pusch_pdu& pdu)
{
  return (std::uint32_t{pdu.rnti} << 8U) | pdu.harq_process_id;
}
} // namespace

harq_pool::harq_pool(std::int32_t nof_blocks)
    : nof_blocks_(nof_blocks), is_taken_(static_cast<std::size_t>(nof_blocks), false)
{
}

harq_pool::lease
harq_pool::acquire(const pusch_pdu& pdu, std::int32_t nof_code_blocks, std::int64_t slot_number)
{
  std::int32_t index = find(pdu, slot_number);
  if (index >= 0) {
    entry& found = entries_[static_cast<std::size_t>(index)];
    // The same size cut differently (another base graph) is not the same code word.
    if (found.nof_blocks == nof_code_blocks) {
      const bool is_combined = !pdu.new_data && found.tb_size_bytes == pdu.tb_size_bytes;
      found.tb_size_bytes = pdu.tb_size_bytes;
      found.last_slot = slot_number;
      found.is_in_flight = true;
      return {{static_cast<std::int64_t>(found.first_block) * phy::soft_stride, is_combined}, index};
    }
    free(found);
  }
  const std::int32_t first = place_for(nof_code_blocks);
  if (first < 0) {
    return {};
  }
  auto unused = std::find_if(entries_.begin(), entries_.end(), [](const entry& e) { return !e.is_used; });
  if (unused == entries_.end()) {
    unused = entries_.insert(entries_.end(), entry{});
  }
  *unused = {key_of(pdu), first, nof_code_blocks, pdu.tb_size_bytes, slot_number, true, true, false};
  std::fill_n(is_taken_.begin() + first, nof_code_blocks, true);
  return {{static_cast<std::int64_t>(first) * phy::soft_stride, false},
          static_cast<std::int32_t>(unused - entries_.begin())};
}

void harq_pool::release(const lease& leased, bool tb_crc_ok)
{
  if (leased.entry < 0) {
    return;
  }
  entry& e = entries_[static_cast<std::size_t>(leased.entry)];
  e.is_in_flight = false;
  e.is_decoded = tb_crc_ok;
}

void harq_pool::drop(const lease& leased)
{
  release(leased, false);
  if (leased.entry >= 0 && !leased.place.is_combined) {
    free(entries_[static_cast<std::size_t>(leased.entry)]);
  }
}

std::int32_t harq_pool::find(const pusch_pdu& pdu, std::int64_t slot_number) const
{
  std::int32_t newest = -1;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const entry& e = entries_[i];
    const bool fits = e.is_used && !e.is_in_flight && e.key == key_of(pdu) && e.last_slot < slot_number;
    if (fits && (newest < 0 || e.last_slot > entries_[static_cast<std::size_t>(newest)].last_slot)) {
      newest = static_cast<std::int32_t>(i);
    }
  }
  return newest;
}

std::int32_t harq_pool::place_for(std::int32_t nof_blocks)
{
  std::int32_t first = first_fit(nof_blocks);
  while (first < 0 && evict_one()) {
    first = first_fit(nof_blocks);
  }
  return first;
}

std::int32_t harq_pool::first_fit(std::int32_t nof_blocks) const
{
  std::int32_t run = 0;
  for (std::int32_t block = 0; block < nof_blocks_; ++block) {
    run = is_taken_[static_cast<std::size_t>(block)] ? 0 : run + 1;
    if (run == nof_blocks) {
      return block - nof_blocks + 1;
    }
  }
  return -1;
}

bool harq_pool::evict_one()
{
  const auto goes_before = [](const entry& a, const entry& b) {
    return a.is_decoded != b.is_decoded ? a.is_decoded : a.last_slot < b.last_slot;
  };
  entry* first = nullptr;
  for (entry& e : entries_) {
    if (e.is_used && !e.is_in_flight && (first == nullptr || goes_before(e, *first))) {
      first = &e;
    }
  }
  if (first == nullptr) {
    return false;
  }
  nof_evicted_ += first->is_decoded ? 0 : 1;
  free(*first);
  return true;
}

void harq_pool::free(entry& e)
{
  std::fill_n(is_taken_.begin() + e.first_block, e.nof_blocks, false);
  e = entry{};
}

} // namespace pado::pipeline
