// SPDX-License-Identifier: Apache-2.0
// ctest: net
// program: pado
// Ports as an ordinary user with named capabilities: what docs/run.md says of each.
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include <doctest/doctest.h>
#include <sys/stat.h>

using pado::test::process;

namespace {

constexpr const char* setpriv = "/usr/bin/setpriv";
constexpr const char* nobody = "65534";

/// pado ru on a port as nobody, with these capabilities and no others ("net_raw,ipc_lock").
class ordinary_user {
public:
  ordinary_user()
  {
    scenario_ = folder_.write("unit.yaml",
                              "carrier: {name: one, scs_khz: 30, nof_prb: 11, nof_rx_ports: 1}\n"
                              "tdd: {pattern: DDDDDDDDDU}\n"
                              "fronthaul: {eaxc_pusch: [0]}\n"
                              "simulation: {slots: 20, seed: 3}\n"
                              "ues:\n  - {rnti: 0x4601, snr_db: 9, nof_prb: 11, mcs: 4}\n");
    chmod(folder_.file("").c_str(), 0755);
    chmod(scenario_.c_str(), 0644);
  }

  /// Exit status.
  int open(const std::string& port, const std::string& capabilities)
  {
    std::string sets = "-all";
    for (std::size_t at = 0; at < capabilities.size();) {
      const std::size_t end = std::min(capabilities.find(',', at), capabilities.size());
      sets += ",+" + capabilities.substr(at, end - at);
      at = end + 1;
    }
    process run({setpriv,
                 "--reuid",
                 nobody,
                 "--regid",
                 nobody,
                 "--clear-groups",
                 "--inh-caps=" + sets,
                 "--ambient-caps=" + sets,
                 "--bounding-set=" + sets,
                 PADO_PROGRAM,
                 "ru",
                 scenario_,
                 "--port",
                 port,
                 "--seconds",
                 "0.1"},
                folder_.file("out"),
                folder_.file("err"));
    const int status = run.wait();
    said = run.out() + run.err();
    return status;
  }

  std::string said;

private:
  pado::test::temporary_folder folder_;
  std::string scenario_;
};

/// Whether capabilities can be given and taken here, and nobody may run the program.
bool can_try(ordinary_user& user)
{
  if (geteuid() != 0 || access(setpriv, X_OK) != 0) {
    MESSAGE("skipped: needs root and setpriv");
    return false;
  }
  if (user.open("ring:x", "") != 0) {
    MESSAGE("skipped: nobody cannot run " PADO_PROGRAM ": " << user.said);
    return false;
  }
  return true;
}

} // namespace

TEST_CASE(
    "run as an ordinary user: UDP and memory need no capability, a raw socket needs CAP_NET_RAW and says so")
{
  ordinary_user user;
  if (!can_try(user)) {
    return;
  }
  CHECK(user.open("udp:127.0.0.1:47113,local=127.0.0.1:47114", "") == 0);
  CAPTURE(user.said);
  CHECK(user.open("raw:lo", "") == 2);
  CHECK(user.said.find("CAP_NET_RAW") != std::string::npos);
  CHECK(user.said.find("setcap cap_net_raw+ep") != std::string::npos);
  const int with_right = user.open("raw:lo", "net_raw");
  if (with_right != 0 && user.said.find("CAP_NET_RAW") == std::string::npos) {
    MESSAGE("skipped: no packet sockets here: " << user.said);
    return;
  }
  CHECK(with_right == 0);
}

TEST_CASE("run as an ordinary user: DPDK on an interface needs three capabilities and names them")
{
  ordinary_user user;
  if (!can_try(user)) {
    return;
  }
  const std::string port = "dpdk:net_af_packet0,iface=lo";
  if (user.open("dpdk:net_ring0", "") != 0) {
    MESSAGE("skipped: " << user.said);
    return;
  }
  for (const char* too_few : {"net_raw", "net_raw,ipc_lock"}) {
    CAPTURE(std::string(too_few));
    CHECK(user.open(port, too_few) == 2);
    CAPTURE(user.said);
    CHECK(user.said.find("setcap cap_net_raw,cap_net_admin,cap_ipc_lock+ep") != std::string::npos);
  }
  CHECK(user.open(port, "net_raw,net_admin,ipc_lock") == 0);
  CAPTURE(user.said);
}
