// SPDX-License-Identifier: Apache-2.0
#include "io/dpdk/device_stamps.h"
#include "io/dpdk/dpdk_name.h"
#include <algorithm>
#include <doctest/doctest.h>

using namespace pado::io; // NOLINT: a test reads better with the short names

namespace {

bool has(const std::vector<std::string>& arguments, const char* argument)
{
  return std::find(arguments.begin(), arguments.end(), argument) != arguments.end();
}

} // namespace

TEST_CASE("dpdk_name: a device keeps its driver's arguments and gives ours away")
{
  const auto name =
      parse_dpdk_name("net_pcap0,rx_pcap=/a b.pcap,only=ecpri,infinite_rx=1 -- -m  1024 --lcores=0@3");
  REQUIRE(name);
  CHECK(name.value().device == "net_pcap0");
  CHECK(name.value().driver_arguments == "rx_pcap=/a b.pcap,infinite_rx=1");
  CHECK(name.value().devargs() == "net_pcap0,rx_pcap=/a b.pcap,infinite_rx=1");
  CHECK(name.value().is_only_ecpri);
  CHECK(name.value().eal_arguments == std::vector<std::string>{"-m", "1024", "--lcores=0@3"});
  const auto card = parse_dpdk_name("0000:17:00.0");
  REQUIRE(card);
  CHECK(card.value().devargs() == "0000:17:00.0");
  CHECK_FALSE(card.value().is_only_ecpri);
  CHECK(card.value().eal_arguments.empty());
}

TEST_CASE("dpdk_name: what is wrong is named")
{
  CHECK_FALSE(parse_dpdk_name(""));
  CHECK_FALSE(parse_dpdk_name(",iface=eth0"));
  CHECK_FALSE(parse_dpdk_name(" -- -m 3"));
  const auto only = parse_dpdk_name("net_tap0,only=ptp");
  REQUIRE_FALSE(only);
  CHECK(only.failure().text().find("only=ptp") != std::string::npos);
  CHECK_FALSE(parse_dpdk_name("net_ring0,nodeaction=a:0:CREATE"));
}

TEST_CASE("dpdk_name: af_packet gets frames that hold jumbo frames, in whole blocks")
{
  const auto name = complete_arguments(parse_dpdk_name("net_af_packet0,iface=eth0").value(), 9216, 8190);
  REQUIRE(name);
  // the sizes that lost and cut nothing when they were measured
  CHECK(name.value().driver_arguments == "iface=eth0,framesz=10240,blocksz=40960,framecnt=8192");
  for (std::int32_t frame = 1514; frame <= 16384; ++frame) {
    REQUIRE(frame_room_bytes(frame) >= frame + 128);
    REQUIRE(4 * frame_room_bytes(frame) % 4096 == 0);
  }
  const auto own =
      complete_arguments(parse_dpdk_name("net_af_packet0,iface=eth0,framesz=16384").value(), 9216, 64);
  REQUIRE(own);
  CHECK(own.value().driver_arguments == "iface=eth0,framesz=16384,blocksz=65536,framecnt=64");
  for (const char* small : {"net_af_packet0,iface=eth0,framesz=2048", "net_af_packet0,framesz=x"}) {
    const auto refused = complete_arguments(parse_dpdk_name(small).value(), 9216, 64);
    REQUIRE_FALSE(refused);
    CHECK(refused.failure().text().find("framesz") != std::string::npos);
  }
  const auto memif = complete_arguments(parse_dpdk_name("net_memif0,role=server").value(), 9216, 64);
  CHECK(memif.value().driver_arguments == "role=server,bsize=10240");
  const auto null = complete_arguments(parse_dpdk_name("net_null0").value(), 9216, 64);
  CHECK(null.value().devargs() == "net_null0");
}

TEST_CASE("dpdk_name: EAL takes hugepages when there are enough, and the user's word over ours")
{
  const auto none = eal_arguments({"net_null0", "", false, {}}, 3, 0);
  CHECK(none.front() == "pado");
  CHECK(has(none, "--no-huge"));
  CHECK(has(none, "--no-shconf"));
  CHECK_FALSE(has(none, "--in-memory")); // DPDK refuses both together
  CHECK(has(none, "--iova-mode=va"));
  CHECK(has(none, "0@3"));
  CHECK(has(none, "0000:00:00.0"));
  const auto huge = eal_arguments({"0000:17:00.0", "", false, {}}, 0, std::int64_t{1} << 30);
  CHECK(has(huge, "--in-memory"));
  CHECK_FALSE(has(huge, "--iova-mode=va")); // the card decides
  CHECK_FALSE(has(huge, "--no-huge"));
  const auto own =
      eal_arguments({"net_null0",
                     "",
                     false,
                     {"-m512", "--lcores=0@1", "-b", "0000:01:00.0", "--iova-mode=pa", "--log-level", "8"}},
                    3,
                    0);
  CHECK_FALSE(has(own, "--no-huge"));
  CHECK_FALSE(has(own, "--iova-mode=va"));
  CHECK_FALSE(has(own, "0@3"));
  CHECK_FALSE(has(own, "0000:00:00.0"));
  CHECK_FALSE(has(own, "--log-level=4"));
  CHECK(own.back() == "8");
}

TEST_CASE("device_stamps: UTC and TAI are told apart, a free clock is not believed")
{
  constexpr std::int64_t now = 1'780'000'000'000'000'000;
  const auto as_stamp = [](std::int64_t ns) { return static_cast<std::uint64_t>(ns); };
  device_stamps utc;
  CHECK(utc.arrival_ns(as_stamp(now - 5000), now) == now - 5000);
  CHECK(utc.found() == device_stamps::kind::utc);
  CHECK(utc.arrival_ns(as_stamp(now + 77), now + 9000) == now + 77);
  device_stamps tai;
  CHECK(tai.arrival_ns(as_stamp(now + 37'000'000'000 - 800), now) == now - 800);
  CHECK(tai.found() == device_stamps::kind::tai);
  for (const std::uint64_t stamp : {std::uint64_t{0},
                                    std::uint64_t{123'456'789},
                                    ~std::uint64_t{0},
                                    std::uint64_t{1} << 63,
                                    as_stamp(now - 2'000'000'000)}) {
    CAPTURE(stamp);
    device_stamps free_running;
    CHECK(free_running.arrival_ns(stamp, now) == now);
    CHECK(free_running.found() == device_stamps::kind::free_running);
  }
  device_stamps capture(device_stamps::kind::capture_us);
  CHECK(capture.arrival_ns(35, now) == 35'000);
  device_stamps fine_capture(device_stamps::kind::capture_ns);
  CHECK(fine_capture.arrival_ns(35'714, now) == 35'714);
}
