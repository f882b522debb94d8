// SPDX-License-Identifier: Apache-2.0
#include "phy/gold/gold.h"
#include "phy/gold/gold_sequence.h"

namespace pado::phy {

template <>
void gold<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  assert(in.tasks.extent(0) <= plan_.config.max_tasks);
  for (int t = 0; t < in.tasks.extent(0); ++t) {
    const gold_task& task = in.tasks(t);
    const auto words = out.words.part(task.words_begin, task.words_begin + task.nof_words());
    gold_bits(
        task.c_init, task.first_bit, std::span(words.data(), static_cast<std::size_t>(words.extent(0))));
  }
}

} // namespace pado::phy
