// SPDX-License-Identifier: Apache-2.0
// ctest: property golden
// links: pado_io
#include "io/compress/codec.h"
#include "io/ecpri/ecpri.h"
#include "io/ecpri/link.h"
#include "io/oran/app_header.h"
#include "io/oran/uplane.h"
#include "io/pcap/pcap_reader.h"
#include "phy/ssb/ssb_grid_search.h"
#include "phy/ssb/ssb_transmit.h"
#include "tests/support/shared.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <doctest/doctest.h>
#include <map>
#include <random>
#include <span>
#include <tuple>
#include <vector>

using namespace pado;
using namespace pado::phy;

namespace {

/// A grid of noise of unit power.
struct noise_grid {
  noise_grid(int nof_symbols, int nof_subcarriers, unsigned seed)
      : values(static_cast<std::size_t>(nof_symbols) * nof_subcarriers), rows(nof_symbols),
        columns(nof_subcarriers)
  {
    std::mt19937 random(seed);
    std::normal_distribution<float> noise(0.0F, 0.70710678F);
    for (cf32& value : values) {
      value = {noise(random), noise(random)};
    }
  }
  view<cf32, 2> all() { return view<cf32, 2>(values.data(), rows, columns); }

  /// Adds a block with a delay of step_rad per subcarrier and a phase per symbol.
  void add(const ssb_transmit_config& config,
           int symbol,
           int first,
           float amplitude,
           float step_rad,
           float turn_rad)
  {
    std::array<cf32, 960> block{};
    REQUIRE(map_ssb(config, view<cf32, 2>(block.data(), 4, 240)));
    for (int l = 0; l < 4; ++l) {
      for (int k = 0; k < 240; ++k) {
        const float phase = step_rad * static_cast<float>(k) + turn_rad * static_cast<float>(l);
        all()(symbol + l, first + k) += amplitude * (block[l * 240 + k] * polar(phase));
      }
    }
  }

  std::vector<cf32> values;
  int rows;
  int columns;
};

using slot_key = std::tuple<int, int, int>; ///< frame, subframe, slot

/// Reads one flow's U-plane messages of a capture into slots of 14 symbols.
class slot_collector {
public:
  slot_collector(io::direction dir, std::uint16_t eaxc, io::u_layout layout, int nof_subcarriers)
      : dir_(dir), eaxc_(eaxc), layout_(layout), nof_subcarriers_(nof_subcarriers)
  {
  }

  void take(std::span<const std::byte> frame)
  {
    io::link_frame link;
    if (io::parse_link(frame, io::no_udp_port, link)) {
      return;
    }
    io::ecpri_reader messages(link.pdu);
    for (io::ecpri_message message; messages.next(message);) {
      io::stream_ids ids;
      io::packet rest;
      io::app_header head;
      const bool is_read = message.type == io::ecpri_type::iq_data &&
                           !io::parse_stream_ids(message.payload, ids, rest) &&
                           !io::parse_app_header(rest, head);
      if (is_read && ids.eaxc == eaxc_ && head.dir == dir_ && head.filter_index == 0) {
        write(head, rest.subspan(io::app_header_bytes));
      }
    }
  }

  std::map<slot_key, std::vector<cf32>> slots;

private:
  void write(const io::app_header& head, io::packet sections)
  {
    auto& slot = slots[{head.frame, head.subframe, head.slot}];
    slot.resize(static_cast<std::size_t>(14) * nof_subcarriers_);
    io::u_section_reader reader(sections, layout_);
    for (io::u_section section; reader.next(section);) {
      const std::size_t bytes = io::prb_bytes(section.format);
      std::array<cf32, 12> re{};
      for (int prb = 0; prb < section.nof_prb; ++prb) {
        io::decode_prb(section.format, section.iq.subspan(static_cast<std::size_t>(prb) * bytes, bytes), re);
        const int at = head.symbol * nof_subcarriers_ + 12 * (section.prb_begin + prb);
        std::copy(re.begin(), re.end(), slot.begin() + at);
      }
    }
  }

  io::direction dir_;
  std::uint16_t eaxc_;
  io::u_layout layout_;
  int nof_subcarriers_;
};

/// False when the capture is absent.
bool read_capture(const char* name, slot_collector& collector)
{
  const auto path = test::shared_path(name);
  if (!path) {
    MESSAGE("skipped: ", name, " not found");
    return false;
  }
  auto reader = io::pcap_reader::open(*path);
  REQUIRE(reader);
  for (io::capture_frame frame; reader.value().next(frame);) {
    collector.take(frame.bytes);
  }
  return true;
}

} // namespace

TEST_CASE("ssb_grid_search: blocks are found where they lie, with any phase and a delay")
{
  for (unsigned seed = 0; seed < 4; ++seed) {
    noise_grid grid(14, 612, seed);
    const mib first{12, 0, 0, 30000, 4, 2, 1, 0, false, true};
    const mib second{12, 0, 1, 30000, 4, 2, 1, 0, false, true};
    grid.add({700, first, 8, 0.0F}, 2, 0, 2.0F, 0.03F, 1.0F);
    grid.add({700, second, 8, 3.0F}, 8, 372, 1.4F, -0.08F, -2.5F);
    const auto cells = find_ssb_in_grid(grid.all());
    REQUIRE(cells.size() == 2);
    CHECK(cells[0].symbol == 2);
    CHECK(cells[0].first_subcarrier == 0);
    CHECK(cells[0].identity.pci == 700);
    CHECK(cells[0].content == first);
    CHECK(std::abs(cells[0].identity.snr_db - 6.0F) < 2.5F);
    CHECK(cells[1].symbol == 8);
    CHECK(cells[1].first_subcarrier == 372);
    CHECK(cells[1].identity.pci == 700);
    CHECK(cells[1].content == second);
  }
}

TEST_CASE("ssb_grid_search: noise, silence and a grid too small for a block hold none")
{
  noise_grid grid(14, 612, 99);
  CHECK(find_ssb_in_grid(grid.all()).empty());
  std::fill(grid.values.begin(), grid.values.end(), cf32{});
  CHECK(find_ssb_in_grid(grid.all()).empty());
  noise_grid narrow(14, 228, 1);
  CHECK(find_ssb_in_grid(narrow.all()).empty());
  noise_grid few(3, 612, 1);
  CHECK(find_ssb_in_grid(few.all()).empty());
}

TEST_CASE("ssb_grid_search: a recorded n78 cell is read out of fronthaul packets")
{
  // Downlink samples framed as uplink, one slot after the other; 106 PRB, static BFP of 9 bits.
  slot_collector collector(io::direction::uplink, 0, {io::iq_format{compression::bfp, 9}, 106}, 1272);
  if (!read_capture("captures/n78_grid_ul_bfp9.pcap", collector)) {
    return;
  }
  REQUIRE(collector.slots.size() == 19);
  int nof_found = 0;
  for (auto& [key, slot] : collector.slots) {
    for (const grid_cell& cell : find_ssb_in_grid(view<const cf32, 2>(slot.data(), 14, 1272))) {
      ++nof_found;
      CHECK(key == slot_key{2, 0, 0});
      CHECK(cell.symbol == 2);
      CHECK(cell.first_subcarrier == 1272 / 2 + 208);
      CHECK(cell.identity.pci == 500);
      CHECK(cell.identity.sss_metric > 0.99F);
      REQUIRE(cell.content);
      CHECK(cell.content->sfn % 16 == 2);
      CHECK(cell.content->k_ssb / 16 == 1);
    }
  }
  CHECK(nof_found == 1);
}

TEST_CASE("ssb_grid_search: a gNB's downlink fronthaul names its cell in every frame that has the block")
{
  slot_collector collector(io::direction::downlink, 0, {std::nullopt, 51}, 612);
  if (!read_capture("captures/ocudu_20mhz_2ant.pcap", collector)) {
    return;
  }
  int nof_found = 0;
  for (auto& [key, slot] : collector.slots) {
    for (const grid_cell& cell : find_ssb_in_grid(view<const cf32, 2>(slot.data(), 14, 612))) {
      ++nof_found;
      CHECK(std::get<1>(key) == 0);
      CHECK(std::get<2>(key) == 0);
      CHECK(cell.symbol == 2);
      CHECK(cell.first_subcarrier == 0);
      CHECK(cell.identity.pci == 1);
      REQUIRE(cell.content);
      // The packet's frame number is the SFN modulo 256: the MIB must say the same.
      CHECK(cell.content->sfn % 256 == std::get<0>(key));
      CHECK(cell.content->half_frame == 0);
      CHECK(cell.content->scs_common_hz == 30000);
      CHECK_FALSE(cell.content->is_barred);
    }
  }
  MESSAGE("blocks in the downlink capture: ", nof_found);
  CHECK(nof_found >= 2);
}
