// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/ru_capture.h"
#include "apps/ru_cell.h"
#include "apps/ru_counters.h"
#include "apps/ru_frame.h"
#include "apps/ru_grants.h"
#include "apps/ru_requests.h"
#include "apps/ru_timing.h"
#include "io/oran/cplane.h"
#include "io/oran/uplane_builder.h"
#include <memory>
#include <optional>
#include <vector>

namespace pado::apps {

/// One radio unit: a scenario's cell and link, and where its samples come from.
struct ru_unit_config {
  std::shared_ptr<const ru_cell_plan> cell;
  std::shared_ptr<const ru_waveform> waveform;
  std::shared_ptr<const ru_capture> capture; ///< instead of a waveform: is_unsolicited then
  std::shared_ptr<ru_grant_desk> desk;       ///< closed loop: UEs obey its grants; else null
  io::fault_config faults;
  bool is_unsolicited = false; ///< sends by the clock, asks for no C-plane
};

/// A radio unit in an emulator: what it was asked for, and the frames that come of it.
///
/// A symbol is looked at once, `early` fault time before its frames are due; what has not been asked for by
/// then is late.
class ru_unit {
public:
  /// index     of the unit in its emulator
  /// sfn0_ns   begin of some SFN 0 in the system clock
  /// start_ns  where the clock's drift is 0
  ru_unit(const ru_unit_config& config, std::uint16_t index, std::int64_t sfn0_ns, std::int64_t start_ns);
  ~ru_unit();
  ru_unit(const ru_unit&) = delete;
  ru_unit& operator=(const ru_unit&) = delete;

  /// Slots of a closed loop whose frames may still be waiting, with so much of the late fault.
  static std::size_t kept_slots(const io::fault_setting& late, numerology scs);

  const ru_timing& timing() const noexcept { return timing_; }
  const io::fault_injector& faults() const noexcept { return faults_; }
  io::fault_injector& faults() noexcept { return faults_; }

  /// The flow of an eAxC: rx ports, then PRACH.
  std::optional<std::uint16_t> flow_of(std::uint16_t eaxc) const noexcept;
  bool is_addressed(const io::link_frame& link, bool is_only_unit) const noexcept;

  /// Takes a section of a C-plane message that arrived at arrival_ns; a reason when it is not taken.
  std::optional<cplane_drop> take(std::uint16_t flow,
                                  const io::c_header& header,
                                  const io::c_section& section,
                                  std::int64_t arrival_ns) noexcept;

  /// When advance() has something to do next.
  std::int64_t event_ns() const noexcept;
  /// Queues the frames of all symbols whose time has come.
  void advance(std::int64_t now_ns, ru_frame_queue& queue, ru_counters& count) noexcept;

  /// Writes a frame of this unit as the port wants it: `out` has max_frame_bytes.
  std::span<std::byte>
  write(const ru_frame& frame, io::framing form, std::span<std::byte> out) const noexcept;
  std::size_t max_frame_bytes() const noexcept;

private:
  struct section_place;
  std::int64_t event_ns(std::int64_t slot, std::int32_t symbol) const noexcept;
  std::optional<cplane_drop> place(std::uint16_t flow,
                                   const io::c_header& header,
                                   const io::c_section& section,
                                   ru_request& to) const noexcept;
  void place_prach(const io::c_header& header, ru_request& to) const noexcept;
  void open(std::int64_t slot) noexcept;
  void plan_own();
  std::vector<ru_request> requests_of(std::uint32_t symbols, const std::vector<prb_range>& ranges) const;
  void skip_to(std::int64_t slot, ru_counters& count) noexcept;
  void run(std::int64_t slot, std::int32_t symbol, ru_frame_queue& queue, ru_counters& count) noexcept;
  void add_section(const section_place& at, ru_frame_queue& queue, ru_counters& count) noexcept;
  void
  add_prach(const ru_request& request, std::int64_t slot, ru_frame_queue& queue, ru_counters& count) noexcept;
  void
  add_captured(std::int64_t slot, std::int32_t symbol, ru_frame_queue& queue, ru_counters& count) noexcept;
  void add_frame(ru_frame frame, std::int64_t due_ns, ru_frame_queue& queue, ru_counters& count) noexcept;
  const std::byte* row_of(std::int64_t slot, std::int32_t port, std::int32_t symbol) const noexcept;
  void take_granted(std::int64_t slot, ru_counters& count) noexcept;

  ru_unit_config config_;
  std::uint16_t index_;
  ru_timing timing_;
  io::fault_injector faults_;
  std::vector<io::u_flow_settings> flows_; ///< rx ports, then PRACH
  std::vector<std::uint8_t> sequences_;    ///< one a flow
  std::int32_t nof_ports_ = 0;
  std::size_t link_bytes_ = 0;
  std::size_t prb_bytes_ = 0;
  std::int64_t delay_ns_ = 0; ///< from the end of a symbol to its frames
  std::int64_t lead_ns_ = 0;  ///< of the earliest frame before its time

  std::vector<std::vector<ru_request>> own_; ///< unsolicited: [slot modulo size]
  ru_request_ring ring_;
  bool is_started_ = false;
  std::int64_t slot_ = 0;   ///< the first that is not done
  std::int32_t symbol_ = 0; ///< the first of it that is not done
  std::int64_t newest_ = 0; ///< the last that something was asked of
  std::uint32_t frame_in_slot_ = 0;

  // Closed loop: slots whose frames may still be waiting to be sent, by slot modulo size.
  std::vector<ru_grant_desk::made_slot*> granted_;
  std::int64_t taken_ = -1; ///< the last slot that the desk was asked for
};

} // namespace pado::apps
