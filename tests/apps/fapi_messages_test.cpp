// SPDX-License-Identifier: Apache-2.0
// links: pado_apps
#include "apps/import_session.h"
#include "apps/schedule_file.h"
#include "tests/support/temporary_folder.h"
#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace pado;

namespace {
const std::string real = PADO_SOURCE_DIR "/testvectors/ue_n3_10mhz/";
}

TEST_CASE("import: UL_TTI messages as JSON become the schedule that they came from")
{
  const test::temporary_folder folder;
  std::ifstream in(real + "schedule.jsonl");
  std::string messages = R"({"message": "CRC.indication", "SFN": 1, "Slot": 2})"
                         "\n"
                         "{broken\n";
  for (std::string line; std::getline(in, line);) {
    const auto slot = nlohmann::json::parse(line);
    nlohmann::json message = {{"message", "UL_TTI.request"}, {"SFN", slot["sfn"]}, {"Slot", slot["slot"]}};
    message["PDUs"] = nlohmann::json::array();
    for (const auto& pdu : slot["pdus"]) {
      const std::string kind = pdu["pdu"];
      nlohmann::json entry = {{"PDUType", kind == "PRACH" ? 0 : kind == "PUSCH" ? 1 : 2}, {"PDUSize", 99}};
      entry["fields"] = pdu["fapi"]; // nested, as some writers put them
      message["PDUs"].push_back(entry);
    }
    messages += message.dump() + "\n";
  }
  apps::import_options options;
  options.inputs = {folder.write("ul_tti.jsonl", messages)};
  options.output = folder.file("lab");
  const auto got = apps::import_files(options);
  REQUIRE_MESSAGE(got, got.failure().text());
  CHECK(got.value().capture_path.empty());
  CHECK(got.value().remarks.kinds.at("line that is not JSON").count == 1);
  const auto found = apps::read_schedule(got.value().schedule_path);
  const auto truth = apps::read_schedule(real + "schedule.jsonl");
  REQUIRE(found);
  REQUIRE(truth);
  REQUIRE(found.value().slots.size() == truth.value().slots.size());
  CHECK(found.value().nof_unsupported == truth.value().nof_unsupported);
  for (std::size_t i = 0; i < truth.value().slots.size(); ++i) {
    const slot_plan& a = found.value().slots[i].plan;
    const slot_plan& b = truth.value().slots[i].plan;
    CHECK(a.slot == b.slot);
    REQUIRE(a.pusch.size() == b.pusch.size());
    for (std::size_t k = 0; k < a.pusch.size(); ++k) {
      CHECK(a.pusch[k].tb_size_bytes == b.pusch[k].tb_size_bytes);
      CHECK(a.pusch[k].mcs_index == b.pusch[k].mcs_index);
      CHECK(a.pusch[k].rb_start == b.pusch[k].rb_start);
    }
  }
}
