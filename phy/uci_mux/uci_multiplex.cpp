// SPDX-License-Identifier: Apache-2.0
#include "phy/uci_mux/uci_multiplex.h"
#include "phy/polar/uci_polar.h"
#include "phy/small_block/small_block.h"
#include <vector>

namespace pado::phy {

namespace {

using coded_stream = std::vector<small_block_bit>;

result<coded_stream>
code_stream(std::span<const std::uint8_t> bits, std::int32_t nof_coded, std::int32_t qam_mod_order)
{
  coded_stream out(static_cast<std::size_t>(nof_coded));
  if (bits.empty()) {
    return out;
  }
  const view<const std::uint8_t, 1> payload(bits.data(), static_cast<std::int32_t>(bits.size()));
  if (payload.extent(0) <= max_small_block_bits) {
    encode_small_block(payload, qam_mod_order, view<small_block_bit, 1>(out.data(), nof_coded));
    return out;
  }
  std::vector<std::uint8_t> coded(out.size());
  if (auto done = encode_uci_polar(payload, view<std::uint8_t, 1>(coded.data(), nof_coded)); !done) {
    return done.failure();
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = coded[i] != 0 ? small_block_bit::one : small_block_bit::zero;
  }
  return out;
}

std::uint32_t bit_of(std::span<const std::uint32_t> words, std::int32_t bit)
{
  return (words[static_cast<std::size_t>(bit / 32)] >> (bit % 32)) & 1U;
}

/// What a coded bit is before scrambling, so that a placeholder becomes after it what it must.
std::uint32_t resolved(small_block_bit value,
                       std::int32_t bit,
                       std::span<const std::uint32_t> scrambling,
                       std::span<const std::uint32_t> code)
{
  switch (value) {
  case small_block_bit::set:
    return 1U ^ bit_of(scrambling, bit);
  case small_block_bit::repeated:
    return bit_of(code, bit - 1) ^ bit_of(scrambling, bit - 1) ^ bit_of(scrambling, bit);
  default:
    return value == small_block_bit::one ? 1U : 0U;
  }
}

} // namespace

result<nothing> multiplex_uci(const uci_layout& layout,
                              std::int32_t qam_mod_order,
                              std::span<const std::uint8_t> ulsch,
                              const uci_payload& uci,
                              std::span<const std::uint32_t> scrambling,
                              std::span<std::uint32_t> code)
{
  const auto ack = code_stream(uci.harq_ack, layout.ack_res * layout.re_bits, qam_mod_order);
  const auto csi1 = code_stream(uci.csi1, layout.csi1_res * layout.re_bits, qam_mod_order);
  const auto csi2 = code_stream(uci.csi2, layout.csi2_res * layout.re_bits, qam_mod_order);
  for (const auto* stream : {&ack, &csi1, &csi2}) {
    if (!*stream) {
      return stream->failure();
    }
  }
  assert(static_cast<std::int32_t>(ulsch.size()) == layout.ulsch_bits());
  for (const uci_symbol& symbol : layout.symbols) {
    for (std::int32_t k = 0; k < symbol.nof_re; ++k) {
      const uci_re re = content_of(symbol, layout.is_punctured != 0, k);
      const coded_stream* from = re.ack >= 0    ? &ack.value()
                                 : re.csi1 >= 0 ? &csi1.value()
                                 : re.csi2 >= 0 ? &csi2.value()
                                                : nullptr;
      const std::int32_t index = re.ack >= 0    ? re.ack
                                 : re.csi1 >= 0 ? re.csi1
                                 : re.csi2 >= 0 ? re.csi2
                                                : re.ulsch;
      for (std::int32_t i = 0; i < layout.re_bits; ++i) {
        const std::int32_t bit = (symbol.re_begin + k) * layout.re_bits + i;
        const auto at = static_cast<std::size_t>(index * layout.re_bits + i);
        const std::uint32_t value =
            from == nullptr ? std::uint32_t{ulsch[at]} : resolved((*from)[at], bit, scrambling, code);
        code[static_cast<std::size_t>(bit / 32)] |= value << (bit % 32);
      }
    }
  }
  return nothing{};
}

} // namespace pado::phy
