// SPDX-License-Identifier: Apache-2.0
// ctest: unit golden property equivalence
#include "core/block.h"
#include "core/buffer.h"
#include "core/stage.h"
#include "phy/dmrs_ls/dmrs_ls.h"
#include "phy/dmrs_ls/dmrs_ls_body.h"
#include "phy/gold/gold_sequence.h"
#include "tests/support/allocation_count.h"
#include "tests/support/shared.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace phy = pado::phy;
using pado::backend;
using pado::buffer;
using pado::cf32;
using pado::ch16;
using pado::host_block;
using pado::view;
using pado::visit;

static_assert(pado::stage<phy::dmrs_ls<backend::cpu>, backend::cpu>);
static_assert(pado::stage<phy::dmrs_ls<backend::cuda>, backend::cuda>);

namespace {

/// Input and output of one run, owned.
struct slot_case {
  int nof_ports, nof_prb;
  std::vector<phy::dmrs_ls_task> tasks;
  std::vector<std::uint32_t> words;
  buffer<ch16> grid;
  int nof_pilots = 0; ///< of all tasks, per port

  slot_case(int ports, int prbs)
      : nof_ports(ports), nof_prb(prbs), grid(static_cast<std::size_t>(ports) * 14 * 12 * prbs)
  {
  }

  phy::dmrs_ls<backend::cpu>::input input() const
  {
    return {view<const phy::dmrs_ls_task, 1>(tasks.data(), tasks.size()),
            view<const std::uint32_t, 1>(words.data(), words.size()),
            grid.as(nof_ports, 14, 12 * nof_prb)};
  }

  /// Adds a task with the sequence of c_init, which starts at CRB 0, here PRB 0.
  void add(std::uint32_t c_init, int symbol, pado::prb_range prbs, int port, int cdm_groups)
  {
    const auto begin = static_cast<std::int32_t>(words.size());
    words.resize(words.size() + static_cast<std::size_t>(12 * prbs.size() + 31) / 32);
    phy::gold_bits(c_init, static_cast<std::uint32_t>(12 * prbs.begin), std::span(words).subspan(begin));
    tasks.push_back({symbol,
                     prbs,
                     begin,
                     port / 2,
                     port % 2 == 0 ? 1.0F : -1.0F,
                     std::sqrt(static_cast<float>(cdm_groups)),
                     nof_pilots});
    nof_pilots += 6 * prbs.size();
  }

  /// Puts the pilots of the last task into the grid as a channel of gain h would.
  void transmit(cf32 h)
  {
    const phy::dmrs_ls_task& task = tasks.back();
    const auto cells = grid.as(nof_ports, 14, 12 * nof_prb);
    for (int port = 0; port < nof_ports; ++port) {
      for (int p = 0; p < 6 * task.prbs.size(); ++p) {
        const std::uint32_t bits = words[task.words_begin + p / 16] >> (2 * (p % 16));
        const float sign = p % 2 == 0 ? task.amplitude : task.amplitude * task.second_sign;
        const cf32 pilot{sign * ((bits & 1U) != 0 ? -0.70710678F : 0.70710678F),
                         sign * ((bits & 2U) != 0 ? -0.70710678F : 0.70710678F)};
        cells(port, task.symbol, 12 * task.prbs.begin + 2 * p + task.delta) = to_ch16(h * pilot);
      }
    }
  }

  buffer<cf32> run() const
  {
    phy::dmrs_ls<backend::cpu> stage(phy::plan_dmrs_ls({nof_ports, nof_prb, 64}).value());
    buffer<cf32> h(static_cast<std::size_t>(nof_ports) * nof_pilots);
    stage.run(input(), {h.as(nof_ports, nof_pilots)}, {});
    return h;
  }

  buffer<cf32> run_body(visit order) const
  {
    buffer<cf32> h(static_cast<std::size_t>(nof_ports) * nof_pilots);
    for (const phy::dmrs_ls_task& task : tasks) {
      for (int port = 0; port < nof_ports; ++port) {
        phy::body::dmrs_ls(host_block(nullptr, 0, order), task, port, input(), h.as(nof_ports, nof_pilots));
      }
    }
    return h;
  }
};

double relative_error(const buffer<cf32>& values, const cf32* expected)
{
  double error = 0.0;
  double power = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    error += static_cast<double>(norm(values[i] - expected[i]));
    power += static_cast<double>(norm(expected[i]));
  }
  return std::sqrt(error / power);
}

template <class T>
std::vector<T> read_array(const std::string& path)
{
  const auto bytes = pado::test::read_bytes(path);
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!bytes.empty()) {
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  }
  return values;
}

slot_case golden_case()
{
  const std::string path = PADO_SOURCE_DIR "/testvectors/dmrs_ls/type1_";
  slot_case made(2, 24);
  static_assert(sizeof(phy::dmrs_ls_task) == 32);
  made.tasks = read_array<phy::dmrs_ls_task>(path + "tasks.bin");
  made.words = read_array<std::uint32_t>(path + "words.bin");
  const auto grid = read_array<ch16>(path + "grid.bin");
  REQUIRE(made.tasks.size() == 5);
  REQUIRE(grid.size() == made.grid.size());
  std::copy(grid.begin(), grid.end(), made.grid.begin());
  made.nof_pilots = made.tasks.back().h_begin + 6 * made.tasks.back().prbs.size();
  return made;
}

} // namespace

TEST_CASE("dmrs_ls: a flat channel is returned on every pilot of every port, from 1 to 273 PRB")
{
  const cf32 gain{0.3F, -0.8F};
  // 21 PRBs have 126 pilots, 22 have 132: just below and above the 128 threads of a block.
  for (const int nof_prb : {1, 2, 21, 22, 273}) {
    for (int port = 0; port < 4; ++port) {
      CAPTURE(nof_prb);
      CAPTURE(port);
      slot_case c(2, 275);
      c.add(0x1234567, 3, {2, 2 + nof_prb}, port, 2);
      c.transmit(gain);
      const auto h = c.run();
      REQUIRE(h.size() == static_cast<std::size_t>(2 * 6 * nof_prb));
      double worst = 0.0;
      for (const cf32& value : h) {
        worst = std::max(worst, std::sqrt(static_cast<double>(norm(value - gain) / norm(gain))));
      }
      CHECK(worst < 1e-3); // the grid is rounded to half, 2^-11 of each part
    }
  }
}

TEST_CASE("dmrs_ls: the second layer of a CDM group shows as a term of alternating sign")
{
  slot_case first(1, 10);
  first.add(77, 2, {0, 10}, 0, 2);
  first.transmit({0.5F, 0.25F});
  slot_case second(1, 10);
  second.add(77, 2, {0, 10}, 1, 2);
  second.transmit({-0.25F, 0.125F});
  for (std::size_t i = 0; i < first.grid.size(); ++i) {
    first.grid[i] = to_ch16(to_cf32(first.grid[i]) + to_cf32(second.grid[i]));
  }
  const auto h = first.run();
  for (std::size_t p = 0; p < h.size(); ++p) {
    const cf32 expected = cf32{0.5F, 0.25F} + (p % 2 == 0 ? 1.0F : -1.0F) * cf32{-0.25F, 0.125F};
    CHECK(norm(h[p] - expected) < 1e-6F);
  }
}

TEST_CASE("dmrs_ls: golden estimates written from the specification are met")
{
  const slot_case c = golden_case();
  const auto expected = read_array<cf32>(PADO_SOURCE_DIR "/testvectors/dmrs_ls/type1_h.bin");
  REQUIRE(expected.size() == static_cast<std::size_t>(c.nof_ports) * c.nof_pilots);
  CHECK(relative_error(c.run(), expected.data()) < 3e-7); // a few roundings to binary32
}

TEST_CASE("dmrs_ls: the stage and the body in either order give the same estimates")
{
  const slot_case c = golden_case();
  const auto h = c.run();
  for (const visit order : {visit::forward, visit::backward}) {
    CHECK(relative_error(c.run_body(order), h.data()) < 3e-7);
  }
}

TEST_CASE("dmrs_ls: tasks write their own part of the output and nothing else")
{
  slot_case c = golden_case();
  c.tasks.erase(c.tasks.begin() + 1);
  const auto all = golden_case().run();
  const auto h = c.run();
  const int hole = golden_case().tasks[1].h_begin;
  for (int port = 0; port < 2; ++port) {
    for (int p = 0; p < c.nof_pilots; ++p) {
      const std::size_t at = static_cast<std::size_t>(port) * c.nof_pilots + p;
      const bool is_hole = p >= hole && p < hole + 144;
      CHECK((is_hole ? norm(h[at]) == 0.0F : std::memcmp(&h[at], &all[at], sizeof(cf32)) == 0));
    }
  }
}

TEST_CASE("dmrs_ls: pilots have the bits of the reference table's c_init")
{
  const auto path = pado::test::shared_path("spec/signals/pusch_dmrs_cinit_vectors.csv");
  if (!path) {
    MESSAGE("skipped: spec/signals/pusch_dmrs_cinit_vectors.csv is not there");
    return;
  }
  const auto rows = pado::test::read_csv(*path);
  REQUIRE(rows.size() == 7);
  for (const auto& row : rows) {
    CAPTURE(row.at(4));
    std::vector<std::uint32_t> words(1);
    phy::gold_bits(static_cast<std::uint32_t>(std::stoul(row.at(4))), 0, words);
    const std::uint64_t bits = std::stoull(row.at(5), nullptr, 16); // first bit in the most significant place
    for (int p = 0; p < 16; ++p) {
      const cf32 pilot = phy::body::dmrs_pilot(view<const std::uint32_t, 1>(words.data(), 1), 0, p);
      CHECK((pilot.re < 0.0F) == (((bits >> (31 - 2 * p)) & 1U) != 0));
      CHECK((pilot.im < 0.0F) == (((bits >> (30 - 2 * p)) & 1U) != 0));
      CHECK(std::fabs(norm(pilot) - 1.0F) < 1e-6F);
    }
  }
}

TEST_CASE(
    "dmrs_ls: on a slot of an independent generator the estimate has unit magnitude and one phase a port")
{
  const auto path = pado::test::shared_path("vectors/nv5g/pusch_7208/x_tf.bin");
  if (!path) {
    MESSAGE("skipped: vectors/nv5g/pusch_7208 is not there");
    return;
  }
  // case.json: 4 ports, PRBs 0..11 of the carrier, PUSCH on PRB 1, DM-RS symbol 2, port 0, 2 groups without
  // data, identity 0, SCID 0, slot 0: c_init = 2^17 (2 + 1) (0 + 1). 40 dB on a channel of one tap.
  slot_case c(4, 12);
  const auto grid = read_array<ch16>(*path);
  REQUIRE(grid.size() == c.grid.size());
  std::copy(grid.begin(), grid.end(), c.grid.begin());
  c.add(3U << 17, 2, {1, 2}, 0, 2);
  const auto h = c.run();
  REQUIRE(h.size() == 24);
  for (int port = 0; port < 4; ++port) {
    cf32 mean;
    for (int p = 0; p < 6; ++p) {
      mean += (1.0F / 6.0F) * h[6 * port + p];
    }
    CHECK(std::fabs(norm(mean) - 1.0F) < 0.04F);
    for (int p = 0; p < 6; ++p) {
      CHECK(norm(h[6 * port + p] - mean) < 0.003F); // noise of 5e-5 on each: 60 times that is no noise
    }
  }
}

TEST_CASE("dmrs_ls: run() does not allocate")
{
  const slot_case c = golden_case();
  phy::dmrs_ls<backend::cpu> stage(phy::plan_dmrs_ls({2, 24, 64}).value());
  buffer<cf32> h(static_cast<std::size_t>(2) * c.nof_pilots);
  const auto in = c.input();
  const auto before = pado::test::allocation_count();
  stage.run(in, {h.as(2, c.nof_pilots)}, {});
  CHECK(pado::test::allocation_count() == before);
}

TEST_CASE("dmrs_ls: a plan out of limits is refused by name")
{
  CHECK(phy::plan_dmrs_ls({0, 1, 1}).failure().field == "dmrs_ls.nof_rx_ports");
  CHECK(phy::plan_dmrs_ls({9, 1, 1}).failure().field == "dmrs_ls.nof_rx_ports");
  CHECK(phy::plan_dmrs_ls({1, 0, 1}).failure().field == "dmrs_ls.max_prb");
  CHECK(phy::plan_dmrs_ls({1, 276, 1}).failure().text() == "dmrs_ls.max_prb is 276, must be in 1..275");
  CHECK(phy::plan_dmrs_ls({1, 1, 0}).failure().field == "dmrs_ls.max_tasks");
  CHECK(phy::plan_dmrs_ls({1, 1, 4097}).failure().field == "dmrs_ls.max_tasks");
}

TEST_CASE("dmrs_ls: pilots of PRBs that did not arrive are zero, the others as ever")
{
  slot_case c(2, 24);
  c.add(1234, 3, {2, 19}, 0, 2);
  c.transmit({0.5F, -0.25F});
  std::vector<std::uint8_t> received(2 * 14 * 24, 1);
  for (const int prb : {2, 7, 8, 18}) {
    received[static_cast<std::size_t>((1 * 14 + 3) * 24 + prb)] = 0;
  }
  auto in = c.input();
  buffer<cf32> all(static_cast<std::size_t>(2 * c.nof_pilots));
  buffer<cf32> some(all.size());
  buffer<cf32> from_body(all.size());
  phy::dmrs_ls<backend::cpu> stage(phy::plan_dmrs_ls({2, 24, 1}).value());
  stage.run(in, {all.as(2, c.nof_pilots)}, {});
  in.received = view<const std::uint8_t, 3>(received.data(), 2, 14, 24);
  stage.run(in, {some.as(2, c.nof_pilots)}, {});
  for (int port = 0; port < 2; ++port) {
    phy::body::dmrs_ls(
        host_block(nullptr, 0, visit::backward), c.tasks[0], port, in, from_body.as(2, c.nof_pilots));
  }
  for (int port = 0; port < 2; ++port) {
    for (int p = 0; p < c.nof_pilots; ++p) {
      CAPTURE(p);
      const auto at = static_cast<std::size_t>(port * c.nof_pilots + p);
      const int prb = 2 + p / 6;
      const bool is_missing = port == 1 && (prb == 2 || prb == 7 || prb == 8 || prb == 18);
      CHECK(some[at].re == (is_missing ? 0.0F : all[at].re));
      CHECK(some[at].im == (is_missing ? 0.0F : all[at].im));
      CHECK(std::abs(some[at].re - from_body[at].re) < 1e-6F);
    }
  }
}
