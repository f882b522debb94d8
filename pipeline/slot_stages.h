// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/slot_report.h"
#include "phy/channel_estimate/channel_estimate.h"
#include "phy/decompress/decompress.h"
#include "phy/dmrs_ls/dmrs_ls.h"
#include "phy/equalise/equalise.h"
#include "phy/gold/gold.h"
#include "phy/ldpc_decode/ldpc_decode.h"
#include "phy/ofdm/ofdm.h"
#include "phy/polar/polar_decode.h"
#include "phy/rate_dematch/rate_dematch.h"
#include "phy/slot_program/slot_program.h"
#include "phy/small_block/small_block_decode.h"
#include "phy/tb_assemble/tb_assemble.h"
#include "phy/uci_mux/uci_demux.h"
#include <optional>

namespace pado::pipeline {

/// Checked plans of every stage of one cell.
struct slot_pipeline_plan {
  phy::slot_program_plan program;
  phy::gold_plan gold;
  phy::dmrs_ls_plan dmrs_ls;
  phy::channel_estimate_plan channel_estimate;
  phy::equalise_plan equalise;
  phy::uci_demux_plan uci_demux;
  phy::small_block_decode_plan small_block_decode;
  phy::polar_decode_plan polar_decode;
  phy::rate_dematch_plan rate_dematch;
  phy::ldpc_decode_plan ldpc_decode;
  phy::tb_assemble_plan tb_assemble;
  phy::decompress_plan decompress;
  std::optional<phy::ofdm_plan> ofdm; ///< for time-domain input
  std::int32_t max_sections = 0;
  std::int32_t max_packet_bytes = 0;
};

/// The task arrays of a slot program in the memory of a back end.
template <backend B>
struct slot_tasks {
  template <class T>
  using array = view<const T, 1, memory_of<B>>;

  array<phy::gold_task> gold;
  array<phy::dmrs_ls_task> dmrs_ls;
  array<phy::channel_estimate_task> estimates;
  array<phy::equalise_pdu> pdus;
  array<phy::equalise_tile> tiles;
  array<phy::uci_demux_task> uci;
  array<phy::small_block_decode_task> small_blocks;
  array<phy::polar_decode_task> polar;
  array<phy::polar_code> polar_codes;
  array<phy::rate_dematch_task> rate_dematch;
  array<phy::ldpc_decode_task> blocks;
  array<phy::tb_assemble_task> tbs;
};

/// Everything between two stages, allocated once for the limits of the cell.
template <backend B>
struct slot_arenas {
  template <class T>
  using arena = buffer<T, memory_of<B>>;

  explicit slot_arenas(const slot_pipeline_plan& plan);

  arena<std::uint32_t> words;
  arena<cf32> ls;
  arena<cf32> h;
  arena<phy::channel_estimate_info> info;
  arena<std::int8_t> llr;
  arena<phy::equalise_quality> quality;
  arena<std::uint8_t> uci_bits;
  arena<phy::small_block_decode_status> small_block_status;
  arena<phy::polar_decode_status> polar_status;
  arena<std::uint8_t> block_bytes;
  arena<phy::ldpc_decode_status> block_status;
  arena<std::uint8_t> payload;
  arena<phy::tb_assemble_status> tb_status;
};

template <backend B>
slot_arenas<B>::slot_arenas(const slot_pipeline_plan& plan)
{
  const phy::slot_limits& limits = plan.program.limits;
  const phy::slot_sizes& sizes = plan.program.sizes;
  const auto ports = static_cast<std::size_t>(limits.nof_rx_ports);
  const auto count = [](std::int32_t n) { return static_cast<std::size_t>(n); };
  words = arena<std::uint32_t>(count(sizes.words));
  ls = arena<cf32>(ports * count(sizes.pilots));
  h = arena<cf32>(ports * count(sizes.estimates));
  info = arena<phy::channel_estimate_info>(count(limits.max_pdus));
  llr = arena<std::int8_t>(count(sizes.llrs) + count(sizes.demuxed));
  quality = arena<phy::equalise_quality>(count(sizes.tiles) * phy::max_nof_layers);
  uci_bits = arena<std::uint8_t>(count(sizes.uci_bits));
  small_block_status = arena<phy::small_block_decode_status>(count(sizes.small_blocks));
  polar_status = arena<phy::polar_decode_status>(count(sizes.polar_blocks));
  block_bytes = arena<std::uint8_t>(count(sizes.block_bytes));
  block_status = arena<phy::ldpc_decode_status>(count(sizes.blocks));
  payload = arena<std::uint8_t>(count(sizes.payload_bytes));
  tb_status = arena<phy::tb_assemble_status>(count(limits.max_pdus));
}

/// The stages from the grid to transport blocks.
template <backend B>
struct slot_stages {
  explicit slot_stages(const slot_pipeline_plan& plan)
      : gold(plan.gold), dmrs_ls(plan.dmrs_ls), channel_estimate(plan.channel_estimate),
        equalise(plan.equalise), uci_demux(plan.uci_demux), small_block_decode(plan.small_block_decode),
        polar_decode(plan.polar_decode), rate_dematch(plan.rate_dematch), ldpc_decode(plan.ldpc_decode),
        tb_assemble(plan.tb_assemble)
  {
  }

  phy::gold<B> gold;
  phy::dmrs_ls<B> dmrs_ls;
  phy::channel_estimate<B> channel_estimate;
  phy::equalise<B> equalise;
  phy::uci_demux<B> uci_demux;
  phy::small_block_decode<B> small_block_decode;
  phy::polar_decode<B> polar_decode;
  phy::rate_dematch<B> rate_dematch;
  phy::ldpc_decode<B> ldpc_decode;
  phy::tb_assemble<B> tb_assemble;
};

/// What the stages read besides the tasks.
template <backend B>
struct slot_inputs {
  view<const ch16, 3, memory_of<B>> grid;
  view<const std::uint8_t, 3, memory_of<B>> received;
  view<std::int8_t, 1, memory_of<B>> soft; ///< HARQ memory of the cell
  phy::slot_sizes sizes;                   ///< of the arenas
};

/// Takes UCI out of the code words and decodes it. Costs nothing in a slot without UCI.
template <backend B>
void run_uci(slot_stages<B>& stages,
             const slot_tasks<B>& tasks,
             const slot_arenas<B>& arenas,
             const phy::slot_sizes& sizes,
             queue<B> q) noexcept
{
  if (tasks.uci.extent(0) == 0) {
    return;
  }
  const auto llr = arenas.llr.as(sizes.llrs + sizes.demuxed);
  const auto bits = arenas.uci_bits.as(sizes.uci_bits);
  stages.uci_demux.run({tasks.uci, llr, arenas.words.as(sizes.words)}, {llr}, q);
  stages.small_block_decode.run(
      {tasks.small_blocks, llr}, {bits, arenas.small_block_status.as(tasks.small_blocks.extent(0))}, q);
  stages.polar_decode.run(
      {tasks.polar, tasks.polar_codes, llr}, {bits, arenas.polar_status.as(tasks.polar.extent(0))}, q);
}

/// Runs every stage from the grid on. done(stage) is called after each: the CPU reads a clock, CUDA records
/// an event.
template <backend B, class Done>
void run_stages(slot_stages<B>& stages,
                const slot_tasks<B>& tasks,
                const slot_inputs<B>& in,
                const slot_arenas<B>& arenas,
                queue<B> q,
                const Done& done) noexcept
{
  const std::int32_t ports = in.grid.extent(0);
  const phy::slot_sizes& sizes = in.sizes;
  const auto words = arenas.words.as(sizes.words);
  const auto ls = arenas.ls.as(ports, sizes.pilots);
  const auto h = arenas.h.as(ports, sizes.estimates);
  const auto info = arenas.info.as(tasks.estimates.extent(0));
  const auto llr = arenas.llr.as(sizes.llrs + sizes.demuxed);
  const auto quality = arenas.quality.as(tasks.tiles.extent(0), phy::max_nof_layers);
  const auto bytes = arenas.block_bytes.as(sizes.block_bytes);
  const auto status = arenas.block_status.as(tasks.blocks.extent(0));
  stages.gold.run({tasks.gold}, {words}, q);
  done(stage_id::sequences);
  stages.dmrs_ls.run({tasks.dmrs_ls, words, in.grid, in.received}, {ls}, q);
  done(stage_id::dmrs_ls);
  stages.channel_estimate.run({tasks.estimates, ls, in.received}, {h, info}, q);
  done(stage_id::channel_estimate);
  stages.equalise.run({tasks.tiles, tasks.pdus, info, in.grid, in.received, h, words}, {llr, quality}, q);
  done(stage_id::equalise);
  run_uci<B>(stages, tasks, arenas, sizes, q);
  done(stage_id::uci);
  stages.rate_dematch.run({tasks.rate_dematch, llr}, {in.soft}, q);
  done(stage_id::rate_dematch);
  stages.ldpc_decode.run({tasks.blocks, in.soft}, {bytes, status}, q);
  done(stage_id::ldpc_decode);
  stages.tb_assemble.run({tasks.tbs, bytes, status},
                         {arenas.payload.as(sizes.payload_bytes), arenas.tb_status.as(tasks.tbs.extent(0))},
                         q);
  done(stage_id::tb_assemble);
}

} // namespace pado::pipeline
