// SPDX-License-Identifier: Apache-2.0
#include "phy/slot_program/uci_tasks.h"
#include "phy/polar/uci_polar.h"

namespace pado::phy {

namespace {

/// Tasks of one stream, `nof_llr` soft bits from stream.llr_begin on.
uci_part add_decoder(const pusch_pdu& pdu, const uci_stream& stream, std::int32_t nof_llr, slot_program& out)
{
  uci_part part;
  part.nof_bits = stream.nof_bits;
  part.bits_begin = out.nof_uci_bits;
  if (stream.nof_bits == 0) {
    return part;
  }
  if (stream.nof_bits <= max_small_block_bits) {
    part.first_task = out.small_blocks.size();
    out.small_blocks.push({stream.nof_bits, pdu.qam_mod_order, stream.llr_begin, nof_llr, part.bits_begin});
    out.nof_uci_bits += stream.nof_bits;
    return part;
  }
  const auto layout = plan_uci_polar(stream.nof_bits, nof_llr);
  assert(layout && "cut_pusch refuses what has no code");
  const uci_polar_layout& uci = layout.value();
  part.first_task = out.polar.size();
  part.nof_polar = uci.nof_segments;
  part.bits_begin += uci.pad_bits;
  for (std::int32_t segment = 0; segment < uci.nof_segments; ++segment) {
    out.polar.push({out.polar_codes.size(),
                    stream.llr_begin + segment * uci.code.nof_coded,
                    out.nof_uci_bits + segment * uci.segment_bits(),
                    uci.crc});
  }
  out.polar_codes.push(plan_polar_code(uci.code).value());
  out.nof_uci_bits += uci.nof_segments * uci.segment_bits();
  return part;
}

} // namespace

std::int32_t
add_uci(const slot_program_plan& plan, const pusch_pdu& pdu, const uci_layout& layout, slot_program& out)
{
  const equalise_pdu& from = out.pdus[out.pdus.size() - 1];
  std::int32_t end = plan.sizes.llrs + out.nof_demuxed;
  const auto place = [&](std::int32_t nof_res) {
    const std::int32_t begin = end;
    end += nof_res * layout.re_bits;
    return begin;
  };
  uci_demux_task task = {layout, pdu.qam_mod_order, from.llr_begin, from.words_begin, 0, {}, {}, {}};
  task.ulsch_begin = place(layout.ulsch_res);
  task.ack = {pdu.uci.harq_ack_bits, place(layout.ack_res)};
  task.csi1 = {pdu.uci.csi1_bits, place(layout.csi1_res)};
  task.csi2 = {pdu.uci.csi2_bits, place(layout.csi2_res)};
  out.nof_demuxed = end - plan.sizes.llrs;
  assert(out.nof_demuxed <= plan.sizes.demuxed);
  out.uci.push(task);
  out.uci_places.push({out.pdus.size() - 1,
                       add_decoder(pdu, task.ack, layout.ack_res * layout.re_bits, out),
                       add_decoder(pdu, task.csi1, layout.csi1_res * layout.re_bits, out),
                       add_decoder(pdu, task.csi2, layout.csi2_res * layout.re_bits, out)});
  return task.ulsch_begin;
}

} // namespace pado::phy
