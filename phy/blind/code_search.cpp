// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/code_search.h"
#include <algorithm>
#include <array>

namespace pado::phy {

namespace {

constexpr std::array<std::uint8_t, 4> rv_order = {0, 2, 3, 1};
constexpr std::array<float, 2> effort = {0.4F, 1.0F}; ///< quick pass, then all equations

/// Equations, and capacity of a soft bit, from which on the agreement of equations shows a signal that a
/// quick look is for, and what noise exceeds once in 15.
constexpr std::int32_t enough_for_agreement = 8000;
constexpr float clear_for_agreement = 0.5F;
constexpr float least_agreement = 1.5F;

/// Nobody looks further: the signal is clean and this code explains it.
bool is_certain(const code_match& m)
{
  return m.evidence >= least_evidence || (m.match.z > 10.0F && m.code.z > 12.0F && m.code.fit > 0.4F);
}

bool is_promising(const code_match& m)
{
  return m.match.z >= (m.is_known ? least_z_of_one : least_z_of_all);
}

/// One option of each transport block size and base graph.
std::vector<code_option> distinct(const code_question& q)
{
  std::vector<code_option> in(q.options.begin(), q.options.end());
  if (!q.known.empty()) {
    std::stable_sort(in.begin(), in.end(), [&](const code_option& a, const code_option& b) {
      return (a.mcs_table == q.known[0].mcs_table) > (b.mcs_table == q.known[0].mcs_table);
    });
  }
  std::vector<code_option> out;
  for (const code_option& one : in) {
    const auto is_same = [&](const code_option& other) {
      return other.tb_size_bits == one.tb_size_bits &&
             (other.target_code_rate <= 2560) == (one.target_code_rate <= 2560) &&
             (other.target_code_rate <= 6860) == (one.target_code_rate <= 6860);
    };
    if (std::none_of(out.begin(), out.end(), is_same)) {
      out.push_back(one);
    }
  }
  return out;
}

class contest {
public:
  explicit contest(bool is_exhaustive) : max_matches_(is_exhaustive ? 12 : 3) {}
  void enter(const code_match& m)
  {
    best_.push_back(m);
    std::stable_sort(best_.begin(), best_.end(), is_better);
    best_.resize(std::min(best_.size(), max_matches_));
  }
  std::vector<code_match>& best() { return best_; }
  bool is_decided() const { return !best_.empty() && is_certain(best_.front()); }
  bool is_proven() const { return !best_.empty() && best_.front().evidence >= least_evidence; }
  bool is_promising_now() const { return !best_.empty() && best_.front().code.z > 4.0F; }

private:
  std::size_t max_matches_;
  std::vector<code_match> best_;
};

struct attempt {
  ulsch_config how;
  code_option option;
  std::uint8_t rv;
  float share;
};

/// One code word, and what is done to read it.
class code_reader {
public:
  code_reader(rnti_search& search, code_trial& trial, const code_question& q)
      : search_(search), trial_(trial), q_(q), tries_(q.is_exhaustive)
  {
  }
  contest& tries() { return tries_; }

  void enter_option(const attempt& a);

private:
  void enter_match(const attempt& a, const rnti_match& match, bool is_known, float evidence = 0.0F);
  bool enter_trial(const attempt& a, const rnti_match& match, bool is_known);
  void try_list(const attempt& a, std::uint16_t data_id);

  rnti_search& search_;
  code_trial& trial_;
  const code_question& q_;
  contest tries_;
};

void code_reader::enter_match(const attempt& a, const rnti_match& match, bool is_known, float evidence)
{
  code_match one = {a.option, a.rv, match, {}, is_known, evidence};
  if (match.nof_equations == 0 || !(is_promising(one) || is_certain(one))) {
    return;
  }
  one.code = search_.code_score(a.how, match.rnti, match.data_id, a.share).value();
  tries_.enter(one);
}

/// Decodes with one RNTI: true when that is a proof.
bool code_reader::enter_trial(const attempt& a, const rnti_match& match, bool is_known)
{
  const trial_outcome out = trial_.run(a.how, match.rnti, match.data_id);
  const bool is_proof = out.is_decoded && out.evidence >= least_evidence;
  if (is_proof) {
    enter_match(a, match, is_known, out.evidence);
  }
  return is_proof;
}

void code_reader::try_list(const attempt& a, std::uint16_t data_id)
{
  if (!trial_.has_room_for(a.option.tb_size_bits)) {
    return;
  }
  // A code far below capacity gives its RNTI the highest score of all.
  const bool is_close = !trial_.has_room_for(3 * a.option.tb_size_bits / 2);
  const bool is_long = q_.has_long_list && is_close && a.rv == 0 && a.share == effort.back();
  const trial_list& list = is_long ? long_list : short_list;
  const std::int64_t most = std::max<std::int64_t>(4, list.max_bits / trial_.nof_bits());
  for (const rnti_match& one : search_.candidates(data_id, list.least_z, static_cast<std::size_t>(most))) {
    if (enter_trial(a, one, false)) {
      return;
    }
  }
}

void code_reader::enter_option(const attempt& a)
{
  if (!search_.prepare(a.how, a.share)) {
    return;
  }
  for (const known_ue& ue : q_.known) {
    const rnti_match match = search_.of(ue.rnti, ue.data_id);
    const bool is_tried = match.z >= long_list.least_z && trial_.has_room_for(a.option.tb_size_bits);
    if (!is_tried || !enter_trial(a, match, true)) {
      enter_match(a, match, true);
    }
  }
  if (q_.is_known_only || tries_.is_decided()) {
    return;
  }
  for (const std::uint16_t id : q_.data_ids) {
    const bool is_told_by_agreement = q_.is_quick && search_.nof_equations() >= enough_for_agreement &&
                                      trial_.capacity_per_bit() >= clear_for_agreement;
    if (is_told_by_agreement && search_.agreement(id) < least_agreement) {
      continue;
    }
    enter_match(a, search_.best_of_all(id, q_.has_rnti_zero), false);
    try_list(a, id);
  }
}

} // namespace

bool is_better(const code_match& a, const code_match& b)
{
  const bool is_proven = a.evidence >= least_evidence;
  const bool is_other_proven = b.evidence >= least_evidence;
  return is_proven != is_other_proven ? is_proven : a.code.z > b.code.z;
}

std::vector<code_match> find_codes(rnti_search& search,
                                   code_trial& trial,
                                   std::span<const std::int8_t> llr,
                                   const code_question& question)
{
  search.load(llr);
  trial.load(llr);
  const std::vector<code_option> options = distinct(question);
  code_reader reader(search, trial, question);
  contest& tries = reader.tries();
  for (const float share : effort) {
    for (const std::uint8_t rv : rv_order) {
      if (rv != 0 && !question.has_every_rv) {
        break;
      }
      for (const code_option& option : options) {
        const ulsch_config how = {option.tb_size_bits,
                                  option.target_code_rate,
                                  rv,
                                  0, // from the soft bits
                                  question.nof_layers,
                                  option.qam_mod_order,
                                  0};
        reader.enter_option({how, option, rv, share});
        if (tries.is_proven() || (!question.is_exhaustive && tries.is_decided())) {
          return tries.best();
        }
      }
      if (!question.is_exhaustive && tries.is_promising_now() && share == effort.back()) {
        break;
      }
    }
    if (question.is_quick) {
      break;
    }
    if (tries.is_promising_now() && tries.best().front().code.z > 8.0F) {
      break;
    }
  }
  return tries.best();
}

} // namespace pado::phy
