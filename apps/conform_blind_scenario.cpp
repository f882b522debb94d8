// SPDX-License-Identifier: Apache-2.0
// The scenarios of `pado conform --suite blind`.
#include "apps/conform_blind.h"
#include "mac/mcs/mcs_table.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <random>

namespace pado::apps {

namespace {

/// Draws that are the same on every machine, unlike the distributions of <random>.
class dice {
public:
  explicit dice(std::int32_t number) : engine_(static_cast<std::uint32_t>(number) * 2654435761U + 12345U) {}

  /// low..high, both included.
  std::int32_t number(std::int32_t low, std::int32_t high)
  {
    return low + static_cast<std::int32_t>(engine_() % static_cast<std::uint32_t>(high - low + 1));
  }
  template <class T, std::size_t N>
  T one_of(const std::array<T, N>& from)
  {
    return from[static_cast<std::size_t>(number(0, static_cast<std::int32_t>(N) - 1))];
  }
  bool chance(std::int32_t percent) { return number(1, 100) <= percent; }

private:
  std::mt19937 engine_;
};

struct carrier_draw {
  std::int32_t nof_prb;
  std::int32_t nof_ports;
  std::int32_t pci;
};

/// DM-RS of one UE: mapping, positions, and who shares them.
std::string dmrs_text(dice& d, const std::string& ports, bool has_own_id, std::int32_t cdm_groups)
{
  const bool is_b = d.chance(20);
  std::string out =
      fmt::format("    dmrs: {{mapping: {}, additional_positions: {}", is_b ? "B" : "A", d.number(0, 2));
  if (!is_b && d.chance(20)) {
    out += ", type_a_position: 3";
  }
  if (has_own_id) {
    out += fmt::format(", scrambling_id: {}", d.number(0, 65535));
  }
  if (d.chance(20)) {
    out += ", scid: 1";
  }
  return out + fmt::format(", cdm_groups_without_data: {}, ports: {}}}\n", cdm_groups, ports);
}

/// What comes after the PRBs of a UE: code, strength, channel.
std::string signal_text(dice& d, std::int32_t layers, std::int32_t nof_ports, std::int32_t load)
{
  const std::int32_t table = d.number(0, 2);
  const std::int32_t mcs = d.number(0, mac::nof_mcs(table) - 1);
  const double efficiency = mac::mcs_of(table, mcs).spectral_efficiency();
  // Shannon, what codes and channel estimates lose, and a margin that leaves some of them below.
  const double least_db = 10.0 * std::log10(std::pow(2.0, efficiency) - 1.0) + 3.0;
  const double mimo_db = 10.0 * std::log10(static_cast<double>(layers)) + (load >= nof_ports ? 8.0
                                                                           : load > 1        ? 4.0
                                                                                             : 0.0);
  const bool is_fading = nof_ports > load && d.chance(60);
  const double snr_db = std::min(least_db + mimo_db + (is_fading ? 5.0 : 0.0) + d.number(0, 12), 55.0);
  static constexpr std::array<const char*, 3> tables = {"64qam", "256qam", "64qam_low_se"};
  std::string out = fmt::format("    mcs: {}\n    mcs_table: {}\n    snr_db: {:.0f}\n    layers: {}\n",
                                mcs,
                                tables[static_cast<std::size_t>(table)],
                                snr_db,
                                layers);
  out += fmt::format("    delay_ns: {}\n    cfo_hz: {}\n", d.number(0, 900), d.number(-150, 150));
  if (is_fading) {
    const bool is_long = d.chance(50);
    out +=
        fmt::format("    channel: {}\n    doppler_hz: {}\n", is_long ? "tdlc300" : "tdla30", d.number(0, 60));
  }
  return out;
}

std::string ue_text(dice& d,
                    std::int32_t rnti,
                    std::int32_t first_prb,
                    std::int32_t nof_prb,
                    std::int32_t layers,
                    std::int32_t nof_ports)
{
  std::string out =
      fmt::format("  - rnti: {}\n    first_prb: {}\n    nof_prb: {}\n", rnti, first_prb, nof_prb);
  out += signal_text(d, layers, nof_ports, layers);
  static constexpr std::array<const char*, 4> ports = {"[0]", "[0, 1]", "[0, 1, 2]", "[0, 1, 2, 3]"};
  const std::int32_t cdm_groups = layers <= 2 && d.chance(30) ? 1 : 2;
  return out + dmrs_text(d, ports[static_cast<std::size_t>(layers - 1)], d.chance(15), cdm_groups);
}

/// Two UEs on the same PRBs, on DM-RS ports of different CDM groups or of the same one.
std::string
pair_text(dice& d, std::int32_t rnti, std::int32_t first_prb, std::int32_t nof_prb, std::int32_t nof_ports)
{
  const std::string second = d.chance(50) ? "[2]" : "[1]";
  const std::string common = fmt::format(
      "    dmrs: {{additional_positions: {}, cdm_groups_without_data: 2, ports: ", d.number(0, 2));
  std::string out;
  for (std::int32_t i = 0; i < 2; ++i) {
    out += fmt::format("  - rnti: {}\n    first_prb: {}\n    nof_prb: {}\n", rnti + i, first_prb, nof_prb);
    out += signal_text(d, 1, nof_ports, 2) + common + (i == 0 ? "[0]" : second) + "}\n";
  }
  return out;
}

/// One or two UEs too weak for one transmission, each block sent up to four times.
std::string harq_scenario(std::int32_t number)
{
  dice d(number);
  const std::int32_t nof_ports = d.number(1, 2);
  const std::int32_t pci = d.number(0, 1007);
  std::string out =
      fmt::format("carrier:\n  scs_khz: 15\n  nof_prb: 51\n  nof_rx_ports: {}\n  phys_cell_id: {}\n"
                  "fronthaul:\n  eaxc_pusch: {}\n  comp_width: 14\n"
                  "simulation:\n  slots: 16\n  seed: {}\nues:\n",
                  nof_ports,
                  pci,
                  nof_ports == 1 ? "[0]" : "[0, 1]",
                  number);
  for (std::int32_t ue = 0, nof_ues = d.number(1, 2); ue < nof_ues; ++ue) {
    const std::int32_t mcs = d.number(5, 14);
    const double efficiency = mac::mcs_of(0, mcs).spectral_efficiency();
    // A little less than a code needs on this channel: what one transmission misses, two hold.
    const double least_db = 10.0 * std::log10((std::pow(2.0, efficiency) - 1.0) / nof_ports);
    out += fmt::format(
        "  - rnti: {}\n    snr_db: {:.1f}\n    channel: fixed\n    first_prb: {}\n    nof_prb: {}\n"
        "    mcs: {}\n    rv: [0, 2, 3, 1]\n    harq_processes: {}\n"
        "    dmrs: {{additional_positions: 1}}\n",
        d.number(1, 60000),
        least_db + 0.1 * d.number(12, 22),
        25 * ue,
        d.number(16, 25),
        mcs,
        d.number(1, 4));
  }
  return out;
}

} // namespace

std::string blind_scenario(std::int32_t number)
{
  if (number >= first_harq_scenario) {
    return harq_scenario(number);
  }
  dice d(number);
  static constexpr std::array<std::int32_t, 5> widths = {25, 51, 51, 106, 273};
  static constexpr std::array<std::int32_t, 4> antennas = {1, 2, 4, 4};
  const carrier_draw carrier = {d.one_of(widths), d.one_of(antennas), d.number(0, 1007)};
  const std::int32_t scs_khz = carrier.nof_prb != 273 && d.chance(40) ? 15 : 30;
  std::string out =
      fmt::format("carrier:\n  scs_khz: {}\n  nof_prb: {}\n  nof_rx_ports: {}\n  phys_cell_id: {}\n",
                  scs_khz,
                  carrier.nof_prb,
                  carrier.nof_ports,
                  carrier.pci);
  out += "fronthaul:\n  eaxc_pusch: [";
  for (std::int32_t port = 0; port < carrier.nof_ports; ++port) {
    out += fmt::format("{}{}", port == 0 ? "" : ", ", port);
  }
  out += fmt::format("]\nsimulation:\n  slots: {}\n  seed: {}\n  first_sfn: {}\nues:\n",
                     carrier.nof_prb == 273 ? 2 : 3,
                     number + 1,
                     d.number(0, 1023));
  std::int32_t nof_ues = std::min(d.number(1, 8), std::max(1, carrier.nof_prb / 8));
  std::int32_t prb = d.number(0, 2);
  std::int32_t rnti = d.number(1, 60000);
  while (nof_ues > 0 && prb + 6 <= carrier.nof_prb) {
    const std::int32_t room = (carrier.nof_prb - prb) / nof_ues;
    const std::int32_t size = std::min(d.number(6, std::max(6, room)), carrier.nof_prb - prb);
    const bool is_pair = nof_ues >= 2 && carrier.nof_ports >= 2 && d.chance(20);
    if (is_pair) {
      out += pair_text(d, rnti, prb, size, carrier.nof_ports);
    } else {
      const std::int32_t layers = d.chance(60) ? 1 : d.number(1, carrier.nof_ports);
      out += ue_text(d, rnti, prb, size, layers, carrier.nof_ports);
    }
    rnti = (rnti + d.number(2, 900)) % 65000 + 1;
    nof_ues -= is_pair ? 2 : 1;
    prb += size + (d.chance(30) ? d.number(1, 4) : 0);
  }
  return out;
}

} // namespace pado::apps
