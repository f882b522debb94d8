// SPDX-License-Identifier: Apache-2.0
#include "mac/scheduler/harq.h"
#include <cstddef>

namespace pado::mac {

std::uint8_t rv_of_transmission(std::int32_t transmission)
{
  constexpr std::uint8_t sequence[] = {0, 2, 3, 1};
  return sequence[transmission % 4];
}

std::int32_t harq_entity::idle_process(const harq_config& config) const noexcept
{
  for (std::int32_t id = 0; id < config.nof_processes; ++id) {
    if (processes[static_cast<std::size_t>(id)].state == harq_state::idle) {
      return id;
    }
  }
  return -1;
}

harq_outcome failed(const harq_config& config, harq_process& process) noexcept
{
  const bool is_last = process.nof_transmissions >= config.max_transmissions;
  process.state = is_last ? harq_state::idle : harq_state::pending;
  return is_last ? harq_outcome::given_up : harq_outcome::retransmit;
}

harq_outcome
answer(const harq_config& config, harq_entity& entity, const pusch_report& report, slot_id slot) noexcept
{
  const std::uint8_t id = report.pdu.harq_process_id;
  if (id >= config.nof_processes) {
    return harq_outcome::unexpected;
  }
  harq_process& process = entity.processes[id];
  if (process.state != harq_state::waiting || process.slot != slot) {
    return harq_outcome::unexpected;
  }
  if (report.dtx) {
    const harq_outcome outcome = failed(config, process);
    return outcome == harq_outcome::given_up ? outcome : harq_outcome::dtx;
  }
  if (!report.tb_crc_ok) {
    ++process.nof_heard;
    return failed(config, process);
  }
  process.state = harq_state::idle;
  return harq_outcome::acked;
}

} // namespace pado::mac
