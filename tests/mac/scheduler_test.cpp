// SPDX-License-Identifier: Apache-2.0
// ctest: unit property
#include "mac/mcs/tbs.h"
#include "mac/scheduler/allocation.h"
#include "mac/scheduler/scheduler.h"
#include "tests/support/allocation_count.h"
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <doctest/doctest.h>
#include <map>
#include <random>
#include <set>
#include <vector>

using namespace pado;
using namespace pado::mac;

namespace {

scheduler_config cell_config()
{
  scheduler_config c;
  c.numerology = {1};
  c.common.bwp_start = 3;
  c.common.bwp_size = 106;
  c.common.dmrs_symbol_mask = 0x0804;
  c.common.dmrs_scrambling_id = 77;
  c.common.data_scrambling_id = 77;
  c.link_adaptation.rule = mcs_rule::outer_loop;
  return c;
}

scheduler made(const scheduler_config& c)
{
  const result<scheduler_plan> plan = plan_scheduler(c);
  REQUIRE_MESSAGE(plan, (plan ? "" : plan.failure().text()));
  return scheduler(plan.value());
}

pusch_report report_of(const pusch_pdu& pdu, bool is_ack, float sinr_db)
{
  pusch_report r;
  r.pdu = pdu;
  r.tb_crc_ok = is_ack;
  r.sinr_db = sinr_db;
  return r;
}

/// Grants, their slots in flight, and whoever answers them: a cell with an ideal clock.
template <class Answer>
void drive(scheduler& s, int nof_slots, numerology n, int k2, const Answer& answer)
{
  std::vector<slot_grants> in_flight(static_cast<std::size_t>(k2 + 1));
  slot_id now;
  for (int i = 0; i < nof_slots; ++i, now = advance(now, 1, n)) {
    slot_grants& due = in_flight[static_cast<std::size_t>(i % (k2 + 1))];
    slot_report report;
    report.slot = now;
    for (const pusch_pdu& pdu : due.pusch) {
      report.pusch.push_back(answer(pdu, now));
    }
    in_flight[static_cast<std::size_t>((i + k2) % (k2 + 1))] = s.next(report, {});
  }
}

} // namespace

TEST_CASE("scheduler: no two grants of a slot overlap, all lie in the bandwidth part and each is complete")
{
  std::mt19937 rng(7);
  for (const bool transform_precoding : {false, true}) {
    CAPTURE(transform_precoding);
    scheduler_config c = cell_config();
    c.common.transform_precoding = transform_precoding;
    c.link_adaptation.mcs_table = transform_precoding ? 3 : 0;
    scheduler s = made(c);
    for (int ue = 0; ue < 20; ++ue) {
      REQUIRE(s.add_ue(static_cast<std::uint16_t>(100 + ue)));
    }
    int nof_grants = 0;
    drive(s, 600, c.numerology, c.k2, [&](const pusch_pdu& pdu, slot_id) {
      if (rng() % 7 == 0) {
        const auto rnti = static_cast<std::uint16_t>(100 + rng() % 20);
        s.set_backlog(rnti, rng() % 2 == 0 ? std::optional<std::uint32_t>(rng() % 4000) : std::nullopt);
      }
      ++nof_grants;
      return report_of(pdu, rng() % 4 != 0, static_cast<float>(rng() % 25));
    });
    CHECK(nof_grants > 3000);
    for (int i = 0; i < 200; ++i) {
      slot_report report;
      report.slot = advance({100, 0}, i, c.numerology);
      const slot_grants& grants = s.next(report, {});
      std::array<int, 106> owner{};
      std::set<std::uint16_t> rntis;
      CHECK(static_cast<int>(grants.pusch.size()) <= c.max_ues_per_slot);
      for (const pusch_pdu& pdu : grants.pusch) {
        REQUIRE(pdu.rb_size >= 1);
        REQUIRE(pdu.rb_start + pdu.rb_size <= 106);
        CHECK(rntis.insert(pdu.rnti).second);
        for (int prb = pdu.rb_start; prb < pdu.rb_start + pdu.rb_size; ++prb) {
          CHECK(owner[static_cast<std::size_t>(prb)]++ == 0);
        }
        CHECK(allowed_prb(pdu.rb_size, transform_precoding) == pdu.rb_size);
        CHECK(pdu.dmrs_symbol_mask == c.common.dmrs_symbol_mask);
        CHECK(pdu.mcs_table == c.link_adaptation.mcs_table);
        pusch_pdu again = pdu;
        set_transport_block(again, c.overhead_re);
        CHECK(again.tb_size_bytes == pdu.tb_size_bytes);
        CHECK(again.target_code_rate == pdu.target_code_rate);
      }
    }
  }
}

TEST_CASE("scheduler: what was not sent is granted again with the same rv and moves no outer loop")
{
  const scheduler_config c = cell_config();
  scheduler s = made(c);
  REQUIRE(s.add_ue(17));
  // Not sent, failed, not sent, decoded.
  const std::vector<std::uint8_t> expected_rv = {0, 0, 2, 2};
  std::vector<std::uint8_t> rv;
  drive(s, 60, c.numerology, c.k2, [&](const pusch_pdu& pdu, slot_id) {
    if (pdu.harq_process_id != 0) {
      return report_of(pdu, true, 12.0F);
    }
    const std::size_t attempt = rv.size();
    if (attempt < 4) {
      CHECK(pdu.new_data == (attempt == 0));
      rv.push_back(pdu.rv_index);
    }
    pusch_report report = report_of(pdu, attempt >= 3, attempt == 1 ? 12.0F : -20.0F);
    report.dtx = attempt == 0 || attempt == 2;
    if (report.dtx) {
      const outer_loop before = s.ue(17)->loop;
      const outer_loop after = observed(plan_link_adaptation(c.link_adaptation).value(), before, report);
      CHECK(after.offset_db == before.offset_db);
      CHECK(after.sinr_db == before.sinr_db);
    }
    return report;
  });
  CHECK(rv == expected_rv);
  CHECK(s.counters().dtx.value() == 2);
  CHECK(s.counters().nacked.value() == 1);
  CHECK(s.counters().given_up.value() == 0);
}

TEST_CASE("scheduler: a UE that sends nothing at all is granted a block so often and no more")
{
  scheduler_config c = cell_config();
  c.harq.nof_processes = 1;
  scheduler s = made(c);
  REQUIRE(s.add_ue(17));
  drive(s, 100, c.numerology, c.k2, [&](const pusch_pdu& pdu, slot_id) {
    CHECK(pdu.rv_index == 0);
    pusch_report report = report_of(pdu, false, -20.0F);
    report.dtx = true;
    return report;
  });
  const scheduler_counters& counters = s.counters();
  CHECK(counters.given_up.value() > 2);
  CHECK(counters.dtx.value() == 4 * counters.given_up.value() + (counters.dtx.value() % 4));
  CHECK(counters.nacked.value() == 0);
  CHECK(counters.acked.value() == 0);
}

TEST_CASE("scheduler: a lost block comes back with the same size and rv 0, 2, 3, 1, then is given up")
{
  scheduler_config c = cell_config();
  scheduler s = made(c);
  REQUIRE(s.add_ue(17));
  std::map<int, std::vector<pusch_pdu>> sent; // by process
  drive(s, 60, c.numerology, c.k2, [&](const pusch_pdu& pdu, slot_id) {
    sent[pdu.harq_process_id].push_back(pdu);
    return report_of(pdu, false, 10.0F);
  });
  REQUIRE(!sent.empty());
  const std::uint8_t rv[] = {0, 2, 3, 1};
  for (const auto& process : sent) {
    const std::vector<pusch_pdu>& grants = process.second;
    CAPTURE(process.first);
    for (std::size_t i = 0; i < grants.size(); ++i) {
      const pusch_pdu& first = grants[i - i % 4];
      CHECK(grants[i].rv_index == rv[i % 4]);
      CHECK(grants[i].new_data == (i % 4 == 0));
      CHECK(grants[i].tb_size_bytes == first.tb_size_bytes);
      CHECK(grants[i].mcs_index == first.mcs_index);
      CHECK(grants[i].rb_size == first.rb_size);
    }
  }
  CHECK(s.counters().given_up.value() > 5);
  CHECK(s.counters().acked.value() == 0);
}

TEST_CASE("scheduler: a process is not used again before its report, and every grant is accounted for")
{
  scheduler_config c = cell_config();
  c.max_ues = 3;
  c.harq.nof_processes = 2;
  scheduler s = made(c);
  for (const int rnti : {1, 2, 3}) {
    REQUIRE(s.add_ue(static_cast<std::uint16_t>(rnti)));
  }
  CHECK_FALSE(s.add_ue(3));
  CHECK_FALSE(s.add_ue(4));
  std::mt19937 rng(3);
  std::map<std::pair<int, int>, int> in_flight;
  std::uint64_t answered = 0;
  slot_id now;
  std::vector<slot_grants> due(5);
  for (int i = 0; i < 400; ++i, now = advance(now, 1, c.numerology)) {
    slot_report report;
    report.slot = now;
    for (const pusch_pdu& pdu : due[static_cast<std::size_t>(i % 5)].pusch) {
      --in_flight[{pdu.rnti, pdu.harq_process_id}];
      report.pusch.push_back(report_of(pdu, rng() % 3 != 0, 12.0F));
      ++answered;
    }
    due[static_cast<std::size_t>((i + 4) % 5)] = s.next(report, {});
    for (const pusch_pdu& pdu : due[static_cast<std::size_t>((i + 4) % 5)].pusch) {
      CHECK(++in_flight[{pdu.rnti, pdu.harq_process_id}] == 1);
    }
  }
  const scheduler_counters& n = s.counters();
  CHECK(n.acked.value() + n.nacked.value() == answered);
  CHECK(n.unexpected_report.value() == 0);
  std::uint64_t open = 0;
  for (const auto& [key, count] : in_flight) {
    open += static_cast<std::uint64_t>(count);
  }
  CHECK(n.first_transmissions.value() + n.retransmissions.value() == answered + open);
}

TEST_CASE("scheduler: a report that never comes is a NACK after the timeout, and moves no outer loop")
{
  scheduler_config c = cell_config();
  c.harq.nof_processes = 1;
  c.harq.report_timeout_slots = 10;
  scheduler s = made(c);
  REQUIRE(s.add_ue(9));
  std::vector<int> rv;
  std::vector<int> at;
  for (int i = 0; i < 60; ++i) {
    const slot_grants& grants = s.grant(advance({0, 0}, i, c.numerology), {});
    for (const pusch_pdu& pdu : grants.pusch) {
      rv.push_back(pdu.rv_index);
      at.push_back(i);
    }
  }
  CHECK(rv == std::vector<int>{0, 0, 0, 0, 0, 0}); // nothing is kept that another version could be added to
  CHECK(at == std::vector<int>{0, 11, 22, 33, 44, 55});
  CHECK(s.counters().unanswered.value() == 5);
  CHECK(s.counters().given_up.value() == 1);
  CHECK(s.ue(9)->loop.offset_db == 0.0F);
  CHECK_FALSE(s.ue(9)->loop.has_sinr);
}

TEST_CASE("scheduler: grants come in uplink slots of the TDD pattern only")
{
  scheduler_config c = cell_config();
  c.is_uplink = {false, false, false, false, false, false, false, true, true, true};
  scheduler s = made(c);
  REQUIRE(s.add_ue(5));
  slot_report report;
  for (int i = 0; i < 40; ++i) {
    report.slot = advance({1023, 15}, i, c.numerology);
    const slot_grants& grants = s.next(report, {});
    CHECK(grants.slot == advance(report.slot, c.k2, c.numerology));
    CHECK(grants.pusch.empty() == (grants.slot.slot % 10 < 7));
  }
}

TEST_CASE(
    "scheduler: a small backlog takes few PRBs, what it leaves goes to the others, an empty one takes none")
{
  scheduler_config c = cell_config();
  scheduler s = made(c);
  for (const int rnti : {1, 2, 3}) {
    REQUIRE(s.add_ue(static_cast<std::uint16_t>(rnti)));
  }
  REQUIRE(s.set_backlog(1, 20U));
  REQUIRE(s.set_backlog(2, 0U));
  CHECK_FALSE(s.set_backlog(99, 20U));
  const slot_grants& grants = s.grant({0, 0}, {});
  REQUIRE(grants.pusch.size() == 2);
  CHECK(grants.pusch[0].rnti == 1);
  CHECK(grants.pusch[0].tb_size_bytes >= 20);
  pusch_pdu smaller = grants.pusch[0];
  --smaller.rb_size;
  set_transport_block(smaller, 0);
  CHECK(smaller.tb_size_bytes < 20);
  CHECK(grants.pusch[1].rnti == 3);
  CHECK(grants.pusch[0].rb_size + grants.pusch[1].rb_size == 106);
  CHECK(s.ue(1)->backlog_bytes == 0U);
  CHECK(s.grant({0, 1}, {}).pusch.size() == 1);
}

TEST_CASE("scheduler: without a closed loop the UEs come from the reports and no block is waited for")
{
  scheduler_config c = cell_config();
  c.loop = control_loop::open;
  c.max_ues = 2;
  scheduler s = made(c);
  slot_report report;
  pusch_pdu pdu;
  for (const int rnti : {40, 41, 42}) {
    pdu.rnti = static_cast<std::uint16_t>(rnti);
    report.pusch.push_back(report_of(pdu, true, 30.0F));
  }
  for (int i = 0; i < 100; ++i) {
    report.slot = advance({0, 0}, i, c.numerology);
    const slot_grants& grants = s.next(report, {});
    CHECK(grants.pusch.size() == 2);
    CHECK(
        std::all_of(grants.pusch.begin(), grants.pusch.end(), [](const pusch_pdu& g) { return g.new_data; }));
    report.pusch.resize(std::min<std::size_t>(report.pusch.size(), 3));
  }
  CHECK(s.counters().refused_ues.value() == 100);
  CHECK(s.ue(40)->loop.sinr_db == doctest::Approx(30.0));
  CHECK(s.counters().unanswered.value() == 0);
}

TEST_CASE("scheduler: equal links get equal throughput, unequal full buffers get equal PRBs")
{
  scheduler_config c = cell_config();
  c.max_ues_per_slot = 1;
  c.link_adaptation.max_offset_db = 0.0F; // the MCS follow from the SINRs alone
  scheduler s = made(c);
  for (const int rnti : {1, 2, 3, 4}) {
    REQUIRE(s.add_ue(static_cast<std::uint16_t>(rnti)));
  }
  std::map<int, double> prbs;
  std::map<int, double> bytes;
  const float sinr_db[] = {0.0F, 5.0F, 5.0F, 12.0F, 22.0F};
  int i = 0;
  drive(s, 4000, c.numerology, c.k2, [&](const pusch_pdu& pdu, slot_id) {
    if (++i > 1000) {
      prbs[pdu.rnti] += pdu.rb_size;
      bytes[pdu.rnti] += pdu.tb_size_bytes;
    }
    return report_of(pdu, true, sinr_db[pdu.rnti]);
  });
  double all = 0.0;
  for (const auto& [rnti, count] : prbs) {
    all += count;
  }
  for (const auto& ue : prbs) {
    CAPTURE(ue.first);
    CHECK(ue.second / all == doctest::Approx(0.25).epsilon(0.02));
  }
  CHECK(bytes[1] == doctest::Approx(bytes[2]).epsilon(0.02));
  CHECK(bytes[4] > 2.0 * bytes[1]);
}

TEST_CASE("scheduler: observe and grant do not allocate")
{
  scheduler_config c = cell_config();
  scheduler s = made(c);
  for (int ue = 0; ue < c.max_ues; ++ue) {
    REQUIRE(s.add_ue(static_cast<std::uint16_t>(ue)));
  }
  slot_report report;
  report.pusch.reserve(64);
  std::vector<slot_grants> due(5);
  for (slot_grants& g : due) {
    g.pusch.reserve(64);
  }
  std::mt19937 rng(1);
  for (int i = 0; i < 100; ++i) {
    report.slot = advance({3, 0}, i, c.numerology);
    report.pusch.clear();
    for (const pusch_pdu& pdu : due[static_cast<std::size_t>(i % 5)].pusch) {
      report.pusch.push_back(report_of(pdu, rng() % 2 == 0, 10.0F));
    }
    const std::int64_t before = test::allocation_count();
    const slot_grants& grants = s.next(report, {});
    CHECK(test::allocation_count() == before);
    due[static_cast<std::size_t>((i + 4) % 5)].pusch = grants.pusch;
  }
}
