// SPDX-License-Identifier: Apache-2.0
#include "phy/pbch/pbch_demod.h"
#include "core/limits.h"
#include "phy/gold/gold_sequence.h"
#include "phy/pbch/pbch_demod_body.h"
#include "phy/pbch/pbch_payload.h"
#include "phy/ssb/ssb_sequence.h"
#include <cassert>

namespace pado::phy {

void make_pbch_words(std::int32_t pci, std::span<std::uint32_t> words)
{
  assert(words.size() == nof_pbch_words);
  for (int hypothesis = 0; hypothesis < nof_pbch_hypotheses; ++hypothesis) {
    gold_bits(pbch_dmrs_c_init(pci, hypothesis),
              0,
              words.subspan(static_cast<std::size_t>(hypothesis) * pbch_pilot_words, pbch_pilot_words));
  }
  // All hypotheses' scrambling bits are one run: 864 bits are 27 whole words.
  static_assert(pbch_coded_bits == 32 * pbch_scrambling_words);
  gold_bits(
      static_cast<std::uint32_t>(pci),
      0,
      words.subspan(nof_pbch_hypotheses * pbch_pilot_words, nof_pbch_hypotheses * pbch_scrambling_words));
}

result<pbch_demod_plan> plan_pbch_demod(const pbch_demod_config& config)
{
  if (auto bad = check_range("pbch_demod.max_tasks", config.max_tasks, 1, 4096)) {
    return *bad;
  }
  return pbch_demod_plan{config, sizeof(body::pbch_scratch)};
}

} // namespace pado::phy
