// SPDX-License-Identifier: Apache-2.0
#include "core/buffer.h"
#include "io/grid/grid_capture.h"
#include "tests/support/temporary_folder.h"
#include <cmath>
#include <doctest/doctest.h>
#include <filesystem>
#include <limits>
#include <string>

using namespace pado;     // NOLINT(google-build-using-namespace)
using namespace pado::io; // NOLINT(google-build-using-namespace)

namespace {

const std::string head =
    R"({"grid": {"datatype": "cf32_le", "scs_khz": 30, "nof_prb": 1, "nof_rx_ports": 2}, "slots": [)";
constexpr std::int64_t slot_bytes = 2 * 14 * 12 * 8;

bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

std::string failure_of(const std::string& meta, std::int64_t bytes = slot_bytes)
{
  const auto got = parse_grid_capture(meta, "a.grid-meta", bytes);
  REQUIRE_FALSE(got);
  return got.failure().text();
}

/// Two slots of two ports, value (port, symbol, subcarrier) = port + j symbol + subcarrier / 16.
grid_capture write_two(const test::temporary_folder& folder, std::int32_t exponent)
{
  grid_capture wanted;
  wanted.scs.mu = 1;
  wanted.nof_prb = 1;
  wanted.nof_rx_ports = 2;
  wanted.phys_cell_id = 7;
  auto writer = grid_writer::create(folder.file("a"), wanted, "two \"slots\"");
  REQUIRE(writer);
  std::vector<cf32> values;
  for (int port = 0; port < 2; ++port) {
    for (int symbol = 0; symbol < 14; ++symbol) {
      for (int k = 0; k < 12; ++k) {
        values.push_back(
            {static_cast<float>(port) + static_cast<float>(k) / 16.0F, static_cast<float>(symbol)});
      }
    }
  }
  writer.value().set_exponent(exponent);
  REQUIRE(writer.value().write({5, 19}, values));
  values[0] = {std::numeric_limits<float>::quiet_NaN(), 0.0F};
  values[1] = {1e9F, 0.0F};
  const auto second = writer.value().write({1023, 0}, values);
  REQUIRE(second);
  CHECK(second.value() == 2 * 14 * 12);
  CHECK_FALSE(writer.value().write({6, 0}, std::vector<cf32>(3)));
  REQUIRE(writer.value().finish());
  const auto got = read_grid_capture(folder.file("a.grid-data"));
  REQUIRE_MESSAGE(got, got.failure().text());
  return got.value();
}

} // namespace

TEST_CASE("grid_capture: what is written is read, by either name")
{
  const test::temporary_folder folder;
  const grid_capture capture = write_two(folder, 0);
  CHECK(read_grid_capture(folder.file("a")));
  CHECK(capture.scs.mu == 1);
  CHECK(capture.nof_rx_ports == 2);
  CHECK(capture.phys_cell_id == 7);
  REQUIRE(capture.slots.size() == 2);
  CHECK(capture.slots[0].slot == slot_id{5, 19});
  CHECK(capture.slots[1].slot == slot_id{1023, 0});
  auto reader = grid_reader::open(capture);
  REQUIRE(reader);
  const buffer<ch16> values(static_cast<std::size_t>(capture.values_per_slot()));
  const auto grid = values.as(2, 14, 12);
  REQUIRE(reader.value().read(0, grid));
  CHECK(to_cf32(grid(1, 13, 11)).re == 1.0F + 11.0F / 16.0F);
  CHECK(to_cf32(grid(1, 13, 11)).im == 13.0F);
  CHECK(reader.value().nof_unusable() == 0);
  REQUIRE(reader.value().read(1, grid));
  CHECK(reader.value().nof_unusable() == 2); // no number, and one too large for a half
  CHECK(to_cf32(grid(0, 0, 0)).re == 0.0F);
  CHECK(to_cf32(grid(0, 0, 1)).re == 0.0F);
  CHECK_FALSE(reader.value().read(2, grid));
  CHECK_FALSE(reader.value().read(0, values.as(1, 14, 24)));
}

TEST_CASE("grid_capture: the exponent scales what is stored")
{
  const test::temporary_folder folder;
  auto reader = grid_reader::open(write_two(folder, -2));
  REQUIRE(reader);
  const buffer<ch16> values(2 * 14 * 12);
  REQUIRE(reader.value().read(0, values.as(2, 14, 12)));
  CHECK(to_cf32(values.as(2, 14, 12)(1, 2, 4)).re == 1.25F / 4.0F);
}

TEST_CASE("grid_capture: data that were cut keep their whole slots, the others are counted")
{
  const std::string meta =
      head + R"({"sfn": 1, "slot": 2, "offset": 0}, {"sfn": 1, "slot": 3, "offset": 336}]})";
  for (const std::int64_t bytes :
       {std::int64_t{0}, slot_bytes - 1, slot_bytes, 2 * slot_bytes - 1, 2 * slot_bytes}) {
    CAPTURE(bytes);
    const auto got = parse_grid_capture(meta, "a.grid-meta", bytes);
    REQUIRE(got);
    CHECK(static_cast<std::int64_t>(got.value().slots.size()) == bytes / slot_bytes);
    CHECK(got.value().nof_cut == 2 - bytes / slot_bytes);
    CHECK(got.value().nof_spare_bytes == bytes % 8);
  }
}

TEST_CASE("grid_capture: a data file cut after it was opened is an error, not old values")
{
  const test::temporary_folder folder;
  auto reader = grid_reader::open(write_two(folder, 0));
  REQUIRE(reader);
  std::filesystem::resize_file(folder.file("a.grid-data"), static_cast<std::uintmax_t>(slot_bytes + 8));
  const buffer<ch16> values(2 * 14 * 12);
  CHECK(reader.value().read(0, values.as(2, 14, 12)));
  const auto cut = reader.value().read(1, values.as(2, 14, 12));
  REQUIRE_FALSE(cut);
  CHECK(has(cut.failure().text(),
            "a.grid-data: ends inside slot 1023.0, it had 672 values when it was opened"));
}

TEST_CASE("grid_capture: wrong metadata are named with their key and what would be right")
{
  const auto with = [](const std::string& from, const std::string& to) {
    std::string text = head + "]}";
    return text.replace(text.find(from), from.size(), to);
  };
  CHECK(has(failure_of("[]"), "a.grid-meta: grid is missing, must be an object"));
  CHECK(has(failure_of("{"), "not JSON"));
  CHECK(has(failure_of(with("cf32_le", "ci16_le")), "grid.datatype is \"ci16_le\", must be \"cf32_le\""));
  CHECK(has(failure_of(with(": 30", ": 31")), "grid.scs_khz is 31, must be 15, 30, 60 or 120"));
  CHECK(has(failure_of(with("\"nof_prb\": 1", "\"nof_prb\": 276")),
            "grid.nof_prb is 276, must be a whole number in 1..275"));
  CHECK(has(failure_of(with("\"nof_rx_ports\": 2", "\"x\": 2")), "grid.nof_rx_ports is missing"));
  CHECK(has(failure_of(with("\"nof_rx_ports\": 2", "\"nof_rx_ports\": 2, \"phys_cell_id\": 1008")),
            "grid.phys_cell_id is 1008"));
  CHECK(has(failure_of(with("\"nof_rx_ports\": 2", "\"nof_rx_ports\": 2, \"exponent\": 99")),
            "grid.exponent is 99"));
  CHECK(
      has(failure_of(R"({"grid": {"datatype": "cf32_le", "scs_khz": 30, "nof_prb": 1, "nof_rx_ports": 2}})"),
          "slots is missing, must be a list"));
  CHECK(has(failure_of(head + "3]}"), "slots[0] is 3, must be an object with sfn, slot and offset"));
  CHECK(has(failure_of(head + R"({"sfn": 1, "slot": 20, "offset": 0}]})"),
            "slots[0].slot is 20, must be a whole number in 0..19"));
  CHECK(has(failure_of(head + R"({"sfn": 1, "slot": 2, "offset": -1}]})"), "slots[0].offset is -1"));
  CHECK_FALSE(read_grid_capture("/nowhere/a.grid-meta"));
}
