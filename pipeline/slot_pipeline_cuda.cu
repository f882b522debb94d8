// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/event.h"
#include "phy/slot_program/pack_tasks.h"
#include "pipeline/slot_pipeline.h"
#include <cuda_runtime.h>
#include <stdexcept>

namespace pado::pipeline {

namespace {

constexpr backend cuda = backend::cuda;

/// Pinned copies of what comes back from the device.
struct host_findings {
  explicit host_findings(const slot_pipeline_plan& plan)
      : info(static_cast<std::size_t>(plan.program.limits.max_pdus)),
        quality(static_cast<std::size_t>(plan.program.sizes.tiles) * phy::max_nof_layers),
        uci_bits(static_cast<std::size_t>(plan.program.sizes.uci_bits)),
        small_blocks(static_cast<std::size_t>(plan.program.sizes.small_blocks)),
        polar(static_cast<std::size_t>(plan.program.sizes.polar_blocks)),
        tb_status(static_cast<std::size_t>(plan.program.limits.max_pdus)),
        payload(static_cast<std::size_t>(plan.program.sizes.payload_bytes))
  {
  }
  pinned_buffer<phy::channel_estimate_info> info;
  pinned_buffer<phy::equalise_quality> quality;
  pinned_buffer<std::uint8_t> uci_bits;
  pinned_buffer<phy::small_block_decode_status> small_blocks;
  pinned_buffer<phy::polar_decode_status> polar;
  pinned_buffer<phy::tb_assemble_status> tb_status;
  pinned_buffer<std::uint8_t> payload;
};

template <class T>
bool copy_back(T* to, const T* from, std::int64_t n, cudaStream_t stream)
{
  return n == 0 ||
         cudaMemcpyAsync(to, from, static_cast<std::size_t>(n) * sizeof(T), cudaMemcpyDeviceToHost, stream) ==
             cudaSuccess;
}

template <class T>
bool copy_up(T* to, const T* from, std::int64_t n, cudaStream_t stream)
{
  return n == 0 ||
         cudaMemcpyAsync(to, from, static_cast<std::size_t>(n) * sizeof(T), cudaMemcpyHostToDevice, stream) ==
             cudaSuccess;
}

} // namespace

template <>
struct slot_pipeline<cuda>::state {
  state(const slot_pipeline_plan& p, view<std::int8_t, 1, memory::device> s)
      : plan(p), soft(s), program(p.program), arenas(p), stages(p), decompress(p.decompress),
        tasks_staging(program.capacity_bytes()), tasks_memory(program.capacity_bytes()),
        bytes(static_cast<std::size_t>(p.max_packet_bytes)),
        sections(static_cast<std::size_t>(p.max_sections)),
        received(static_cast<std::size_t>(p.program.limits.nof_rx_ports) * nof_symbols_per_slot *
                 static_cast<std::size_t>(p.program.limits.nof_prb)),
        grid_memory(static_cast<std::size_t>(p.program.limits.nof_rx_ports) * nof_symbols_per_slot *
                    nof_subcarriers_per_prb * static_cast<std::size_t>(p.program.limits.nof_prb)),
        found(p)
  {
    if (plan.ofdm) {
      ofdm.emplace(*plan.ofdm);
      const std::int32_t nof_samples = phy::slot_samples(*plan.ofdm, 0);
      samples = buffer<cf32, memory::device>(static_cast<std::size_t>(nof_samples) *
                                             static_cast<std::size_t>(plan.program.limits.nof_rx_ports));
    }
    if (cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) != cudaSuccess) {
      throw std::runtime_error("no CUDA stream could be made: is there a device?");
    }
  }
  ~state() { cudaStreamDestroy(stream); }

  slot_pipeline_plan plan;
  view<std::int8_t, 1, memory::device> soft;
  phy::slot_program program;
  slot_arenas<cuda> arenas;
  slot_stages<cuda> stages;
  phy::decompress<cuda> decompress;
  std::optional<phy::ofdm<cuda>> ofdm;
  phy::packed_tasks packed;
  pinned_buffer<std::byte> tasks_staging;
  buffer<std::byte, memory::device> tasks_memory;
  buffer<std::byte, memory::device> bytes;
  buffer<iq_section, memory::device> sections;
  buffer<std::uint8_t, memory::device> received;
  buffer<cf32, memory::device> samples;
  buffer<ch16, memory::device> grid_memory;
  host_findings found;
  std::array<device_event, nof_stages + 1> events;
  cudaStream_t stream = nullptr;

  template <class T>
  view<const T, 1, memory::device> on_device(const phy::packed_list& list) const
  {
    return view<const T, 1, memory::device>(
        reinterpret_cast<const T*>(tasks_memory.data() + list.begin_bytes), list.size);
  }

  slot_tasks<cuda> tasks() const
  {
    return {on_device<phy::gold_task>(packed.gold),
            on_device<phy::dmrs_ls_task>(packed.dmrs_ls),
            on_device<phy::channel_estimate_task>(packed.estimates),
            on_device<phy::equalise_pdu>(packed.pdus),
            on_device<phy::equalise_tile>(packed.tiles),
            on_device<phy::uci_demux_task>(packed.uci),
            on_device<phy::small_block_decode_task>(packed.small_blocks),
            on_device<phy::polar_decode_task>(packed.polar),
            on_device<phy::polar_code>(packed.polar_codes),
            on_device<phy::rate_dematch_task>(packed.rate_dematch),
            on_device<phy::ldpc_decode_task>(packed.blocks),
            on_device<phy::tb_assemble_task>(packed.tbs)};
  }

  /// The tasks of the compiled program, in one copy.
  bool upload_tasks()
  {
    packed = phy::pack_tasks(program, {tasks_staging.data(), tasks_staging.size()});
    return copy_up(
        tasks_memory.data(), tasks_staging.data(), static_cast<std::int64_t>(packed.nof_bytes), stream);
  }

  bool upload_samples(const uplink_slot& slot)
  {
    const std::int32_t n = slot.samples.extent(1);
    bool ok = true;
    for (std::int32_t port = 0; port < slot.samples.extent(0); ++port) {
      ok = ok &&
           copy_up(samples.data() + static_cast<std::ptrdiff_t>(port) * n, &slot.samples(port, 0), n, stream);
    }
    return ok;
  }

  bool front_end(const uplink_slot& slot)
  {
    const phy::slot_limits& limits = plan.program.limits;
    const auto grid =
        grid_memory.as(limits.nof_rx_ports, nof_symbols_per_slot, nof_subcarriers_per_prb * limits.nof_prb);
    bool ok = upload_tasks() && copy_up(received.data(), slot.received.data(), slot.received.size(), stream);
    if (slot.grid.size() > 0) {
      return ok && copy_up(grid.data(), slot.grid.data(), slot.grid.size(), stream);
    }
    if (slot.samples.size() > 0) {
      assert(ofdm && "time-domain input needs slot_pipeline_config::ofdm");
      ok = ok && upload_samples(slot);
      ofdm->run({samples.as(slot.samples.extent(0), slot.samples.extent(1)),
                 slot.slot.slot % limits.scs.slots_per_subframe()},
                {grid},
                {stream});
      return ok;
    }
    // Packets that do not fit are refused by the source (slot assembly has the same limits); never written
    // past the end.
    ok = ok && slot.bytes.size() <= static_cast<std::int64_t>(bytes.size()) &&
         slot.sections.size() <= static_cast<std::int64_t>(sections.size());
    if (!ok) {
      return false;
    }
    ok = copy_up(bytes.data(), slot.bytes.data(), slot.bytes.size(), stream) &&
         copy_up(sections.data(), slot.sections.data(), slot.sections.size(), stream);
    decompress.run({bytes.as(slot.bytes.extent(0)), sections.as(slot.sections.extent(0))}, {grid}, {stream});
    return ok;
  }

  bool download()
  {
    return copy_back(found.info.data(), arenas.info.data(), program.tbs.size(), stream) &&
           copy_back(found.quality.data(),
                     arenas.quality.data(),
                     static_cast<std::int64_t>(program.tiles.size()) * phy::max_nof_layers,
                     stream) &&
           copy_back(found.uci_bits.data(), arenas.uci_bits.data(), program.nof_uci_bits, stream) &&
           copy_back(found.small_blocks.data(),
                     arenas.small_block_status.data(),
                     program.small_blocks.size(),
                     stream) &&
           copy_back(found.polar.data(), arenas.polar_status.data(), program.polar.size(), stream) &&
           copy_back(found.tb_status.data(), arenas.tb_status.data(), program.tbs.size(), stream) &&
           copy_back(found.payload.data(), arenas.payload.data(), program.nof_payload_bytes, stream);
  }
};

template <>
slot_pipeline<cuda>::slot_pipeline(const slot_pipeline_plan& plan,
                                   view<std::int8_t, 1, memory::device> soft,
                                   const clock&)
    : state_(std::make_unique<state>(plan, soft))
{
}

template <>
slot_pipeline<cuda>::~slot_pipeline() = default;

template <>
void slot_pipeline<cuda>::run(const uplink_slot& slot,
                              const slot_plan& plan,
                              std::span<const phy::harq_place> places,
                              slot_report& report) noexcept
{
  state& s = *state_;
  const phy::slot_limits& limits = s.plan.program.limits;
  phy::compile_slot(s.plan.program, plan, places, s.program);
  s.events[0].record(s.stream);
  bool ok = s.front_end(slot);
  std::size_t nof_events = 1;
  const auto done = [&](stage_id) { s.events[nof_events++].record(s.stream); };
  done(stage_id::front_end);
  const view<const std::uint8_t, 3, memory::device> received =
      slot.received.size() == 0 ? view<const std::uint8_t, 3, memory::device>()
                                : s.received.as(limits.nof_rx_ports, nof_symbols_per_slot, limits.nof_prb);
  const auto grid =
      s.grid_memory.as(limits.nof_rx_ports, nof_symbols_per_slot, nof_subcarriers_per_prb * limits.nof_prb);
  run_stages<cuda>(
      s.stages, s.tasks(), {grid, received, s.soft, s.plan.program.sizes}, s.arenas, {s.stream}, done);
  ok = ok && s.download() && cudaStreamSynchronize(s.stream) == cudaSuccess &&
       cudaGetLastError() == cudaSuccess;
  for (std::size_t stage = 0; stage + 1 < nof_events; ++stage) {
    report.stage_ns[stage] = s.events[stage + 1].ns_since(s.events[stage]);
  }
  report.stage_ns[static_cast<std::size_t>(stage_id::total)] = s.events[nof_events - 1].ns_since(s.events[0]);
  build_report(slot,
               plan,
               s.program,
               {s.found.info.as(s.program.tbs.size()),
                s.found.quality.as(s.program.tiles.size(), phy::max_nof_layers),
                s.found.uci_bits.as(s.program.nof_uci_bits),
                s.found.small_blocks.as(s.program.small_blocks.size()),
                s.found.polar.as(s.program.polar.size()),
                s.found.tb_status.as(s.program.tbs.size()),
                s.found.payload.as(s.program.nof_payload_bytes)},
               report);
  report.is_faulted = !ok;
}

template <>
const phy::slot_program& slot_pipeline<cuda>::program() const
{
  return state_->program;
}

std::optional<error> check_backend(backend wanted)
{
  if (wanted == backend::cpu) {
    return std::nullopt;
  }
  int nof_devices = 0;
  if (cudaGetDeviceCount(&nof_devices) != cudaSuccess || nof_devices == 0) {
    return error{"--backend cuda:",
                 "no CUDA device was found (nvidia-smi tells more); --backend cpu runs everywhere"};
  }
  return std::nullopt;
}

} // namespace pado::pipeline
