// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/code_search.h"
#include <algorithm>
#include <array>

namespace pado::phy {

namespace {

constexpr std::array<std::uint8_t, 4> rv_order = {0, 2, 3, 1};
constexpr std::array<float, 2> effort = {0.4F, 1.0F}; ///< quick pass, then all equations

/// Equations from which on their agreement shows a signal that a quick look is for, and what noise exceeds
/// once in 15.
constexpr std::int32_t enough_for_agreement = 8000;
constexpr float least_agreement = 1.5F;

/// Nobody looks further: the signal is clean and this code explains it.
bool is_certain(const code_match& m)
{
  return m.match.z > 10.0F && m.code.z > 12.0F && m.code.fit > 0.4F;
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
    std::stable_sort(best_.begin(), best_.end(), [](const code_match& a, const code_match& b) {
      return a.code.z > b.code.z;
    });
    best_.resize(std::min(best_.size(), max_matches_));
  }
  std::vector<code_match>& best() { return best_; }
  bool is_decided() const { return !best_.empty() && is_certain(best_.front()); }
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

void enter_match(
    rnti_search& search, const attempt& a, const rnti_match& match, bool is_known, contest& tries)
{
  code_match one = {a.option, a.rv, match, {}, is_known};
  if (match.nof_equations == 0 || !is_promising(one)) {
    return;
  }
  one.code = search.code_score(a.how, match.rnti, match.data_id, a.share).value();
  tries.enter(one);
}

void enter_option(rnti_search& search, const code_question& q, const attempt& a, contest& tries)
{
  if (!search.prepare(a.how, a.share)) {
    return;
  }
  for (const known_ue& ue : q.known) {
    enter_match(search, a, search.of(ue.rnti, ue.data_id), true, tries);
  }
  if (q.is_known_only || tries.is_decided()) {
    return;
  }
  for (const std::uint16_t id : q.data_ids) {
    if (q.is_quick && search.nof_equations() >= enough_for_agreement &&
        search.agreement(id) < least_agreement) {
      continue;
    }
    enter_match(search, a, search.best_of_all(id, q.has_rnti_zero), false, tries);
  }
}

} // namespace

std::vector<code_match> find_codes(rnti_search& search, const code_question& question)
{
  const std::vector<code_option> options = distinct(question);
  contest tries(question.is_exhaustive);
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
        enter_option(search, question, {how, option, rv, share}, tries);
        if (!question.is_exhaustive && tries.is_decided()) {
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
