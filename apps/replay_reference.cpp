// SPDX-License-Identifier: Apache-2.0
#include "apps/replay_reference.h"

namespace pado::apps {

namespace {

void add(replay_reference::pair& to, const std::optional<double>& of_gnb, float of_pado)
{
  if (of_gnb) {
    to.of_gnb.add(*of_gnb);
    to.of_pado.add(static_cast<double>(of_pado));
  }
}

} // namespace

void replay_reference::compare(const slot_report& report, const scheduled_slot& scheduled)
{
  for (const pusch_report& pusch : report.pusch) {
    const auto index = static_cast<std::size_t>(pusch.plan_index);
    if (index >= scheduled.expected.size() || !scheduled.expected[index].figures.has_any()) {
      continue;
    }
    const pdu_expectation& expected = scheduled.expected[index];
    ue& of = ues_[pusch.pdu.rnti];
    const bool is_gnb_ok = expected.crc_ok.value_or(false);
    ++of.nof_tb;
    of.nof_gnb_ok += is_gnb_ok ? 1 : 0;
    of.nof_pado_ok += pusch.tb_crc_ok ? 1 : 0;
    of.nof_only_gnb += is_gnb_ok && !pusch.tb_crc_ok ? 1 : 0;
    of.nof_only_pado += pusch.tb_crc_ok && !is_gnb_ok ? 1 : 0;
    add(of.sinr_db, expected.figures.sinr_db, pusch.sinr_db);
    add(of.ta_us, expected.figures.ta_us, pusch.ta_us);
    add(of.cfo_hz, expected.figures.cfo_hz, pusch.cfo_hz);
    add(of.ldpc_iterations, expected.figures.ldpc_iterations, pusch.ldpc_iterations_mean);
  }
}

} // namespace pado::apps
