// SPDX-License-Identifier: Apache-2.0
// ctest: property equivalence
#include "core/block.h"
#include "core/stage.h"
#include "phy/ldpc_decode/ldpc_decode.h"
#include "phy/ldpc_decode/ldpc_decode_body.h"
#include "tests/phy/coded_tb.h"
#include "tests/support/allocation_count.h"
#include <doctest/doctest.h>

using namespace pado;
using namespace pado::phy;
using pado::test::coded_tb;
using pado::test::view_of;

static_assert(stage<ldpc_decode<backend::cpu>, backend::cpu>);
static_assert(stage<ldpc_decode<backend::cuda>, backend::cuda>);

namespace {

ulsch_config config_of(std::int32_t size, std::int32_t rate, std::int32_t nof_coded, std::int32_t rv = 0)
{
  ulsch_config config;
  config.tb_size_bits = size;
  config.target_code_rate = rate;
  config.nof_coded_bits = nof_coded;
  config.rv = rv;
  return config;
}

struct decoded {
  std::vector<std::uint8_t> bytes;
  std::vector<ldpc_decode_status> status;
  bool operator==(const decoded& other) const
  {
    return bytes == other.bytes && std::equal(status.begin(),
                                              status.end(),
                                              other.status.begin(),
                                              other.status.end(),
                                              [](const auto& a, const auto& b) {
                                                return a.crc_ok == b.crc_ok && a.iterations == b.iterations;
                                              });
  }
};

std::vector<std::int8_t> soft_bits(const coded_tb& tb, const std::vector<std::int8_t>& llr)
{
  rate_dematch<backend::cpu> stage(plan_rate_dematch({256, simd_level::portable}).value());
  const auto tasks = tb.dematch_tasks(false);
  std::vector<std::int8_t> soft(static_cast<std::size_t>(tb.soft_size() * tb.code.nof_blocks));
  stage.run({view_of(tasks), view_of(llr)}, {view_of(soft)}, {});
  return soft;
}

[[maybe_unused]] decoded decode(simd_level simd,
                                ldpc_stop stop,
                                const std::vector<ldpc_decode_task>& tasks,
                                const std::vector<std::int8_t>& soft)
{
  ldpc_decode<backend::cpu> stage(plan_ldpc_decode({256, stop, simd}).value());
  decoded out;
  const auto& last = tasks.back();
  out.bytes.resize(static_cast<std::size_t>(last.bytes_begin + last.nof_bits / 8));
  out.status.resize(tasks.size());
  stage.run({view_of(tasks), view_of(soft)}, {view_of(out.bytes), view_of(out.status)}, {});
  return out;
}

// The body itself, in either order of visiting.
decoded by_body(visit order,
                ldpc_stop stop,
                const std::vector<ldpc_decode_task>& tasks,
                const std::vector<std::int8_t>& soft)
{
  const ldpc_decode_plan plan = plan_ldpc_decode({256, stop, simd_level::portable}).value();
  buffer<std::byte> scratch(body::ldpc_scratch_bytes);
  buffer<ldpc_message> messages(body::ldpc_max_messages);
  const host_block block(scratch.data(), scratch.size(), order);
  decoded out;
  out.bytes.resize(static_cast<std::size_t>(tasks.back().bytes_begin + tasks.back().nof_bits / 8));
  out.status.resize(tasks.size());
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    body::ldpc_decode(block,
                      tasks[t],
                      {&plan.tables,
                       soft.data() + tasks[t].soft_begin,
                       messages.data(),
                       out.bytes.data() + tasks[t].bytes_begin,
                       &out.status[t]},
                      stop);
  }
  return out;
}

std::vector<std::uint8_t> payload_of(const coded_tb& tb, const decoded& d)
{
  return {d.bytes.begin(), d.bytes.begin() + tb.config.tb_size_bits / 8};
}

} // namespace

TEST_CASE("ldpc_decode: a clean code word of every base graph and lifting size is decoded in few iterations")
{
  for (int index = 0; index < nof_lifting_sizes; ++index) {
    for (const std::int32_t rate : {2500, 8000}) {
      const std::int32_t z = lifting_size_of(index).z;
      const std::int32_t size = (rate == 2500 ? 6 : 22) * z / 8 * 8 - 24;
      if (size < 24) {
        continue;
      }
      const coded_tb tb(config_of(size, rate, 2 * (rate == 2500 ? size : size * 4 / 5)), 7);
      CAPTURE(tb.code.base_graph);
      CAPTURE(tb.code.z);
      const auto d =
          by_body(visit::forward, ldpc_stop::crc, tb.decode_tasks(10), soft_bits(tb, tb.noisy(10.0, 8)));
      CHECK(d.status[0].crc_ok == 1);
      CHECK(d.status[0].iterations <= 6);
      CHECK(payload_of(tb, d) == tb.payload);
    }
  }
}
