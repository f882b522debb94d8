// SPDX-License-Identifier: Apache-2.0
#include "apps/cell_file.h"
#include "tests/support/temporary_folder.h"
#include <doctest/doctest.h>

using namespace pado::apps; // NOLINT(google-build-using-namespace)
using pado::numerology;

namespace {

const std::string carrier_text = "carrier:\n"                        // 1
                                 "  name: lab\n"                     // 2
                                 "  scs_khz: 30\n"                   // 3
                                 "  nof_prb: 273\n"                  // 4
                                 "  nof_rx_ports: 4\n";              // 5
const std::string fronthaul_text = "fronthaul:\n"                    // 6
                                   "  eaxc_pusch: [0, 1, 2, 0x10]\n" // 7
                                   "  comp_width: 9\n";              // 8
const std::string iq_text = "iq:\n  sample_rate_hz: 122880000\n";

std::string failure_of(const std::string& text)
{
  const auto got = parse_cell_file(text, "cell.yaml");
  REQUIRE_FALSE(got);
  return got.failure().text();
}

cell_config read(const std::string& text)
{
  const auto got = parse_cell_file(text, "cell.yaml");
  REQUIRE_MESSAGE(got, (got ? "" : got.failure().text()));
  return got.value();
}

/// The text with one piece replaced.
std::string with(std::string text, const std::string& from, const std::string& to)
{
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

const std::string grant_text =
    "static_grants:\n"
    "  - slots: [8, 9]\n"
    "    fapi: {pduBitmap: 1, RNTI: 17921, BWPSize: 273, BWPStart: 0, targetCodeRate: 6790, qamModOrder: 4,\n"
    "      mcsIndex: 9, mcsTable: 0, TransformPrecoding: 1, dataScramblingId: 1, nrOfLayers: 1, "
    "ulDmrsSymbPos: 4,\n"
    "      dmrsConfigType: 0, ulDmrsScramblingId: 1, SCID: 0, numDmrsCdmGrpsNoData: 2, dmrsPorts: 1, "
    "rbStart: 0,\n"
    "      rbSize: 24, StartSymbolIndex: 0, NrOfSymbols: 14, rvIndex: 0, harqProcessID: 0, newDataIndicator: "
    "1, TBSize: 528}\n";

const std::string everything =
    carrier_text + "  grid_start_crb: 6\n  centre_hz: 3.5e9\n  phys_cell_id: 500\n" + fronthaul_text +
    "  eaxc_prach: [4, 5, 6, 7]\n  vlan: 3\n  comp_method: block_scaling\n"
    "  comp_header: dynamic\n  window_us: [-20, 331]\n  window_from: symbol_end\n"
    "  outside_window: drop\n  clock: tai\n  gps_alpha: 12287999\n  gps_beta: -32768\n  udp_port: 5000\n"
    "tdd:\n  pattern: DDDDDDDSUU\n  special_downlink_symbols: 6\n  special_uplink_symbols: 4\n"
    "receiver:\n  ldpc_iterations: 8\n"
    "model: {path: \"a \\\"b\\\" #c.onnx\", budget_us: 20}\n"
    "mac: {k2: 3, max_ues_per_slot: 4, min_prb: 5}\n" +
    grant_text;

} // namespace

TEST_CASE("cell_file: what is not given has its default")
{
  const cell_config cell = read(carrier_text + fronthaul_text);
  CHECK(cell.carrier.name == "lab");
  CHECK(cell.carrier.scs == numerology{1});
  CHECK(cell.carrier.nof_prb == 273);
  CHECK(cell.carrier.grid_start_crb == 0);
  REQUIRE(cell.fronthaul);
  CHECK(cell.fronthaul->eaxc_pusch == std::vector<std::uint16_t>{0, 1, 2, 16});
  CHECK(cell.fronthaul->eaxc_prach.empty());
  CHECK_FALSE(cell.fronthaul->vlan);
  CHECK(cell.fronthaul->comp_method == pado::compression::bfp);
  CHECK(cell.fronthaul->header == comp_header::static_config);
  CHECK_FALSE(cell.fronthaul->window);
  CHECK_FALSE(cell.iq);
  CHECK_FALSE(cell.tdd);
  CHECK(cell.receiver.ldpc_iterations == 6);
  CHECK_FALSE(cell.model);
  CHECK(cell.mac.k2 == 4);
  CHECK(uplink_symbols(cell, {0, 0}) == 0x3fff);
}

TEST_CASE("cell_file: every key arrives")
{
  const cell_config cell = read(everything);
  CHECK(cell.carrier.grid_start_crb == 6);
  CHECK(cell.carrier.centre_hz == 3500000000);
  CHECK(cell.carrier.phys_cell_id == 500);
  CHECK(cell.fronthaul->eaxc_prach.size() == 4);
  CHECK(cell.fronthaul->vlan == 3);
  CHECK(cell.fronthaul->comp_method == pado::compression::block_scaling);
  CHECK(cell.fronthaul->header == comp_header::dynamic);
  CHECK(cell.fronthaul->window->begin_us == -20);
  CHECK(cell.fronthaul->window->end_us == 331);
  CHECK(cell.fronthaul->window->from == window_from::symbol_end);
  CHECK(cell.fronthaul->window->outside == outside_window::drop);
  CHECK(cell.fronthaul->clock == packet_clock::tai);
  CHECK(cell.fronthaul->gps_alpha == 12287999);
  CHECK(cell.fronthaul->gps_beta == -32768);
  CHECK(cell.fronthaul->udp_port == 5000);
  REQUIRE(cell.tdd);
  CHECK(cell.tdd->slots.size() == 10);
  CHECK(uplink_symbols(cell, {0, 0}) == 0);
  CHECK(uplink_symbols(cell, {1, 7}) == 0x3c00); // symbols 10..13
  CHECK(uplink_symbols(cell, {5, 19}) == 0x3fff);
  CHECK(cell.receiver.ldpc_iterations == 8);
  CHECK(cell.model->path == "a \"b\" #c.onnx");
  CHECK(cell.model->budget_us == 20);
  CHECK(cell.mac.k2 == 3);
  CHECK(cell.mac.max_ues_per_slot == 4);
  CHECK(cell.mac.min_prb == 5);
  REQUIRE(cell.static_grants.size() == 1);
  CHECK(cell.static_grants[0].slots == std::vector<std::int32_t>{8, 9});
  CHECK(cell.static_grants[0].pusch.rb_size == 24);
}

TEST_CASE("cell_file: what was written is read back unchanged")
{
  for (const std::string& text : {everything, carrier_text + fronthaul_text, carrier_text + iq_text}) {
    const cell_config first = read(text);
    const std::string written = write_cell_file(first, {{"carrier.phys_cell_id", "guessed"}});
    CHECK(has(written, "  # guessed\n"));
    const cell_config second = read(written);
    CHECK(write_cell_file(second, {{"carrier.phys_cell_id", "guessed"}}) == written);
    CHECK(second.carrier.centre_hz == first.carrier.centre_hz);
    CHECK(second.static_grants.size() == first.static_grants.size());
    CHECK(second.iq.has_value() == first.iq.has_value());
  }
}

TEST_CASE("cell_file: an unknown key gives its line and the nearest known one")
{
  const std::string text = carrier_text + with(fronthaul_text, "comp_width", "comp_widht");
  CHECK(failure_of(text) == "cell.yaml:8: unknown key 'comp_widht' in fronthaul. Did you mean 'comp_width'?");
  CHECK(failure_of(with(carrier_text, "nof_prb", "nof_prbs") + iq_text) ==
        "cell.yaml:4: unknown key 'nof_prbs' in carrier. Did you mean 'nof_prb'?");
  CHECK(failure_of("carier:\n  name: x\n") == "cell.yaml:1: unknown key 'carier'. Did you mean 'carrier'?");
  CHECK(failure_of(carrier_text + iq_text + "zzzzzzzzzzzz: 1\n") ==
        "cell.yaml:8: unknown key 'zzzzzzzzzzzz'. Known are: carrier, fronthaul, iq, grid, tdd, receiver, "
        "model, "
        "mac, link, prach, static_grants");
}

TEST_CASE("cell_file: a value outside its range gives line, key and range")
{
  CHECK(failure_of(with(carrier_text, "273", "276") + iq_text) ==
        "cell.yaml:4: carrier.nof_prb is 276, must be in 1..275 (273 for 100 MHz at 30 kHz)");
  CHECK(has(failure_of(with(carrier_text, "30", "20") + iq_text),
            "cell.yaml:3: carrier.scs_khz is 20, must be one of: 15, 30, 60, 120"));
  CHECK(has(failure_of(with(carrier_text, "ports: 4", "ports: many") + iq_text),
            "carrier.nof_rx_ports is many, must be in 1..8"));
  CHECK(has(failure_of(with(carrier_text, "ports: 4", "ports: 4.5") + iq_text),
            "carrier.nof_rx_ports is 4.5, must be in 1..8"));
  CHECK(has(failure_of(with(carrier_text, "ports: 4", "ports:") + iq_text),
            "carrier.nof_rx_ports is empty, must be in 1..8"));
  CHECK(has(failure_of(with(carrier_text, "ports: 4", "ports: [4]") + iq_text),
            "carrier.nof_rx_ports is a list, must be in 1..8"));
  CHECK(has(failure_of(with(carrier_text, "name: lab", "name: {}") + iq_text),
            "carrier.name is a block of keys, must be text"));
  CHECK(has(failure_of(carrier_text + "  phys_cell_id: 1008\n" + iq_text),
            "carrier.phys_cell_id is 1008, must be in 0..1007"));
  CHECK(has(failure_of(carrier_text + "  centre_hz: 99999999999999999999\n" + iq_text),
            "carrier.centre_hz is 99999999999999999999, must be in 0..100000000000"));
  CHECK(has(failure_of(carrier_text + fronthaul_text + "  comp_method: bpf\n"),
            "fronthaul.comp_method is bpf, must be one of: none, bfp,"));
  CHECK(has(failure_of(carrier_text + fronthaul_text + "  vlan: 4095\n"),
            "fronthaul.vlan is 4095, must be in 0..4094"));
  CHECK(has(failure_of(carrier_text + fronthaul_text + "receiver: {ldpc_iterations: 0}\n"),
            "receiver.ldpc_iterations is 0, must be in 1..50"));
  CHECK(has(failure_of(carrier_text + fronthaul_text + "mac: {k2: 33}\n"), "mac.k2 is 33, must be in 0..32"));
  CHECK(has(failure_of(carrier_text + fronthaul_text + "model: {budget_us: 5}\n"),
            "model.path is missing, must name an ONNX file"));
}

TEST_CASE("cell_file: keys that must be there are missed")
{
  CHECK(has(failure_of("mac: {k2: 3}\n"), "carrier is missing, must be a block"));
  CHECK(has(failure_of(with(carrier_text, "  nof_prb: 273\n", "") + iq_text),
            "carrier.nof_prb is missing, must be in 1..275"));
  CHECK(has(failure_of(carrier_text), "fronthaul is missing, must be there (O-RAN packets), or iq"));
  CHECK(has(failure_of(carrier_text + fronthaul_text + iq_text),
            "iq stands beside fronthaul, must be one of the two"));
  CHECK(has(failure_of(carrier_text + iq_text + "grid: yes\n"), "grid stands beside fronthaul or iq"));
  CHECK(has(failure_of(carrier_text + "grid: maybe\n"), "grid is maybe, must be one of: no, yes"));
  CHECK(has(failure_of(carrier_text + "fronthaul: {comp_width: 9}\n"), "fronthaul.eaxc_pusch is missing"));
  CHECK(has(failure_of("carrier: 3\n"), "cell.yaml:1: carrier is 3, must be a block of keys"));
}

TEST_CASE("cell_file: values that contradict each other are refused")
{
  CHECK(has(failure_of(carrier_text + with(fronthaul_text, ", 0x10", "")),
            "fronthaul.eaxc_pusch has 3 ids, must have one for each of the 4 ports"));
  CHECK(has(failure_of(carrier_text + with(fronthaul_text, "0x10", "1")),
            "fronthaul.eaxc_pusch holds 1 twice"));
  CHECK(has(failure_of(carrier_text + with(fronthaul_text, "[0, 1, 2, 0x10]", "[]")),
            "fronthaul.eaxc_pusch is empty"));
  CHECK(has(failure_of(carrier_text + with(fronthaul_text, "0x10", "70000")),
            "eaxc_pusch holds 70000, each must be in 0..65535"));
  CHECK(has(failure_of(carrier_text + fronthaul_text + "  window_us: [331, 50]\n"),
            "window_us must be [begin, end] of Ta4"));
  const std::string clocked = carrier_text + fronthaul_text + "  window_us: [0, 9]\n";
  CHECK(has(failure_of(carrier_text + fronthaul_text + "  window_from: symbol_end\n"),
            "cell.yaml:9: fronthaul.window_from stands without window_us"));
  CHECK(has(failure_of(carrier_text + fronthaul_text + "  outside_window: drop\n"),
            "fronthaul.outside_window stands without window_us"));
  CHECK(has(failure_of(clocked + "  window_from: symbol\n"), "must be one of: symbol_begin, symbol_end"));
  CHECK(has(failure_of(clocked + "  outside_window: keep\n"), "must be one of: count, drop"));
  CHECK(has(failure_of(clocked + "  clock: gps\n"), "clock is gps, must be one of: utc, tai, fitted"));
  CHECK(has(failure_of(carrier_text + fronthaul_text + "  clock: fitted\n"),
            "fronthaul.clock is fitted, which needs window_us"));
  CHECK(has(failure_of(clocked + "  clock: fitted\n  outside_window: drop\n"),
            "fronthaul.outside_window is drop, must be count with clock: fitted"));
  CHECK(has(failure_of(clocked + "  clock: fitted\n  gps_beta: 1\n"),
            "fronthaul.gps_beta stands beside clock: fitted"));
  CHECK(
      has(failure_of(clocked + "  gps_alpha: 12288000\n"), "gps_alpha is 12288000, must be in 0..12287999"));
  CHECK(has(failure_of(clocked + "  gps_beta: 40000\n"), "gps_beta is 40000, must be in -32768..32767"));
  CHECK(has(failure_of(carrier_text + "iq: {sample_rate_hz: 122880001}\n"),
            "iq.sample_rate_hz is 122880001, must be a multiple of 30000 Hz (scs) and at least 98280000"));
  CHECK(has(failure_of(carrier_text + "iq: {sample_rate_hz: 61440000}\n"), "iq.sample_rate_hz is 61440000"));
  CHECK(has(failure_of(carrier_text + "iq: {sample_rate_hz: 122880000, fft_size: 2048}\n"),
            "iq.fft_size is 2048, must be 4096"));
  CHECK(has(failure_of(carrier_text + iq_text + "tdd: {pattern: DDX}\n"),
            "tdd.pattern has a letter other than D, S and U"));
  CHECK(has(failure_of(carrier_text + iq_text + "tdd: {pattern: DDU}\n"),
            "tdd.pattern has 3 slots, must divide the 40 slots of 20 ms"));
  CHECK(has(failure_of(carrier_text + iq_text +
                       "tdd: {pattern: DS, special_downlink_symbols: 8, special_uplink_symbols: 7}\n"),
            "special_uplink_symbols is 7, must be at most 6"));
  CHECK(has(failure_of(carrier_text + "  nof_prb: 20\n" + iq_text),
            "cell.yaml:6: key 'carrier.nof_prb' stands twice"));
}

TEST_CASE("cell_file: a static grant is checked like a schedule")
{
  const std::string head = carrier_text + fronthaul_text;
  CHECK(has(failure_of(head + with(grant_text, "RNTI: 17921, ", "")),
            "cell.yaml:11: static_grants[0].fapi.RNTI is missing"));
  CHECK(has(failure_of(head + with(grant_text, "TransformPrecoding: 1", "TransformPrecoding: 0")),
            "static_grants[0].fapi is not decoded: transform precoding"));
  CHECK(has(failure_of(head + with(grant_text, "[8, 9]", "[8, 20]")),
            "static_grants[0].slots holds 20, each must be in 0..19"));
  CHECK(has(failure_of(head + with(grant_text, "RNTI: 17921", "RNTI: x")),
            "fapi holds RNTI: x, must be a FAPI name and a whole number"));
  CHECK(has(failure_of(head + "static_grants: 3\n"), "static_grants is 3, must be a list"));
  CHECK(has(failure_of(head + "static_grants: [3]\n"),
            "static_grants holds 3 at [0], must be a block of keys"));
}

TEST_CASE("cell_file: text that is not YAML is refused with its line")
{
  CHECK(has(failure_of(""), "cell.yaml: is empty, must be a block of keys"));
  CHECK(has(failure_of("- 1\n"), "cell.yaml: is a list, must be a block of keys"));
  CHECK(has(failure_of("just text\n"), "cell.yaml: is just text, must be a block of keys"));
  CHECK(has(failure_of("carrier:\n  name: [1\nx: 2\n"), "not YAML: "));
  CHECK(has(failure_of(carrier_text + "---\n" + iq_text), "cell.yaml: goes on behind its end"));
  CHECK(has(failure_of("a: &x [*x]\n"), "cell.yaml:1: "));
  CHECK(has(failure_of(", a: 1\n"),
            "cell.yaml: goes on behind its end")); // yaml-cpp's LoadAll() never returns from this
  CHECK(has(failure_of(carrier_text + "...\nx: 1\n"), "cell.yaml: goes on behind its end"));
  CHECK(has(failure_of(std::string(200000, '[')), "not YAML: "));
  CHECK(has(failure_of(std::string((1 << 20) + 1, '#')), "at most 1048576 are read"));
  const pado::test::temporary_folder folder;
  const auto none = read_cell_file(folder.file("none.yaml"));
  REQUIRE_FALSE(none);
  CHECK(has(none.failure().text(), "none.yaml: cannot be opened: No such file"));
}

TEST_CASE("cell_file: link, prach and the UEs of pado run are read, written back, and refused by name")
{
  const std::string text =
      carrier_text + fronthaul_text +
      "mac: {ues: [0x4601, 17922]}\n"
      "link:\n  du_mac: 02:00:00:00:00:aa\n  ru_mac: \"06:01:02:03:04:05\"\n  priority: 3\n"
      "  cplane: no\n  prbs: carrier\n  guard: yes\n  t1a_us: [100, 669]\n"
      "prach:\n  - {slots: [19], period_frames: 16, frame: 1, repetitions: 12, first_prb: 4,\n"
      "     time_offset_ts: 484}\n"
      "  - {slots: [1, 9], scs_hz: 1250, repetitions: 1}\n";
  const cell_config cell = read(text);
  REQUIRE(cell.link);
  CHECK(cell.mac.ues == std::vector<std::uint16_t>{0x4601, 0x4602});
  CHECK(cell.link->du_mac == pado::io::mac_address{2, 0, 0, 0, 0, 0xAA});
  CHECK(cell.link->ru_mac == pado::io::mac_address{6, 1, 2, 3, 4, 5});
  CHECK(cell.link->priority == 3);
  CHECK_FALSE(cell.link->has_cplane);
  CHECK_FALSE(cell.link->is_granted_only);
  CHECK(cell.link->has_guard);
  CHECK(cell.link->t1a_min_us == 100);
  CHECK(cell.link->t1a_max_us == 669);
  REQUIRE(cell.prach.size() == 2);
  CHECK(cell.prach[0].time_offset_ts == 484);
  CHECK(cell.prach[1].slots == std::vector<std::int32_t>{1, 9});
  const cell_config again = read(write_cell_file(cell));
  CHECK(again.link == cell.link);
  CHECK(again.prach == cell.prach);
  CHECK(again.mac.ues == cell.mac.ues);
  CHECK(has(failure_of(with(text, "[100, 669]", "[669, 100]")), "link.t1a_us must be [min, max]"));
  CHECK(has(failure_of(with(text, "02:00:00:00:00:aa", "02:00")), "link.du_mac is no MAC address"));
  CHECK(has(failure_of(with(text, "period_frames: 16", "period_frames: 12")), "must divide 1024"));
  CHECK(has(failure_of(with(text, "scs_hz: 1250", "scs_hz: 1251")), "scs_hz is 1251"));
  CHECK(has(failure_of(with(text, "17922", "0")), "mac.ues"));
}
