// SPDX-License-Identifier: Apache-2.0
// ctest: net
// In a network namespace of its own, as root: af_packet on a veth pair, memif.
#include "tests/io/dpdk_frames.h"
#include "tests/io/port_contract.h"
#include "tests/support/temporary_folder.h"
#include <array>
#include <cstdlib>
#include <sched.h>
#include <unistd.h>

using namespace pado::io;   // NOLINT: a test reads better with the short names
using namespace pado::test; // NOLINT

namespace {

/// Two ends of a wire, MTU 9600, up. Once per process: DPDK's threads stay in the namespace too.
bool has_wire()
{
  static const bool made = [] {
    if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0) {
      return false;
    }
    return std::system("ip link add pado0 type veth peer name pado1 && "
                       "for i in pado0 pado1; do "
                       "sysctl -qw net.ipv6.conf.$i.disable_ipv6=1; ip link set $i mtu 9600 up; done") == 0;
  }();
  if (!made) {
    MESSAGE("skipped: needs root, ip and veth devices");
  }
  return made;
}

/// Sends everything, receiving between the bursts as a single polling thread does.
std::vector<std::vector<std::byte>>
carry(port& from, port& to, const std::vector<std::vector<std::byte>>& frames)
{
  std::vector<std::vector<std::byte>> seen;
  const auto take = [&](std::int64_t quiet_ns) {
    auto more = receive_all(to, quiet_ns);
    std::ranges::move(more, std::back_inserter(seen));
  };
  const auto packets = as_packets(frames);
  for (std::size_t at = 0; at < packets.size(); at += 32) {
    from.send(std::span(packets).subspan(at, std::min<std::size_t>(32, packets.size() - at)));
    take(0);
  }
  take(200'000'000);
  return seen;
}

} // namespace

TEST_CASE("dpdk_port: af_packet on a wire loses and cuts none of some thousand jumbo frames")
{
  if (is_without_dpdk() || !has_wire()) {
    return;
  }
  port_config config;
  config.nof_rx_frames = 2048;
  const auto a = must_open("net_af_packet0,iface=pado0", config);
  const auto b = must_open("net_af_packet1,iface=pado1", config);
  std::vector<std::size_t> lengths;
  for (int i = 0; i < 3000; ++i) {
    lengths.push_back(std::array<std::size_t, 4>{7678, 9014, 1514, 60}[static_cast<std::size_t>(i % 4)]);
  }
  const auto frames = make_frames(lengths);
  CHECK(carry(*a, *b, frames) == frames);
  CHECK(a->counters().sent.value() == frames.size());
  CHECK(b->counters().received.value() == frames.size());
  CHECK(b->counters().cut.value() == 0);
  CHECK(b->counters().lost.value() == 0);
  MESSAGE(b->describe());
}

TEST_CASE("dpdk_port: a VLAN tag that the kernel takes off is put back")
{
  if (is_without_dpdk() || !has_wire()) {
    return;
  }
  const auto a = must_open("net_af_packet7,iface=pado0");
  const auto b = must_open("net_af_packet8,iface=pado1");
  auto frames = make_frames({64, 7678, 9018});
  for (auto& frame : frames) {
    const std::array<std::byte, 4> tag = {std::byte{0x81}, std::byte{0x00}, std::byte{0xe0}, std::byte{0x05}};
    std::copy(tag.begin(), tag.end(), frame.begin() + 12); // VID 5, priority 7
  }
  CHECK(carry(*a, *b, frames) == frames);
}

TEST_CASE("dpdk_port: af_packet keeps the promises of a port, except that it does not tell of every loss")
{
  if (is_without_dpdk() || !has_wire()) {
    return;
  }
  const auto open = [](const port_config& near, const port_config& far) {
    const auto smaller = [](port_config config) {
      config.nof_rx_frames = std::min(config.nof_rx_frames, 1024); // its ring is locked memory
      return config;
    };
    auto first = opened("dpdk:net_af_packet2,iface=pado0", smaller(near));
    return port_pair{std::move(first), opened("dpdk:net_af_packet3,iface=pado1", smaller(far))};
  };
  check_every_size_arrives(open);
  check_stamps_are_near(open);
  check_held_memory(open);
  check_cut(open); // its kernel cuts the second long frame, we the first
  check_unsent(open);
  check_no_allocation(open);
  check_wait(open);
}

TEST_CASE("dpdk_port: af_packet keeps as many frames as it was told while nobody polls")
{
  if (is_without_dpdk() || !has_wire()) {
    return;
  }
  const auto a = must_open("net_af_packet4,iface=pado0");
  port_config config = small_port();
  config.nof_rx_frames = 64;
  const auto b = must_open("net_af_packet5,iface=pado1", config);
  const auto frames = make_frames(std::vector<std::size_t>(200, 7678));
  const std::size_t sent = a->send(as_packets(frames));
  const auto seen = receive_all(*b, 300'000'000);
  CHECK(seen.size() == 64); // its ring
  // DPDK 22.11's af_packet does not ask the kernel how many it dropped
  const std::uint64_t lost = b->counters().lost.value();
  CHECK((lost == 0 || lost == sent - seen.size()));
}

TEST_CASE("dpdk_port: frames that come in pieces are put together")
{
  if (is_without_dpdk() || !has_wire()) {
    return;
  }
  const temporary_folder folder;
  const std::string common = ",bsize=2048,rsize=8,socket-abstract=no,socket=" + folder.file("memif.sock");
  const auto server = must_open("net_memif0,role=server" + common);
  const auto client = must_open("net_memif1,role=client" + common);
  for (int round = 0; round < 100 && client->describe().find("link up") == std::string::npos; ++round) {
    client->wait(20'000'000);
  }
  const auto frames = make_frames({60, 2047, 2048, 2049, 7678, 9014});
  CHECK(carry(*client, *server, frames) == frames);
  CHECK(server->counters().cut.value() == 0);
}
