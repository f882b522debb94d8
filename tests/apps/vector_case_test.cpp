// SPDX-License-Identifier: Apache-2.0
// ctest: golden
#include "apps/sha256.h"
#include "apps/vector_case.h"
#include "tests/support/shared.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <map>
#include <nlohmann/json.hpp>

using nlohmann::json;
using namespace pado::apps; // NOLINT(google-build-using-namespace)
using pado::ch16;

namespace {

using file_map = std::map<std::string, std::vector<std::uint8_t>>;

class memory_arrays final : public array_source {
public:
  explicit memory_arrays(file_map files) : files_(std::move(files)) {}
  pado::result<std::vector<std::uint8_t>> read(const std::string& file, std::size_t) override
  {
    const auto found = files_.find(file);
    return found == files_.end()
               ? pado::result<std::vector<std::uint8_t>>(pado::error{file + ":", "is not there"})
               : found->second;
  }

private:
  file_map files_;
};

/// A case of 2 ports and 3 of 10 PRBs from PRB 4 on; grid values are their own numbers.
struct small_case {
  json document;
  file_map files;

  small_case()
  {
    std::vector<std::uint8_t> grid(2 * 14 * 36 * 4);
    for (std::size_t i = 0; i < grid.size() / 4; ++i) {
      const auto half = static_cast<std::uint16_t>(i);
      std::memcpy(grid.data() + 4 * i, &half, 2);
    }
    files["x_tf.bin"] = grid;
    files["x_tf_bfp9.bin"] = std::vector<std::uint8_t>(2 * 14 * 3 * 28, 7);
    const auto entry = [&](const char* name, const char* dtype, const json& shape) {
      const std::string file = std::string(name) + ".bin";
      return json{{"name", name},
                  {"file", file},
                  {"dtype", dtype},
                  {"shape", shape},
                  {"prb_start", 4},
                  {"n_prb", 3},
                  {"carrier_n_prb", 10},
                  {"sha256", sha256_hex(files[file])}};
    };
    document = {
        {"schema", "nv5g-case-1"},
        {"id", "small"},
        {"carrier",
         {{"mu", 1}, {"n_rb", 10}, {"grid_start_crb", 0}, {"n_rx_ports", 2}, {"phys_cell_id", 41}}},
        {"slots", {{{"sfn", 3}, {"slot", 7}, {"input", "x_tf"}, {"pdus", json::array()}}}},
        {"arrays", {entry("x_tf", "cf16_le", {2, 14, 36}), entry("x_tf_bfp9", "u8", {2, 14, 3, 28})}}};
  }

  pado::result<vector_case> parse()
  {
    memory_arrays arrays(files);
    return parse_vector_case(document.dump(), "case.json", arrays);
  }
  std::string failure()
  {
    const auto got = parse();
    REQUIRE_FALSE(got);
    return got.failure().text();
  }
};

bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

const char* const all_pusch[] = {
    "7201", "7204", "7208", "7261", "7287", "7293", "7324", "7363", "7401", "7501", "7553"};

} // namespace

TEST_CASE("vector_case: sha256 of the messages of FIPS 180-4")
{
  const auto of = [](const std::string& text) {
    return sha256_hex(std::vector<std::uint8_t>(text.begin(), text.end()));
  };
  CHECK(of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(of(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("vector_case: the PRB window lies in an empty grid of the whole carrier")
{
  const auto got = small_case().parse();
  REQUIRE_MESSAGE(got, (got ? "" : got.failure().text()));
  const vector_case& c = got.value();
  CHECK(c.nof_prb == 10);
  CHECK(c.nof_rx_ports == 2);
  CHECK(c.phys_cell_id == 41);
  CHECK(c.window == pado::prb_range{4, 7});
  const auto input = grid_input(c, 0);
  CHECK(input.slot == pado::slot_id{3, 7});
  REQUIRE(input.grid.extent(2) == 120);
  int wrong = 0;
  for (int port = 0; port < 2; ++port) {
    for (int symbol = 0; symbol < 14; ++symbol) {
      for (int k = 0; k < 120; ++k) {
        const int held = k >= 48 && k < 84 ? (port * 14 + symbol) * 36 + k - 48 : 0;
        wrong += input.grid(port, symbol, k).re == held ? 0 : 1;
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("vector_case: packet bytes become one section a symbol and port")
{
  const auto got = small_case().parse();
  REQUIRE(got);
  const auto input = packet_input(got.value(), 0);
  REQUIRE(input.sections.size() == 28);
  CHECK(input.bytes.size() == 2 * 14 * 3 * 28);
  const pado::iq_section& last = input.sections(27);
  CHECK(last.bytes_begin == 27 * 3 * 28);
  CHECK(last.prb_begin == 4);
  CHECK(last.nof_prb == 3);
  CHECK(last.port == 1);
  CHECK(last.symbol == 13);
  CHECK(last.method == pado::compression::bfp);
  CHECK(last.width == 9);
}

TEST_CASE("vector_case: broken cases are refused by file, key and value")
{
  small_case c;
  c.files["x_tf.bin"][0] ^= 1;
  CHECK(has(c.failure(), "case.json: arrays[0].sha256 is not that of the file"));
  c = small_case();
  c.files["x_tf.bin"].pop_back();
  CHECK(has(c.failure(), "arrays[0].file has 4031 bytes, must have 4032 (shape x dtype)"));
  c = small_case();
  c.files.erase("x_tf_bfp9.bin");
  CHECK(has(c.failure(), "x_tf_bfp9.bin: is not there"));
  c = small_case();
  c.document["arrays"][0]["file"] = "../x_tf.bin";
  CHECK(has(c.failure(), "arrays[0].file must be the name of a file beside case.json"));
  c = small_case();
  c.document["arrays"][0]["dtype"] = "f64";
  CHECK(has(c.failure(), "arrays[0].dtype is \"f64\", must be \"cf16_le\""));
  c = small_case();
  c.document["arrays"][0]["shape"] = {2, 14, 1 << 28};
  CHECK(has(c.failure(), "arrays[0].shape is [2,14,268435456], must be a list of 1 to 4 lengths"));
  c = small_case();
  c.document["arrays"][0]["n_prb"] = 7;
  CHECK(has(c.failure(), "arrays[0].n_prb is 7, must be in 1..6"));
  c = small_case();
  c.document["arrays"][0]["carrier_n_prb"] = 11;
  CHECK(has(c.failure(), "array x_tf does not fit the carrier, must have the shape [2, 14, 36]"));
  c = small_case();
  c.document["schema"] = "nv5g-case-2";
  CHECK(has(c.failure(), "case.json: schema must be \"nv5g-case-1\""));
  c = small_case();
  c.document["carrier"]["n_rb"] = 276;
  CHECK(has(c.failure(), "carrier.n_rb is 276, must be in 1..275"));
  c = small_case();
  c.document["slots"] = json::array();
  CHECK(has(c.failure(), "slots must be a list of 1 to 1024 slots"));
  c = small_case();
  c.document["slots"][0]["input"] = "x_prach";
  CHECK(has(c.failure(), "slots[0].input is 'x_prach', must be a slot grid x_tf"));
  c = small_case();
  c.document["slots"][0]["input"] = "x_tf_other";
  CHECK(has(c.failure(), "slots[0].input is 'x_tf_other', must name one of arrays"));
  c = small_case();
  c.document["slots"][0]["sfn"] = -1;
  CHECK(has(c.failure(), "slots[0].sfn is -1, must be in 0..1023"));
  c = small_case();
  c.document.erase("arrays");
  CHECK(has(c.failure(), "arrays must be a list of at most 4096 arrays"));
}

TEST_CASE("vector_case: the first bytes of pusch_7208 are those that its description gives")
{
  const auto folder = pado::test::shared_path("vectors/nv5g/pusch_7208");
  if (!folder) {
    MESSAGE("skipped: vectors/nv5g is not beside the project");
    return;
  }
  const auto got = read_vector_case(*folder);
  REQUIRE_MESSAGE(got, (got ? "" : got.failure().text()));
  const auto grid = grid_input(got.value(), 0).grid;
  const pado::cf32 pilot = pado::to_cf32(grid(0, 2, 12));
  CHECK(pilot.re == doctest::Approx(-1.40918));
  CHECK(pilot.im == doctest::Approx(-0.11737).epsilon(1e-4));
  CHECK(pado::to_cf32(grid(0, 2, 13)).re == doctest::Approx(0.00829).epsilon(1e-3));
  CHECK(got.value().slots[0].schedule.expected[0].payload ==
        std::vector<std::uint8_t>{0xbb, 0xac, 0x7b, 0x80, 0x9f, 0xad, 0x5e});
  const auto h = read_vector_array(*folder, "ref_h");
  REQUIRE(h);
  CHECK(h.value().shape == std::vector<std::int32_t>{1, 4, 1, 12});
  CHECK_FALSE(read_vector_array(*folder, "ref_nothing"));
}

TEST_CASE("vector_case: BFP 9 bytes decode to the grid, less than one step below it")
{
  const auto folder = pado::test::shared_path("vectors/nv5g/pusch_7201");
  if (!folder) {
    MESSAGE("skipped: vectors/nv5g is not beside the project");
    return;
  }
  const auto got = read_vector_case(*folder);
  REQUIRE(got);
  const auto packets = packet_input(got.value(), 0);
  const auto grid = grid_input(got.value(), 0).grid;
  const double scale = static_cast<double>(got.value().bytes_scale);
  int wrong = 0;
  for (int s = 0; s < packets.sections.extent(0); ++s) {
    const pado::iq_section& section = packets.sections(s);
    for (int prb = 0; prb < section.nof_prb; ++prb) {
      const auto* field =
          reinterpret_cast<const unsigned char*>(packets.bytes.data()) + section.bytes_begin + 28 * prb;
      const double step = scale * std::exp2(field[0] & 15);
      for (int value = 0; value < 24; ++value) {
        int mantissa = 0;
        for (int bit = 9 * value; bit < 9 * value + 9; ++bit) {
          mantissa = 2 * mantissa + ((field[1 + bit / 8] >> (7 - bit % 8)) & 1);
        }
        mantissa -= mantissa >= 256 ? 512 : 0;
        const ch16 sample = grid(section.port, section.symbol, 12 * (section.prb_begin + prb) + value / 2);
        const double exact = static_cast<double>(pado::half_to_float(value % 2 == 0 ? sample.re : sample.im));
        const double steps = (exact - mantissa * step) / step;
        wrong += steps >= 0.0 && steps < 1.0 ? 0 : 1;
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("vector_case: every PUSCH case is read, every other is refused or has no PUSCH")
{
  const auto folder = pado::test::shared_path("vectors/nv5g");
  if (!folder) {
    MESSAGE("skipped: vectors/nv5g is not beside the project");
    return;
  }
  int nof_pusch = 0;
  int nof_unsupported = 0;
  for (const char* number : all_pusch) {
    CAPTURE(number);
    const auto got = read_vector_case(*folder + "/pusch_" + number);
    REQUIRE_MESSAGE(got, (got ? "" : got.failure().text()));
    for (const vector_slot& slot : got.value().slots) {
      nof_pusch += static_cast<int>(slot.schedule.plan.pusch.size());
      nof_unsupported += static_cast<int>(slot.schedule.plan.unsupported.size());
      for (std::size_t i = 0; i < slot.schedule.plan.pusch.size(); ++i) {
        if (slot.schedule.expected[i].payload) {
          CHECK(slot.schedule.expected[i].payload->size() == slot.schedule.plan.pusch[i].tb_size_bytes);
        } else {
          CHECK(std::string(number) == "7324"); // its last block is one that nobody decodes
        }
      }
    }
  }
  CHECK(nof_pusch == 14);      // 16 PUSCH in all,
  CHECK(nof_unsupported == 2); // of which 7293 and one of 7363 need what is not decoded
  const auto pucch = read_vector_case(*folder + "/pucch_6101");
  REQUIRE(pucch);
  CHECK(pucch.value().slots[0].schedule.plan.unsupported.size() == 1);
  const auto prach = read_vector_case(*folder + "/prach_5001");
  REQUIRE_FALSE(prach);
  CHECK(has(prach.failure().text(), "slots[0].input is 'x_prach'"));
}
