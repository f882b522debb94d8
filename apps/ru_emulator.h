// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/ru_counters.h"
#include "apps/ru_frame.h"
#include "apps/ru_unit.h"
#include "core/clock.h"
#include "io/ecpri/ecpri.h"
#include "io/port/port.h"
#include <atomic>
#include <memory>
#include <span>
#include <vector>

namespace pado::apps {

struct ru_emulator_config {
  std::vector<ru_unit_config> units;
  std::int64_t sfn0_ns = 0;                        ///< io::sfn0_of_utc_ns(alpha, beta)
  std::int64_t start_ns = 0;                       ///< where clock drifts are 0
  std::size_t max_waiting = std::size_t{1} << 16U; ///< frames made and not yet due
};

/// Radio units behind one port: answers C-plane with U-plane of the sections asked for, at the time at which
/// a unit would send it, with faults on purpose.
///
/// Single-threaded: step() with any clock. The samples were made before; a frame is put together when it is
/// due.
class ru_emulator {
public:
  /// `link` outlives the emulator.
  ru_emulator(const ru_emulator_config& config, io::port& link);

  /// Takes what has come, sends what is due at now_ns. No allocation, lock or wait.
  void step(std::int64_t now_ns) noexcept;
  /// When step() has something to send next, as far as is known now; INT64_MAX: nothing.
  std::int64_t next_ns() const noexcept;

  const ru_counters& counters() const noexcept { return count_; }
  /// Sum over the units.
  std::uint64_t injected(io::fault_kind kind) const noexcept;
  /// Frames made and not yet sent.
  std::size_t nof_waiting() const noexcept { return queue_.size() + held_.size(); }
  const ru_unit& unit(std::size_t index) const { return *units_[index]; }

private:
  /// A reordered frame, until so many others have gone.
  struct held_frame {
    ru_frame frame;
    std::int32_t nof_ahead;
    std::int64_t until_ns; ///< goes then in any case
  };
  void receive() noexcept;
  void take_frame(const io::rx_frame& frame) noexcept;
  std::optional<cplane_drop> take_message(const io::ecpri_message& message,
                                          const io::link_frame* link,
                                          std::int64_t arrival_ns) noexcept;
  ru_unit* find_unit(const io::link_frame* link, std::uint16_t eaxc, std::uint16_t& flow) noexcept;
  void send_due(std::int64_t now_ns) noexcept;
  void send(const ru_frame& frame, std::int64_t now_ns) noexcept;
  void emit(const ru_frame& frame, std::int64_t now_ns) noexcept;
  void flush() noexcept;

  io::port& link_;
  std::vector<std::unique_ptr<ru_unit>> units_;
  ru_counters count_;
  std::uint64_t nof_cplane_ = 0;

  ru_frame_queue queue_;
  std::vector<held_frame> held_;
  std::vector<std::byte> burst_memory_;
  std::size_t burst_stride_ = 0;
  std::vector<io::packet> burst_;
};

struct ru_loop_settings {
  std::int64_t spin_ns =
      0; ///< busy before a frame is due, instead of sleeping: costs a core, gains precision
};

/// Steps until `stop`; sleeps in between. The thread that calls it is the port's.
void run_ru(ru_emulator& emulator,
            io::port& link,
            const clock& time,
            const std::atomic<bool>& stop,
            const ru_loop_settings& how = {});

} // namespace pado::apps
