// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "phy/rate_match/encode_ulsch.h"
#include "phy/slot_program/block_tasks.h"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace pado::test {

/// A transport block on its way through an ideal channel: payload, code word, soft bits, and the tasks that
/// undo it.
struct coded_tb {
  phy::ulsch_config config;
  phy::segmentation code;
  std::vector<std::uint8_t> payload;
  std::vector<std::uint8_t> word; ///< bits

  coded_tb(const phy::ulsch_config& c, unsigned seed) : config(c), code(phy::segment_ulsch(c).value())
  {
    std::mt19937 engine(seed);
    payload.resize(static_cast<std::size_t>(c.tb_size_bits / 8));
    for (auto& byte : payload) {
      byte = static_cast<std::uint8_t>(engine());
    }
    word = phy::encode_ulsch(payload, c).value();
  }

  /// BPSK in Gaussian noise, int8 of 4 times the log-likelihood ratio, as phy/equalise scales it.
  std::vector<std::int8_t> noisy(double snr_db, unsigned seed) const
  {
    std::mt19937 engine(seed);
    const float variance = static_cast<float>(std::pow(10.0, -snr_db / 10.0));
    std::normal_distribution<float> noise(0.0F, std::sqrt(variance));
    std::vector<std::int8_t> out(word.size());
    for (std::size_t i = 0; i < word.size(); ++i) {
      const float y = (word[i] != 0 ? -1.0F : 1.0F) + noise(engine);
      out[i] = static_cast<std::int8_t>(std::clamp(std::lround(4.0F * 2.0F * y / variance), -127L, 127L));
    }
    return out;
  }

  std::int64_t soft_size() const { return 2 * code.z + code.nof_coded; }

  std::vector<phy::rate_dematch_task> dematch_tasks(bool is_combined) const
  {
    std::vector<phy::rate_dematch_task> tasks;
    for (std::int32_t r = 0; r < code.nof_blocks; ++r) {
      tasks.push_back(phy::dematch_task_of(code, r, config.qam_mod_order, {0, r * soft_size(), is_combined}));
    }
    return tasks;
  }

  std::vector<phy::ldpc_decode_task> decode_tasks(std::int32_t max_iterations) const
  {
    std::vector<phy::ldpc_decode_task> tasks;
    for (std::int32_t r = 0; r < code.nof_blocks; ++r) {
      tasks.push_back(phy::decode_task_of(
          code, max_iterations, {0, r * soft_size(), false}, r * phy::block_stride(code)));
    }
    return tasks;
  }

  phy::tb_assemble_task assemble_task() const { return phy::assemble_task_of(code, config.tb_size_bits / 8); }
};

/// Tasks and results of one run of the three stages on the CPU.
template <class T>
view<const T, 1> view_of(const std::vector<T>& values)
{
  return view<const T, 1>(values.data(), static_cast<std::int32_t>(values.size()));
}
template <class T>
view<T, 1> view_of(std::vector<T>& values)
{
  return view<T, 1>(values.data(), static_cast<std::int32_t>(values.size()));
}

} // namespace pado::test
