// SPDX-License-Identifier: Apache-2.0
#include "apps/blind_grants.h"
#include "apps/blind_harq.h"
#include "apps/ordered_work.h"
#include "pipeline/stored_slot.h"
#include <algorithm>
#include <future>
#include <thread>

namespace pado::apps {

namespace {

constexpr std::size_t largest_batch = 32;
constexpr std::size_t max_kept_slots = 512; ///< for the second look
constexpr std::size_t max_kept_uci = 8;
constexpr std::int32_t max_identity_searches = 24;

template <class T>
void add_new(std::vector<T>& to, const T& one)
{
  if (std::find(to.begin(), to.end(), one) == to.end()) {
    to.push_back(one);
  }
}

/// A slot on its way through the search, with what is needed to look again.
struct queued_slot {
  pipeline::stored_slot stored;
  std::optional<std::int64_t> sample;
  std::vector<phy::asked_prbs> asked; ///< by the C-plane
  pipeline::blind_slot first;         ///< what the first look found
  std::size_t nof_known = 0;          ///< identities, masks and n_ID that it knew
  std::size_t nof_known_ues = 0;
};

using slot_batch = std::vector<std::unique_ptr<queued_slot>>;

class discovery {
public:
  discovery(const pipeline::slot_pipeline_plan& plan,
            const cell_config& cell,
            const blind_options& options,
            const clock& time)
      : scs_(cell.carrier.scs), plan_(plan), options_(options)
  {
    const std::int32_t count =
        options.nof_workers > 0
            ? options.nof_workers
            : static_cast<std::int32_t>(std::max(1U, std::thread::hardware_concurrency()));
    for (std::int32_t i = 0; i < count; ++i) {
      workers_.push_back(std::make_unique<pipeline::blind_receiver>(plan, codes_of, time, options.explain));
    }
    if (cell.carrier.phys_cell_id >= 0) {
      known_.identities = {{cell.carrier.phys_cell_id, 0}, {cell.carrier.phys_cell_id, 1}};
      known_.data_ids = {static_cast<std::uint16_t>(cell.carrier.phys_cell_id)};
    }
    known_.has_rnti_zero = options.has_rnti_zero;
    narrow(cell);
  }

  /// While a batch is searched the next one is read.
  std::optional<error> run(slot_source& source)
  {
    std::optional<error> failure;
    std::size_t size = 1;
    slot_batch batch = read(source, size, failure);
    while (!batch.empty()) {
      auto searched = std::async(std::launch::async, [&] { return search(batch, known_); });
      size = std::min(2 * size, largest_batch);
      slot_batch next = failure ? slot_batch() : read(source, size, failure);
      take(searched.get(), batch, true);
      batch = std::move(next);
      if (options_.progress && !options_.progress(source.progress(), found_.nof_slots)) {
        break;
      }
    }
    look_again();
    finish();
    return failure;
  }

  blind_result take() { return std::move(found_); }

private:
  /// Static grants of the cell tell identities and UEs to try first.
  void narrow(const cell_config& cell)
  {
    for (const static_grant& grant : cell.static_grants) {
      add_new(known_.identities, {grant.pusch.dmrs_scrambling_id, grant.pusch.scid});
      add_new(known_.data_ids, grant.pusch.data_scrambling_id);
      add_new(known_.dmrs_masks, grant.pusch.dmrs_symbol_mask);
    }
  }

  /// Up to `size` slots; fewer at the end of the source.
  slot_batch read(slot_source& source, std::size_t size, std::optional<error>& failure)
  {
    slot_batch batch;
    sourced_slot next;
    while (batch.size() < size) {
      const result<bool> more = source.next(next);
      if (!more) {
        failure = more.failure();
        break;
      }
      if (!more.value()) {
        break;
      }
      batch.push_back(spare_.empty() ? std::make_unique<queued_slot>() : std::move(spare_.back()));
      if (!spare_.empty()) {
        spare_.pop_back();
      }
      batch.back()->stored.store(next.slot);
      batch.back()->sample = next.scheduled != nullptr ? next.scheduled->sample : std::nullopt;
      batch.back()->asked.clear();
      for (const cplane_section& one : next.asked) {
        add_new(batch.back()->asked, {one.prbs, one.symbol_mask});
      }
    }
    return batch;
  }

  /// Searches a batch on all workers; what is known when it begins holds for all of it.
  std::vector<pipeline::blind_slot> search(const slot_batch& batch, const phy::blind_knowledge& known)
  {
    std::vector<pipeline::blind_slot> results;
    run_ordered<pipeline::blind_slot>(
        static_cast<std::int64_t>(batch.size()),
        static_cast<int>(std::min(workers_.size(), batch.size())),
        [&](int worker, std::int64_t i) {
          const queued_slot& one = *batch[static_cast<std::size_t>(i)];
          pipeline::blind_receiver& receiver = *workers_[static_cast<std::size_t>(worker)];
          if (one.asked.empty()) {
            return receiver.run(one.stored.slot(), known);
          }
          phy::blind_knowledge with = known;
          with.asked = one.asked;
          return receiver.run(one.stored.slot(), with);
        },
        [&](std::int64_t, pipeline::blind_slot one) {
          results.push_back(std::move(one));
          return true;
        });
    return results;
  }

  /// Learns from what a batch gave; none of it searches any longer.
  void take(std::vector<pipeline::blind_slot> results, slot_batch& batch, bool is_first_look)
  {
    const std::size_t nof_known = nof_facts(known_);
    const std::size_t nof_known_ues = known_.ues.size();
    for (std::size_t i = 0; i < results.size(); ++i) {
      batch[i]->nof_known = nof_known;
      batch[i]->nof_known_ues = nof_known_ues;
      take(results[i], batch[i], is_first_look);
      if (batch[i]) {
        spare_.push_back(std::move(batch[i]));
      }
    }
  }

  void take(pipeline::blind_slot& one, std::unique_ptr<queued_slot>& slot, bool is_first_look)
  {
    if (is_first_look) {
      ++found_.nof_slots;
      found_.nof_loud_slots += one.is_loud ? 1 : 0;
    }
    for (const phy::blind_finding& finding : one.found) {
      learn(finding);
    }
    for (const pusch_pdu& grant : one.failed_grants) {
      grants_.doubt(grant, known_.grants);
    }
    const bool is_open = one.nof_unexplained > 0 || one.is_open;
    if (is_first_look && is_open && again_.size() < max_kept_slots) {
      if (one.is_open && identity_searches_left_ > 0) {
        --identity_searches_left_;
        find_identities(*slot, one.found);
      }
      slot->first = std::move(one);
      again_.push_back(std::move(slot));
      return;
    }
    keep(one, slot);
  }

  /// Takes what was found in a slot, and the slot itself where something of it may decode with a later one.
  void keep(pipeline::blind_slot& one, std::unique_ptr<queued_slot>& queued)
  {
    const queued_slot& slot = *queued;
    found_.nof_unexplained += one.nof_unexplained;
    const uplink_slot& received = slot.stored.slot();
    if (!one.found.empty()) {
      found_.slots.push_back({one.slot,
                              slot.sample,
                              one.stage_ns,
                              received.nof_missing_prb,
                              received.air_ns,
                              received.first_ns,
                              received.last_ns});
    }
    for (std::size_t i = 0; i < one.found.size(); ++i) {
      found_.pusch.push_back({one.slot, slot.sample, one.found[i], std::move(one.reports[i])});
    }
    const bool is_partial = std::any_of(
        one.found.begin(), one.found.end(), [](const phy::blind_finding& f) { return !f.is_proven; });
    if (is_partial && kept_.size() < max_kept_slots) {
      kept_.push_back(std::move(queued));
    }
  }

  void find_identities(const queued_slot& slot, const std::vector<phy::blind_finding>& found)
  {
    const std::int32_t number = slot.stored.slot().slot.slot;
    for (const phy::identity_match& match :
         workers_[0]->find_identities(slot.stored.slot(), found, {&number, 1})) {
      add_new(known_.identities, match.identity);
    }
  }

  void learn(const phy::blind_finding& one)
  {
    if (!phy::proves_ue(one)) {
      return;
    }
    add_new(known_.dmrs_masks, one.pdu.dmrs_symbol_mask);
    add_new(known_.data_ids, one.pdu.data_scrambling_id);
    // The next time the grant comes without its UCI, or with another: up to 2 bits are found whether they are
    // there or not.
    pusch_pdu plain = one.pdu;
    plain.uci = {};
    grants_.remember(plain, known_.grants);
    if (one.pdu.uci.is_present() && known_.uci.size() < max_kept_uci) {
      add_new(known_.uci, one.pdu.uci);
    }
    const auto is_same = [&](const phy::known_ue& ue) { return ue.rnti == one.pdu.rnti; };
    if (std::none_of(known_.ues.begin(), known_.ues.end(), is_same)) {
      known_.ues.push_back({one.pdu.rnti, one.pdu.data_scrambling_id, one.pdu.mcs_table});
    }
  }

  /// What widens a search, besides UEs.
  static std::size_t nof_facts(const phy::blind_knowledge& known)
  {
    return known.identities.size() + known.dmrs_masks.size() + known.data_ids.size();
  }

  /// Slots that were not explained, once more with what was learned since: in full where that changes where
  /// to look, a check of the new UEs where it does not, and not at all where nothing was learned.
  void look_again()
  {
    slot_batch in_full;
    slot_batch check;
    for (std::unique_ptr<queued_slot>& slot : again_) {
      if (slot->nof_known != nof_facts(known_)) {
        in_full.push_back(std::move(slot));
      } else if (slot->nof_known_ues != known_.ues.size()) {
        check.push_back(std::move(slot));
      } else {
        pipeline::blind_slot first = std::move(slot->first);
        keep(first, slot);
      }
    }
    again_.clear();
    search_all(in_full, false);
    search_all(check, true);
  }

  void search_all(slot_batch& all, bool is_known_only)
  {
    for (std::size_t begin = 0; begin < all.size(); begin += largest_batch) {
      const auto from = all.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto to = all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), begin + largest_batch));
      slot_batch batch(std::make_move_iterator(from), std::make_move_iterator(to));
      phy::blind_knowledge known = known_;
      known.is_known_only = is_known_only;
      take(search(batch, known), batch, false);
    }
  }

  /// Drops what nothing supports and sorts the rest.
  void finish()
  {
    const auto is_known = [&](std::uint16_t rnti) {
      return std::any_of(
          known_.ues.begin(), known_.ues.end(), [&](const phy::known_ue& ue) { return ue.rnti == rnti; });
    };
    const auto is_weak = [&](const found_pusch& one) {
      // A CRC of 16 bits holds by chance now and then, so of an unknown UE it needs a good score beside it.
      const float least = is_known(one.finding.pdu.rnti) ? phy::least_z_known : phy::least_z_likely;
      return one.finding.match.z < least && !(one.finding.is_proven && is_known(one.finding.pdu.rnti));
    };
    const auto weak = std::stable_partition(
        found_.pusch.begin(), found_.pusch.end(), [&](const found_pusch& one) { return !is_weak(one); });
    found_.nof_unlikely = found_.pusch.end() - weak;
    found_.pusch.erase(weak, found_.pusch.end());
    const auto is_before = [&](const auto& a, const auto& b) {
      return a.sample && b.sample ? *a.sample < *b.sample : distance(b.slot, a.slot, scs_) < 0;
    };
    std::stable_sort(found_.pusch.begin(), found_.pusch.end(), is_before);
    std::stable_sort(found_.slots.begin(), found_.slots.end(), is_before);
    combine();
    for (std::size_t i = 0; i < found_.pusch.size(); ++i) {
      const found_pusch& one = found_.pusch[i];
      found_ue& ue = found_.ues[one.finding.pdu.rnti];
      ue.rnti = one.finding.pdu.rnti;
      ue.pusch.push_back(i);
      ue.nof_proven += one.finding.is_proven ? 1 : 0;
    }
    found_.identities = known_.identities;
  }

  /// Retransmissions, with the slots whose samples are still there.
  void combine()
  {
    if (kept_.size() < 2) {
      return;
    }
    blind_combiner combiner(plan_);
    combiner.run(found_.pusch, [&](const found_pusch& one) -> const uplink_slot* {
      const auto at = std::find_if(kept_.begin(), kept_.end(), [&](const auto& slot) {
        return slot->stored.slot().slot == one.slot && slot->sample == one.sample;
      });
      return at == kept_.end() ? nullptr : &(*at)->stored.slot();
    });
  }

  numerology scs_;
  pipeline::slot_pipeline_plan plan_;
  const blind_options& options_;
  std::vector<std::unique_ptr<pipeline::blind_receiver>> workers_;
  phy::blind_knowledge known_;
  grant_memory grants_;
  slot_batch again_;
  slot_batch kept_;  ///< slots with findings that did not decode
  slot_batch spare_; ///< memory of slots that are done with
  std::int32_t identity_searches_left_ = max_identity_searches;
  blind_result found_;
};

} // namespace

result<blind_result> discover(slot_source& source,
                              const pipeline::slot_pipeline_plan& plan,
                              const cell_config& cell,
                              const blind_options& options,
                              const clock& time)
{
  discovery search(plan, cell, options, time);
  if (auto failure = search.run(source)) {
    return *failure;
  }
  return search.take();
}

} // namespace pado::apps
