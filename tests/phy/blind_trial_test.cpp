// SPDX-License-Identifier: Apache-2.0
// ctest: property
#include "phy/blind/code_search.h"
#include "phy/blind/code_trial.h"
#include "tests/phy/coded_tb.h"
#include "tests/phy/scrambled.h"
#include <cmath>
#include <doctest/doctest.h>

using namespace pado;

namespace {

constexpr std::uint16_t rnti = 0x4601;
constexpr std::uint16_t data_id = 41;

// 6 PRB, 12 data symbols, QPSK R 0.59.
const phy::ulsch_config short_code = {984, 6020, 0, 1728, 1, 2, 0};

std::vector<std::int8_t> received(const phy::ulsch_config& code, double snr_db, unsigned seed)
{
  return test::scrambled(test::coded_tb(code, seed).noisy(snr_db, seed + 1), rnti, data_id);
}

} // namespace

TEST_CASE("bit_evidence: a fair coin gains nothing on average, whatever the soft bit")
{
  // The bound on chance rests on this: the mean of exp(evidence) over both signs is 1.
  for (int llr = -127; llr <= 127; ++llr) {
    const double mean = 0.5 * std::exp(static_cast<double>(phy::bit_evidence(llr))) +
                        0.5 * std::exp(static_cast<double>(phy::bit_evidence(-llr)));
    CHECK(mean == doctest::Approx(1.0).epsilon(1e-5));
    CHECK(static_cast<double>(phy::bit_evidence(llr)) ==
          doctest::Approx(std::log(1.0 + std::tanh(llr / 8.0))).epsilon(1e-4));
  }
}

TEST_CASE("code_trial: a clean block is worth its code bits less its payload, a wrong RNTI nothing")
{
  const std::vector<std::int8_t> llr = received(short_code, 20.0, 1);
  phy::code_trial trial;
  trial.load(llr);
  CHECK(trial.capacity_per_bit() > 0.99F);
  CHECK(trial.has_room_for(1728));
  CHECK_FALSE(trial.has_room_for(2000));
  const phy::trial_outcome out = trial.run(short_code, rnti, data_id);
  CHECK(out.is_decoded);
  CHECK(static_cast<double>(out.evidence) == doctest::Approx(std::log(2.0) * (1728 - 984)).epsilon(0.01));
  CHECK_FALSE(trial.run(short_code, rnti + 1, data_id).is_decoded);
  CHECK_FALSE(trial.run(short_code, rnti, data_id + 1).is_decoded);
  phy::ulsch_config other = short_code;
  other.tb_size_bits = 808;
  CHECK_FALSE(trial.run(other, rnti, data_id).is_decoded);
}

TEST_CASE("code_trial: blocks cut into several code blocks, every redundancy version that decodes alone")
{
  const phy::ulsch_config codes[] = {
      {37896, 8530, 0, 44064, 1, 6, 0}, {8456, 3000, 2, 29376, 1, 2, 0}, {1672, 1170, 3, 14688, 1, 2, 0}};
  for (const phy::ulsch_config& code : codes) {
    const std::vector<std::int8_t> llr = received(code, 12.0, 3);
    phy::code_trial trial;
    trial.load(llr);
    const phy::trial_outcome out = trial.run(code, rnti, data_id);
    CHECK(out.is_decoded);
    CHECK(out.evidence > phy::least_evidence);
    CHECK_FALSE(trial.run(code, rnti ^ 0x100, data_id).is_decoded);
  }
}

TEST_CASE("code_trial: a block of zeros proves nothing")
{
  const std::vector<std::int8_t> llr =
      test::scrambled(std::vector<std::int8_t>(1728, std::int8_t{20}), rnti, data_id);
  phy::code_trial trial;
  trial.load(llr);
  CHECK_FALSE(trial.run(short_code, rnti, data_id).is_decoded);
}

TEST_CASE("find_codes: an RNTI whose score is below that of wrong ones is decoded with")
{
  const phy::code_option options[] = {{0, 8, 2, 6020, 984}};
  const std::uint16_t ids[] = {data_id};
  phy::code_question question;
  question.options = options;
  question.data_ids = ids;
  question.has_every_rv = false;
  phy::rnti_search search;
  phy::code_trial trial;
  std::int32_t nof_best = 0;
  std::int32_t nof_found = 0;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    const std::vector<std::int8_t> llr = received(short_code, 2.2, 10 * seed);
    search.load(llr);
    REQUIRE(search.prepare(short_code));
    nof_best += search.best_of_all(data_id).rnti == rnti ? 1 : 0;
    question.has_long_list = true;
    const std::vector<phy::code_match> found = phy::find_codes(search, trial, llr, question);
    nof_found += !found.empty() && found[0].match.rnti == rnti && found[0].evidence > phy::least_evidence;
    for (const phy::code_match& one : found) {
      CHECK((one.match.rnti == rnti || one.evidence == 0.0F));
    }
  }
  CHECK(nof_best < 3);
  CHECK(nof_found == 3);
}
