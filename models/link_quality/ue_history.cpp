// SPDX-License-Identifier: Apache-2.0
#include "models/link_quality/ue_history.h"
#include <algorithm>
#include <cstddef>

namespace pado::models {
namespace {

constexpr std::int64_t max_age_slots = 10000;

std::size_t cells(std::int32_t rows, std::int32_t columns)
{
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

} // namespace

std::int64_t slot_counter::number_of(slot_id slot) noexcept
{
  if (!has_newest_) {
    has_newest_ = true;
    newest_ = slot;
    newest_number_ = slot_count(slot, numerology_);
    return newest_number_;
  }
  const std::int32_t ahead = distance(newest_, slot, numerology_);
  if (ahead > 0) {
    newest_ = slot;
    newest_number_ += ahead;
    return newest_number_;
  }
  return newest_number_ + ahead;
}

void ue_history::push(const link_event& event) noexcept
{
  newest = (newest + 1) % link_history;
  events[static_cast<std::size_t>(newest)] = event;
  nof_events = std::min(nof_events + 1, link_history);
  last_slot = std::max(last_slot, event.slot);
}

const link_event& ue_history::event(std::int32_t i) const noexcept
{
  assert(i >= 0 && i < nof_events);
  return events[static_cast<std::size_t>((newest - i + link_history) % link_history)];
}

given_advice& ue_history::place_for(std::int64_t slot) noexcept
{
  for (given_advice& place : given) {
    if (place.slot == slot) {
      return place;
    }
  }
  given_advice& place = given[static_cast<std::size_t>(next_given)];
  next_given = (next_given + 1) % static_cast<std::int32_t>(given.size());
  place.slot = slot;
  return place;
}

const given_advice* ue_history::given_for(std::int64_t slot) const noexcept
{
  const auto found =
      std::find_if(given.begin(), given.end(), [&](const given_advice& a) { return a.slot == slot; });
  return found == given.end() ? nullptr : &*found;
}

feature_arrays::feature_arrays(std::int32_t max_ues,
                               std::int32_t nof_mcs,
                               const std::array<float, max_nof_mcs>& required_db)
    : nof_mcs_(nof_mcs), sinr_db_(cells(max_ues, link_history)), age_slots_(cells(max_ues, link_history)),
      ack_(cells(max_ues, link_history)), mcs_(cells(max_ues, link_history)),
      required_db_(cells(max_ues, link_history)), coherence_(cells(max_ues, link_history)),
      offset_db_(static_cast<std::size_t>(max_ues)), mcs_required_db_(cells(max_ues, nof_mcs)),
      classical_probability_(cells(max_ues, nof_mcs))
{
  for (std::int32_t ue = 0; ue < max_ues; ++ue) {
    std::copy_n(required_db.begin(), nof_mcs, mcs_required_db_.data() + cells(ue, nof_mcs));
  }
}

void feature_arrays::write(std::int32_t row, const ue_history& ue, std::int64_t target) noexcept
{
  const std::size_t first = cells(row, link_history);
  for (std::int32_t i = 0; i < link_history; ++i) {
    const std::size_t at = first + static_cast<std::size_t>(i);
    const bool exists = i < ue.nof_events;
    const link_event event = exists ? ue.event(i) : link_event{target, 0.0F, 0.0F, -1.0F, 0.0F, 0.0F};
    sinr_db_[at] = event.sinr_db;
    age_slots_[at] = static_cast<float>(std::clamp<std::int64_t>(target - event.slot, 0, max_age_slots));
    ack_[at] = event.ack;
    mcs_[at] = event.mcs;
    required_db_[at] = event.required_db;
    coherence_[at] = event.coherence;
  }
  offset_db_[static_cast<std::size_t>(row)] = ue.offset_db;
}

link_features feature_arrays::of(std::int32_t nof_ues) const noexcept
{
  return {sinr_db_.as(nof_ues, link_history),
          age_slots_.as(nof_ues, link_history),
          ack_.as(nof_ues, link_history),
          mcs_.as(nof_ues, link_history),
          required_db_.as(nof_ues, link_history),
          coherence_.as(nof_ues, link_history),
          offset_db_.as(nof_ues, 1),
          mcs_required_db_.as(nof_ues, nof_mcs_),
          classical_probability_.as(nof_ues, nof_mcs_)};
}

view<float, 2> feature_arrays::classical_probability(std::int32_t nof_ues) const noexcept
{
  return classical_probability_.as(nof_ues, nof_mcs_);
}

} // namespace pado::models
