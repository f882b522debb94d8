// SPDX-License-Identifier: Apache-2.0
#include "io/faults/fault_injector.h"
#include "io/ecpri/link.h"
#include <Random123/philox.h>
#include <algorithm>

namespace pado::io {

namespace {

// Words that are drawn for one frame: one for each kind, then those that say where damage is done.
constexpr std::uint32_t purpose_of_length = 32;
constexpr std::uint32_t purpose_of_sequence = 33;
constexpr std::uint32_t purpose_of_vlan = 34;
constexpr std::uint32_t purpose_of_mac = 35;
constexpr std::uint32_t purpose_of_bits = 64;

constexpr std::uint32_t frame_of_slot_draws = 0xFFFFFFFF; ///< no slot has so many frames
constexpr std::uint64_t slot_of_cplane = ~std::uint64_t{0};

constexpr std::uint32_t bit(fault_kind kind)
{
  return std::uint32_t{1} << static_cast<unsigned>(kind);
}

/// A whole number of [0, n).
std::size_t below(std::uint32_t word, std::size_t n)
{
  return static_cast<std::size_t>(std::uint64_t{word} * n >> 32U);
}

} // namespace

fault_injector::fault_injector(const fault_config& config) noexcept : config_(config)
{
  for (std::size_t kind = 0; kind < nof_fault_kinds; ++kind) {
    const double rate = std::clamp(config.kinds[kind].rate, 0.0, 1.0);
    limits_[kind] = static_cast<std::uint64_t>(rate * 4294967296.0);
    is_active_ = is_active_ || limits_[kind] != 0;
  }
}

std::uint32_t fault_injector::word_of(const frame_key& key, std::uint32_t purpose) const noexcept
{
  const r123::Philox4x32::ctr_type counter = {{key.frame,
                                               static_cast<std::uint32_t>(key.slot),
                                               static_cast<std::uint32_t>(key.slot >> 32U),
                                               purpose / 4}};
  const r123::Philox4x32::key_type seed = {
      {static_cast<std::uint32_t>(config_.seed), static_cast<std::uint32_t>(config_.seed >> 32U)}};
  return r123::Philox4x32()(counter, seed).v[purpose % 4];
}

bool fault_injector::is_hit(const frame_key& key, fault_kind kind) const noexcept
{
  const std::uint64_t limit = limits_[static_cast<std::size_t>(kind)];
  return limit != 0 && word_of(key, static_cast<std::uint32_t>(kind)) < limit;
}

bool fault_injector::is_silent(std::uint64_t slot) noexcept
{
  if (limits_[static_cast<std::size_t>(fault_kind::silence)] == 0) {
    return false;
  }
  if (slot != known_slot_) {
    known_slot_ = slot;
    is_known_silent_ = false;
    const auto length = static_cast<std::uint64_t>(config_[fault_kind::silence].amount);
    for (std::uint64_t back = 0; back < length && back <= slot && !is_known_silent_; ++back) {
      is_known_silent_ = is_hit({slot - back, frame_of_slot_draws}, fault_kind::silence);
    }
  }
  return is_known_silent_;
}

bool fault_injector::is_lost_in_burst(const frame_key& key) noexcept
{
  if (burst_left_ == 0 && is_hit(key, fault_kind::loss_burst)) {
    burst_left_ = config_[fault_kind::loss_burst].amount;
  }
  const bool is_lost = burst_left_ > 0;
  burst_left_ -= is_lost ? 1 : 0;
  return is_lost;
}

frame_faults fault_injector::one(fault_kind kind) noexcept
{
  count(kind);
  return {bit(kind)};
}

frame_faults fault_injector::draw(const frame_key& key) noexcept
{
  if (!is_active_) {
    return {};
  }
  const bool is_in_burst = is_lost_in_burst(key);
  if (is_silent(key.slot)) {
    return one(fault_kind::silence);
  }
  if (is_in_burst) {
    return one(fault_kind::loss_burst);
  }
  if (is_hit(key, fault_kind::loss)) {
    return one(fault_kind::loss);
  }
  frame_faults faults;
  for (const fault_kind kind : {fault_kind::duplicate,
                                fault_kind::reorder,
                                fault_kind::bit_error,
                                fault_kind::truncate,
                                fault_kind::late,
                                fault_kind::early,
                                fault_kind::wrong_sequence,
                                fault_kind::wrong_vlan,
                                fault_kind::wrong_mac}) {
    faults.mask |= is_hit(key, kind) ? bit(kind) : 0;
  }
  if (is_hit({key.slot, frame_of_slot_draws}, fault_kind::slot_burst)) {
    faults.mask |= bit(fault_kind::slot_burst);
  }
  if (faults.has(fault_kind::late)) {
    faults.mask &= ~bit(fault_kind::early);
  }
  if (faults.has(fault_kind::duplicate)) {
    count(fault_kind::duplicate, static_cast<std::uint64_t>(config_[fault_kind::duplicate].amount));
  }
  for (const fault_kind kind :
       {fault_kind::reorder, fault_kind::late, fault_kind::early, fault_kind::slot_burst}) {
    count(kind, faults.has(kind) ? 1 : 0);
  }
  return faults;
}

bool fault_injector::ignores_cplane(std::uint64_t message) noexcept
{
  const frame_key key = {slot_of_cplane - (message >> 31U),
                         static_cast<std::uint32_t>(message & 0x7FFFFFFFU)};
  const bool is_ignored = is_hit(key, fault_kind::ignore_cplane);
  count(fault_kind::ignore_cplane, is_ignored ? 1 : 0);
  return is_ignored;
}

void fault_injector::change_headers(frame_faults faults,
                                    const frame_key& key,
                                    framing form,
                                    std::span<std::byte> frame) noexcept
{
  std::size_t pdu = 0;
  if (form == framing::ethernet) {
    link_frame link;
    if (parse_link(frame, any_udp_port, link)) {
      return;
    }
    pdu = static_cast<std::size_t>(link.pdu.data() - frame.data());
    if (faults.has(fault_kind::wrong_mac)) {
      // The fifth byte of both addresses: another station, still no group address.
      const auto flip = static_cast<std::byte>(1 + below(word_of(key, purpose_of_mac), 255));
      frame[4] ^= flip;
      frame[10] ^= flip;
      count(fault_kind::wrong_mac);
    }
    if (faults.has(fault_kind::wrong_vlan) && link.vlan != link_frame::no_vlan) {
      const std::size_t at = link.outer_vlan == link_frame::no_vlan ? 14 : 18;
      const auto step = static_cast<std::uint32_t>(1 + below(word_of(key, purpose_of_vlan), 4095));
      const std::uint32_t tag = load_be16(frame, at);
      store_be16(frame, at, (tag & 0xF000U) | (((tag & 0xFFFU) + step) & 0xFFFU));
      count(fault_kind::wrong_vlan);
    }
  }
  if (faults.has(fault_kind::wrong_sequence) && frame.size() > pdu + 6) {
    const auto step = static_cast<std::uint32_t>(1 + below(word_of(key, purpose_of_sequence), 255));
    store_u8(frame, pdu + 6, load_u8(frame, pdu + 6) + step);
    count(fault_kind::wrong_sequence);
  }
}

std::span<std::byte> fault_injector::damage(frame_faults faults,
                                            const frame_key& key,
                                            framing form,
                                            std::span<std::byte> frame) noexcept
{
  constexpr std::uint32_t header_kinds =
      bit(fault_kind::wrong_sequence) | bit(fault_kind::wrong_vlan) | bit(fault_kind::wrong_mac);
  if ((faults.mask & header_kinds) != 0) {
    change_headers(faults, key, form, frame);
  }
  if (faults.has(fault_kind::bit_error)) {
    // One bit in each of `bits` equal parts of the frame, so that no two cancel.
    const auto nof_bits =
        std::min(8 * frame.size(), static_cast<std::size_t>(config_[fault_kind::bit_error].amount));
    for (std::size_t i = 0; i < nof_bits; ++i) {
      const std::size_t begin = 8 * frame.size() * i / nof_bits;
      const std::size_t end = 8 * frame.size() * (i + 1) / nof_bits;
      const std::size_t at =
          begin + below(word_of(key, purpose_of_bits + static_cast<std::uint32_t>(i)), end - begin);
      frame[at / 8] ^= static_cast<std::byte>(0x80U >> at % 8);
    }
    count(fault_kind::bit_error);
  }
  // Linux drops a tagged frame of less than 20 bytes before any socket or counter sees it.
  const std::size_t shortest = form == framing::ethernet ? 20 : 1;
  if (faults.has(fault_kind::truncate) && frame.size() > shortest) {
    frame = frame.first(shortest + below(word_of(key, purpose_of_length), frame.size() - shortest));
    count(fault_kind::truncate);
  }
  return frame;
}

} // namespace pado::io
