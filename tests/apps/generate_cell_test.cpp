// SPDX-License-Identifier: Apache-2.0
// ctest: property
// links: pado_apps
#include "apps/generate_cell.h"
#include "core/buffer.h"
#include "io/sigmf/iq_recording.h"
#include "phy/ssb/ssb_search.h"
#include "tests/support/temporary_folder.h"
#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>

using namespace pado;

TEST_CASE("generate: a cell is heard with its identity, SFN and offset, twice in 20 ms, and no sample clips")
{
  const test::temporary_folder folder;
  apps::cell_signal_config config;
  config.pci = 321;
  config.sfn = 1023;
  const std::string path = folder.file("cell.sigmf-meta");
  REQUIRE(apps::generate_cell_signal(config, path));
  const auto recording = io::read_sigmf(path);
  REQUIRE(recording);
  const auto nof_samples = static_cast<std::int32_t>(recording.value().nof_samples);
  buffer<cf32> samples(static_cast<std::size_t>(nof_samples));
  auto reader = io::iq_reader::open(recording.value());
  REQUIRE(reader);
  REQUIRE(reader.value().read(0, samples.as(1, nof_samples)));
  for (const cf32 sample : samples) {
    REQUIRE(std::max(std::abs(sample.re), std::abs(sample.im)) < 0.999F);
  }
  phy::ssb_search_config search;
  search.sample_rate_hz = recording.value().sample_rate_hz;
  search.centre_hz = recording.value().segments[0].centre_hz;
  search.scs_hz = {30000};
  const auto cells = phy::search_cells(samples.as(nof_samples), search);
  REQUIRE(cells);
  REQUIRE(cells.value().size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const phy::heard_cell& cell = cells.value()[i];
    CHECK(cell.pci == 321);
    REQUIRE(cell.content);
    CHECK(cell.content->sfn == (i == 0 ? 1023 : 0));
    CHECK(cell.cfo_hz == doctest::Approx(240.0).epsilon(0.3));
    CHECK(cell.snr_db == doctest::Approx(10.0).epsilon(0.15));
  }
}

TEST_CASE("generate: a cell whose identity is out of range is refused by name")
{
  const test::temporary_folder folder;
  apps::cell_signal_config config;
  config.pci = 1008;
  const auto done = apps::generate_cell_signal(config, folder.file("cell.sigmf-meta"));
  REQUIRE_FALSE(done);
  CHECK(done.failure().text().find("1008") != std::string::npos);
}
