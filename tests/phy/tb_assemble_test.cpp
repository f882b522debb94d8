// SPDX-License-Identifier: Apache-2.0
// ctest: golden equivalence
#include "core/block.h"
#include "core/stage.h"
#include "phy/tb_assemble/tb_assemble.h"
#include "phy/tb_assemble/tb_assemble_body.h"
#include "tests/phy/coded_tb.h"
#include "tests/phy/ulsch_vectors.h"
#include "tests/support/allocation_count.h"
#include <doctest/doctest.h>

using namespace pado;
using namespace pado::phy;
using pado::test::coded_tb;
using pado::test::view_of;

static_assert(stage<tb_assemble<backend::cpu>, backend::cpu>);
static_assert(stage<tb_assemble<backend::cuda>, backend::cuda>);

namespace {

/// Hard decisions of code blocks as the decoder leaves them, and what it says of them.
struct decoded_blocks {
  tb_assemble_task task;
  std::vector<std::uint8_t> bytes;
  std::vector<ldpc_decode_status> blocks;
};

// Cuts a payload into code blocks, each followed by 3 bytes of CRC24B that are not looked at here.
decoded_blocks cut(const std::vector<std::uint8_t>& payload, std::int32_t nof_blocks, crc_kind kind)
{
  auto tb = payload;
  const std::uint32_t parity = crc_of_bytes(kind, payload);
  for (int shift = polynomial_of(kind).length - 8; shift >= 0; shift -= 8) {
    tb.push_back(static_cast<std::uint8_t>(parity >> shift));
  }
  const auto block_bytes = static_cast<std::int32_t>(tb.size()) / nof_blocks;
  const std::int32_t stride = block_bytes + (nof_blocks > 1 ? 3 : 0);
  decoded_blocks out{
      {0, nof_blocks, block_bytes, stride, 5, kind, static_cast<std::int32_t>(payload.size()), 2}, {}, {}};
  out.bytes.assign(5, 0xEE);
  for (std::int32_t r = 0; r < nof_blocks; ++r) {
    const auto begin = tb.begin() + r * block_bytes;
    out.bytes.insert(out.bytes.end(), begin, begin + block_bytes);
    out.bytes.insert(out.bytes.end(), static_cast<std::size_t>(stride - block_bytes), 0xCC);
    out.blocks.push_back({1, 2 + r});
  }
  return out;
}

struct assembled {
  std::vector<std::uint8_t> payload;
  tb_assemble_status status;
  bool operator==(const assembled& other) const
  {
    return payload == other.payload && status.crc_ok == other.status.crc_ok &&
           status.nof_blocks_ok == other.status.nof_blocks_ok &&
           status.sum_iterations == other.status.sum_iterations &&
           status.max_iterations == other.status.max_iterations;
  }
};

assembled by_stage(const decoded_blocks& in)
{
  tb_assemble<backend::cpu> stage(plan_tb_assemble({1}).value());
  std::vector<std::uint8_t> payload(static_cast<std::size_t>(in.task.payload_begin + in.task.payload_bytes));
  std::vector<tb_assemble_status> status(1);
  const std::vector<tb_assemble_task> tasks{in.task};
  stage.run({view_of(tasks), view_of(in.bytes), view_of(in.blocks)}, {view_of(payload), view_of(status)}, {});
  return {{payload.begin() + in.task.payload_begin, payload.end()}, status[0]};
}

assembled by_body(const decoded_blocks& in, visit order)
{
  std::vector<std::uint8_t> payload(static_cast<std::size_t>(in.task.payload_begin + in.task.payload_bytes));
  tb_assemble_status status{};
  body::tb_assemble(host_block(nullptr, 0, order),
                    in.task,
                    view_of(in.bytes),
                    view_of(in.blocks),
                    view_of(payload),
                    &status);
  return {{payload.begin() + in.task.payload_begin, payload.end()}, status};
}

std::vector<std::uint8_t> random_bytes(std::size_t n, unsigned seed)
{
  std::mt19937 engine(seed);
  std::vector<std::uint8_t> out(n);
  for (auto& byte : out) {
    byte = static_cast<std::uint8_t>(engine());
  }
  return out;
}

/// All transmissions of a vector through the three stages.
assembled receive(const test::ulsch_vector& v, simd_level level, std::vector<std::int8_t>& soft)
{
  ulsch_config config = v.config;
  const coded_tb first(config, 1);
  soft.assign(static_cast<std::size_t>(first.soft_size() * first.code.nof_blocks), 33);
  rate_dematch<backend::cpu> dematch(plan_rate_dematch({8, level}).value());
  std::int32_t nof_rows = 0;
  for (std::size_t t = 0; t < v.llr.size(); ++t) {
    config.rv = t == 0 ? v.config.rv : v.rv_second;
    const coded_tb sent(config, 1);
    const auto tasks = sent.dematch_tasks(t > 0);
    dematch.run({view_of(tasks), view_of(v.llr[t])}, {view_of(soft)}, {});
    nof_rows = std::max(nof_rows, sent.code.nof_rows());
  }
  auto tasks = first.decode_tasks(20);
  for (auto& task : tasks) {
    task.nof_rows = nof_rows;
  }
  decoded_blocks blocks{first.assemble_task(), {}, {}};
  blocks.bytes.resize(static_cast<std::size_t>(first.code.nof_blocks * first.code.nof_block_bits / 8));
  blocks.blocks.resize(tasks.size());
  ldpc_decode<backend::cpu> decode(plan_ldpc_decode({8, ldpc_stop::crc, level}).value());
  const auto& filled = soft;
  decode.run(
      {view_of(std::as_const(tasks)), view_of(filled)}, {view_of(blocks.bytes), view_of(blocks.blocks)}, {});
  return by_stage(blocks);
}

} // namespace

TEST_CASE("tb_assemble: golden soft bits give the golden soft buffers and payloads on every kernel")
{
  const auto vectors = test::read_ulsch_vectors(PADO_SOURCE_DIR "/testvectors/ulsch");
  REQUIRE(vectors.size() == 5);
  for (const auto& v : vectors) {
    CAPTURE(v.config.tb_size_bits);
    for (const simd_level level : {simd_level::portable, simd_level::avx2, simd_level::avx512}) {
      if (!is_available(level)) {
        continue;
      }
      CAPTURE(static_cast<int>(level));
      std::vector<std::int8_t> soft;
      const auto out = receive(v, level, soft);
      CHECK(soft == v.soft);
      CHECK(out.status.crc_ok == 1);
      CHECK(out.payload == v.payload);
    }
  }
}

TEST_CASE("tb_assemble: blocks of every count are put together and counted")
{
  for (const std::int32_t nof_blocks : {1, 2, 3, 7, 152}) {
    for (const crc_kind kind : {crc_kind::crc16, crc_kind::crc24a}) {
      const auto crc_bytes = static_cast<std::size_t>(polynomial_of(kind).length / 8);
      const auto payload = random_bytes(static_cast<std::size_t>(nof_blocks) * 131 - crc_bytes, 9);
      const auto in = cut(payload, nof_blocks, kind);
      CAPTURE(nof_blocks);
      const auto out = by_stage(in);
      CHECK(out.payload == payload);
      CHECK(out.status.crc_ok == 1);
      CHECK(out.status.nof_blocks_ok == nof_blocks);
      CHECK(out.status.sum_iterations == 2 * nof_blocks + nof_blocks * (nof_blocks - 1) / 2);
      CHECK(out.status.max_iterations == nof_blocks + 1);
      CHECK(by_body(in, visit::forward) == out);
      CHECK(by_body(in, visit::backward) == out);
    }
  }
}

TEST_CASE("tb_assemble: one wrong bit anywhere, or one block that failed, fails the transport block")
{
  const auto payload = random_bytes(300 - 3, 10);
  const auto good = cut(payload, 4, crc_kind::crc24a);
  for (std::int32_t r = 0; r < 4; ++r) {
    for (const std::int32_t byte : {0, 40, 74}) {
      auto bad = good;
      bad.bytes[static_cast<std::size_t>(5 + r * 78 + byte)] ^= 0x10;
      CHECK(by_stage(bad).status.crc_ok == 0);
      CHECK(by_body(bad, visit::forward) == by_stage(bad));
    }
    auto failed = good;
    failed.blocks[static_cast<std::size_t>(r)].crc_ok = 0;
    const auto out = by_stage(failed);
    CHECK(out.status.crc_ok == 0);
    CHECK(out.status.nof_blocks_ok == 3);
    CHECK(out.payload == payload); // the hard decisions as they are
    CHECK(by_body(failed, visit::backward) == out);
    auto ignored = good;
    ignored.bytes[static_cast<std::size_t>(5 + r * 78 + 76)] ^=
        0x10; // CRC24B, not part of the transport block
    CHECK(by_stage(ignored).status.crc_ok == 1);
  }
}

TEST_CASE("tb_assemble: run() does not allocate")
{
  const auto in = cut(random_bytes(1000 - 3, 11), 5, crc_kind::crc24a);
  tb_assemble<backend::cpu> stage(plan_tb_assemble({1}).value());
  std::vector<std::uint8_t> payload(1000);
  std::vector<tb_assemble_status> status(1);
  const std::vector<tb_assemble_task> tasks{in.task};
  const auto before = test::allocation_count();
  stage.run({view_of(tasks), view_of(in.bytes), view_of(in.blocks)}, {view_of(payload), view_of(status)}, {});
  CHECK(test::allocation_count() == before);
}

TEST_CASE("tb_assemble: a plan outside its limits is refused by name")
{
  CHECK(plan_tb_assemble({0}).failure().field == "tb_assemble.max_tasks");
  CHECK(plan_tb_assemble({4097}).failure().field == "tb_assemble.max_tasks");
}
