// SPDX-License-Identifier: Apache-2.0
#include "apps/blind_grants.h"
#include <algorithm>

namespace pado::apps {

namespace {

constexpr std::size_t max_kept_grants = 24;
constexpr std::int32_t max_doubts = 3;

} // namespace

void grant_memory::remember(const pusch_pdu& pdu, std::vector<pusch_pdu>& grants)
{
  const auto same = std::find_if(
      grants.begin(), grants.end(), [&](const pusch_pdu& one) { return phy::is_same_grant(one, pdu); });
  habit& of_ue = habits_[pdu.rnti];
  if (same != grants.end() || phy::is_same_grant(of_ue.last, pdu)) {
    of_ue.nof_doubts = 0;
  }
  of_ue.last = pdu;
  if (same != grants.end()) {
    grants.erase(same);
  } else if (of_ue.nof_doubts >= max_doubts) {
    return;
  } else if (grants.size() >= max_kept_grants) {
    grants.erase(grants.begin());
  }
  grants.push_back(pdu);
}

void grant_memory::doubt(const pusch_pdu& pdu, std::vector<pusch_pdu>& grants)
{
  if (++habits_[pdu.rnti].nof_doubts < max_doubts) {
    return;
  }
  const auto first = std::remove_if(
      grants.begin(), grants.end(), [&](const pusch_pdu& one) { return one.rnti == pdu.rnti; });
  grants.erase(first, grants.end());
}

} // namespace pado::apps
