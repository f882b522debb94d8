// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "core/slot_plan.h"
#include "core/slot_report.h"
#include "core/uplink_slot.h"
#include "pipeline/slot_stages.h"
#include <memory>
#include <span>
#include <string>

namespace pado::pipeline {

/// Limits of the receiver of one cell.
struct slot_pipeline_config {
  phy::slot_limits limits;
  std::optional<phy::ofdm_config> ofdm;            ///< set when the input is time domain
  std::int32_t max_sections = 4096;                ///< U-plane sections of one slot
  std::int32_t max_packet_bytes = 4 * 1024 * 1024; ///< U-plane bytes of one slot
};

result<slot_pipeline_plan> plan_slot_pipeline(const slot_pipeline_config& config);

/// The receiver of one cell: samples of a slot and what to decode in it go in, the report comes out.
///
/// One object serves one slot at a time; several objects of one cell may share HARQ memory, because places
/// given by harq_pool never overlap. On CUDA everything from the packets' samples to the transport blocks
/// runs on one stream and only results return.
template <backend B>
class slot_pipeline {
public:
  /// soft  HARQ memory of the cell, harq_pool::memory_bytes() long
  /// \errors throws std::bad_alloc, and std::runtime_error when there is no device
  slot_pipeline(const slot_pipeline_plan& plan, view<std::int8_t, 1, memory_of<B>> soft, const clock& time);
  ~slot_pipeline();
  slot_pipeline(const slot_pipeline&) = delete;
  slot_pipeline& operator=(const slot_pipeline&) = delete;

  /// Decodes one slot and waits for the result.
  ///
  /// places  [pdu of the plan]  from harq_pool
  /// report  overwritten; its vectors keep their memory from slot to slot
  void run(const uplink_slot& slot,
           const slot_plan& plan,
           std::span<const phy::harq_place> places,
           slot_report& report) noexcept;

  /// Compiled form of the last slot, for tests and for printing what a slot will do.
  const phy::slot_program& program() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Whether this build and this machine can run a back end: nothing, or why not and what to do.
std::optional<error> check_backend(backend wanted);

/// Host copies of what the stages found, as the report builder reads them.
struct slot_findings {
  view<const phy::channel_estimate_info, 1> info; ///< [decoded pdu]
  view<const phy::equalise_quality, 2> quality;   ///< [tile][layer]
  view<const std::uint8_t, 1> uci_bits;
  view<const phy::small_block_decode_status, 1> small_blocks; ///< [small block]
  view<const phy::polar_decode_status, 1> polar;              ///< [polar block]
  view<const phy::tb_assemble_status, 1> tb_status;           ///< [decoded pdu]
  view<const std::uint8_t, 1> payload;
};

/// Puts findings into words: one pusch_report a decoded PDU, refused ones by name.
void build_report(const uplink_slot& slot,
                  const slot_plan& plan,
                  const phy::slot_program& program,
                  const slot_findings& found,
                  slot_report& report);

} // namespace pado::pipeline
