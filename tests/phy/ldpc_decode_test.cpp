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

std::vector<simd_level> levels()
{
  std::vector<simd_level> out{simd_level::portable};
  for (const simd_level level : {simd_level::avx2, simd_level::avx512}) {
    if (is_available(level)) {
      out.push_back(level);
    }
  }
  return out;
}

std::vector<std::int8_t>
soft_bits(const coded_tb& tb, const std::vector<std::int8_t>& llr, simd_level level = simd_level::portable)
{
  rate_dematch<backend::cpu> stage(plan_rate_dematch({256, level}).value());
  const auto tasks = tb.dematch_tasks(false);
  std::vector<std::int8_t> soft(static_cast<std::size_t>(tb.soft_size() * tb.code.nof_blocks));
  stage.run({view_of(tasks), view_of(llr)}, {view_of(soft)}, {});
  return soft;
}

decoded decode(simd_level simd,
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

TEST_CASE("ldpc_decode: kernels, body and body in reverse give the same bytes for every base graph and "
          "lifting size")
{
  std::mt19937 engine(11);
  const auto draw = [&engine](int low, int high) {
    return low + static_cast<int>(engine() % static_cast<unsigned>(high - low + 1));
  };
  for (int number = 1; number <= 2; ++number) {
    const base_graph& graph = base_graph_of(number);
    for (int index = 0; index < nof_lifting_sizes; ++index) {
      const std::int32_t z = lifting_size_of(index).z;
      const std::int32_t nof_info = graph.nof_info_cols() * z;
      std::vector<std::int8_t> soft(static_cast<std::size_t>(graph.nof_cols * z));
      for (int round = 0; round < 3; ++round) {
        CAPTURE(number);
        CAPTURE(z);
        CAPTURE(round);
        // Noise around the all-zero word, extremes among it: harder on saturation than any real input.
        const int offset = draw(-5, 40);
        for (auto& value : soft) {
          value = static_cast<std::int8_t>(draw(0, 30) == 0 ? (draw(0, 1) == 0 ? -128 : 127)
                                                            : std::clamp(offset + draw(-60, 60), -128, 127));
        }
        ldpc_decode_task task{};
        task.base_graph = number;
        task.z = z;
        task.nof_rows = round == 0 ? graph.nof_rows : draw(4, graph.nof_rows);
        task.nof_bits = std::max(8, (round == 1 ? nof_info : draw(nof_info * 6 / 10, nof_info)) / 8 * 8);
        task.crc = block_crc::crc16;
        task.max_iterations = draw(1, 4);
        // Rows without evidence take no part.
        for (int row = 4; row < graph.nof_rows; ++row) {
          if (draw(0, 5) == 0) {
            std::fill_n(soft.begin() + (graph.nof_info_cols() + row) * z, z, std::int8_t{0});
          }
        }
        const std::vector<ldpc_decode_task> tasks{task};
        const auto reference = by_body(visit::forward, ldpc_stop::crc, tasks, soft);
        CHECK(by_body(visit::backward, ldpc_stop::crc, tasks, soft) == reference);
        for (const simd_level level : levels()) {
          CAPTURE(static_cast<int>(level));
          CHECK(decode(level, ldpc_stop::crc, tasks, soft) == reference);
        }
      }
    }
  }
}

TEST_CASE(
    "ldpc_decode: R 1/3 of base graph 1 passes at -0.5 dB within 10 iterations, nine blocks of ten and more")
{
  const coded_tb tb(config_of(8424, 3400, 25344), 31);
  int nof_passed = 0;
  int sum_iterations = 0;
  constexpr int nof_blocks = 30;
  for (unsigned seed = 0; seed < nof_blocks; ++seed) {
    const auto soft = soft_bits(tb, tb.noisy(-0.5, 1000 + seed), simd_level::best);
    const auto d = decode(simd_level::best, ldpc_stop::crc, tb.decode_tasks(10), soft);
    nof_passed += d.status[0].crc_ok;
    sum_iterations += d.status[0].iterations;
    CHECK((payload_of(tb, d) == tb.payload) == (d.status[0].crc_ok == 1));
  }
  CHECK(nof_passed >= nof_blocks * 9 / 10);
  CHECK(sum_iterations <= 6 * nof_blocks); // ascending rows and scaled min-sum take more than 9
}

TEST_CASE("ldpc_decode: a decoded block stays decoded however long the decoder goes on")
{
  for (const auto& [config, snr_db] : {std::pair(config_of(8424, 9380, 9216), 8.0),
                                       std::pair(config_of(8424, 3400, 25344), 0.5),
                                       std::pair(config_of(1800, 5000, 3632), 3.0)}) {
    const coded_tb tb(config, 32);
    const auto soft = soft_bits(tb, tb.noisy(snr_db, 33), simd_level::best);
    const auto early = decode(simd_level::best, ldpc_stop::crc, tb.decode_tasks(40), soft);
    const auto late = decode(simd_level::best, ldpc_stop::never, tb.decode_tasks(40), soft);
    REQUIRE(early.status[0].crc_ok == 1);
    CHECK(early.status[0].iterations < 10);
    CHECK(late.status[0].iterations == 40);
    CHECK(late.status[0].crc_ok == 1);
    CHECK(payload_of(tb, late) == tb.payload);
  }
}

TEST_CASE("ldpc_decode: every redundancy version decodes alone, its rows without parity left out")
{
  for (std::int32_t rv = 0; rv < 4; ++rv) {
    const coded_tb tb(config_of(2088, 6500, 9600, rv), 34);
    const auto d = decode(simd_level::best,
                          ldpc_stop::crc,
                          tb.decode_tasks(20),
                          soft_bits(tb, tb.noisy(7.0, 35), simd_level::best));
    CAPTURE(rv);
    CHECK(d.status[0].crc_ok == 1);
    CHECK(payload_of(tb, d) == tb.payload);
  }
}

TEST_CASE("ldpc_decode: an empty input never passes, an all-zero payload does")
{
  const ulsch_config config = config_of(2088, 6500, 5400);
  const coded_tb tb(config, 36);
  for (const simd_level level : levels()) {
    CAPTURE(static_cast<int>(level));
    const auto empty = soft_bits(tb, std::vector<std::int8_t>(5400), simd_level::portable);
    CHECK(decode(level, ldpc_stop::crc, tb.decode_tasks(3), empty).status[0].crc_ok == 0);
    // The all-zero word is a code word and 0 its CRC.
    const auto zeros = soft_bits(tb, std::vector<std::int8_t>(5400, 9), simd_level::portable);
    const auto d = decode(level, ldpc_stop::crc, tb.decode_tasks(3), zeros);
    CHECK(d.status[0].crc_ok == 1);
    CHECK(payload_of(tb, d) == std::vector<std::uint8_t>(261));
  }
}

TEST_CASE("ldpc_decode: blocks of a slot do not disturb each other, whatever their sizes")
{
  // Three shapes in turn, so that what the kernels remember of the last block is never right.
  const coded_tb tbs[] = {coded_tb(config_of(2088, 6500, 5400), 37),
                          coded_tb(config_of(208, 3000, 700), 38),
                          coded_tb(config_of(8424, 9000, 9600), 39)};
  std::vector<std::int8_t> soft;
  std::vector<ldpc_decode_task> tasks;
  for (int i = 0; i < 6; ++i) {
    const coded_tb& tb = tbs[i % 3];
    ldpc_decode_task task = tb.decode_tasks(10)[0];
    task.soft_begin = static_cast<std::int64_t>(soft.size());
    task.bytes_begin = tasks.empty() ? 0 : tasks.back().bytes_begin + tasks.back().nof_bits / 8;
    tasks.push_back(task);
    const auto part = soft_bits(tb, tb.noisy(9.0, 40), simd_level::portable);
    soft.insert(soft.end(), part.begin(), part.end());
  }
  for (const simd_level level : levels()) {
    const auto d = decode(level, ldpc_stop::crc, tasks, soft);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const auto& payload = tbs[i % 3].payload;
      CHECK(d.status[i].crc_ok == 1);
      CHECK(std::equal(payload.begin(), payload.end(), d.bytes.begin() + tasks[i].bytes_begin));
    }
  }
}

TEST_CASE("ldpc_decode: run() does not allocate")
{
  const coded_tb tb(config_of(20496, 6000, 33600), 41);
  const auto soft = soft_bits(tb, tb.noisy(6.0, 42), simd_level::portable);
  const auto tasks = tb.decode_tasks(4);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(tb.code.nof_blocks * tb.code.nof_block_bits / 8));
  std::vector<ldpc_decode_status> status(tasks.size());
  for (const simd_level level : levels()) {
    ldpc_decode<backend::cpu> stage(plan_ldpc_decode({8, ldpc_stop::crc, level}).value());
    const auto before = test::allocation_count();
    stage.run({view_of(tasks), view_of(soft)}, {view_of(bytes), view_of(status)}, {});
    CHECK(test::allocation_count() == before);
  }
}

TEST_CASE("ldpc_decode: a plan outside its limits is refused by name")
{
  CHECK(plan_ldpc_decode({0}).failure().field == "ldpc_decode.max_tasks");
  CHECK(plan_ldpc_decode({65537}).failure().field == "ldpc_decode.max_tasks");
  CHECK(plan_ldpc_decode({1}));
  if (!is_available(simd_level::avx512)) {
    CHECK(plan_ldpc_decode({1, ldpc_stop::crc, simd_level::avx512}).failure().field == "ldpc_decode.simd");
  }
}
