// SPDX-License-Identifier: Apache-2.0
// ctest: net
// Packet sockets over a veth pair in a network namespace that this process makes and that goes with it.
#include "tests/io/port_contract.h"
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sched.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace pado::test; // NOLINT: the contract reads better with the short names
using pado::io::packet;
using pado::io::port_config;
using pado::io::rx_frame;

namespace {

/// Runs a command in this thread's namespace; what it prints.
std::string output_of(const std::string& command)
{
  std::string text;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  for (std::array<char, 256> line{}; std::fgets(line.data(), line.size(), pipe) != nullptr;) {
    text += line.data();
  }
  pclose(pipe);
  return text;
}

/// Without root: a user namespace in which this process is root, where the system allows that to everybody.
bool is_root_of_own_namespace()
{
  const std::string map = "0 " + std::to_string(geteuid()) + " 1";
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    return false;
  }
  std::ofstream file("/proc/self/uid_map");
  file << map << std::flush;
  return static_cast<bool>(file);
}

/// Once a process: a namespace with padoa and padob linked, MTU 9000. False, said loudly: not allowed here.
bool is_linked()
{
  static const bool is_made = [] { // NOLINT: one namespace for all cases
    if (unshare(CLONE_NEWNET) != 0 && !is_root_of_own_namespace()) {
      return false;
    }
    const std::string said = output_of("ip link add padoa mtu 9000 type veth peer name padob mtu 9000 &&"
                                       "ip link set padoa up && ip link set padob up && echo linked");
    if (said != "linked\n") {
      MESSAGE("ip says: " << said);
      return false;
    }
    // Wait for the carrier: what is sent before is lost.
    for (int i = 0; i < 200; ++i) {
      if (output_of("cat /sys/class/net/padoa/operstate") == "up\n") {
        break;
      }
      usleep(10000);
    }
    return true;
  }();
  if (!is_made) {
    MESSAGE("skipped: a network namespace with a veth pair needs iproute2 and root, or user namespaces");
  }
  return is_made;
}

std::vector<std::byte> tagged(const std::vector<std::byte>& frame, std::vector<std::uint32_t> tags)
{
  std::vector<std::byte> out(frame.begin(), frame.begin() + 12);
  for (const std::uint32_t tag : tags) {
    out.resize(out.size() + 4);
    pado::io::store_be32(out, out.size() - 4, tag);
  }
  out.insert(out.end(), frame.begin() + 12, frame.end());
  return out;
}

std::string failure_of(const std::string& name)
{
  const auto port = pado::io::open_port(name, {});
  REQUIRE_FALSE(port);
  return port.failure().text();
}
bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

} // namespace

// First, while this process is in no namespace of its own.
TEST_CASE("raw port: without CAP_NET_RAW it says how to get it")
{
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const bool is_nobody = geteuid() != 0 || seteuid(65534) == 0;
    const auto port = pado::io::open_port("raw:lo", {});
    const std::string text = !is_nobody ? "still root" : port ? "opened" : port.failure().text();
    [[maybe_unused]] const ssize_t n = write(ends[1], text.data(), text.size());
    _exit(0);
  }
  close(ends[1]);
  std::array<char, 1000> bytes{};
  const ssize_t n = read(ends[0], bytes.data(), bytes.size());
  close(ends[0]);
  waitpid(child, nullptr, 0);
  const std::string text(bytes.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  if (text == "opened" || text == "still root") {
    MESSAGE("skipped: this user has CAP_NET_RAW and cannot be without");
    return;
  }
  CHECK(has(text, "needs the capability CAP_NET_RAW: run with sudo, or once: sudo setcap cap_net_raw+ep /"));
  CHECK(has(text, "raw_port_test"));
}

TEST_CASE("raw port: keeps the contract of ports")
{
  if (!is_linked()) {
    return;
  }
  check_port_contract([](const port_config& near, const port_config& far) {
    return port_pair{opened("raw:padoa", near), opened("raw:padob", far)};
  });
}

TEST_CASE("raw port: VLAN tags that the kernel takes off are put back")
{
  if (!is_linked()) {
    return;
  }
  const auto near = opened("raw:padoa", usual());
  const auto far = opened("raw:padob", usual());
  const auto frame = numbered_frame(1000, 1);
  const std::vector<std::vector<std::byte>> frames = {frame,
                                                      tagged(frame, {0x8100E005}),
                                                      tagged(frame, {0x88A80007, 0x81000006}),
                                                      tagged(frame, {0x81000000}),
                                                      tagged(numbered_frame(8900, 2), {0x8100EFFE})};
  CHECK(near->send(packets_of(frames)) == frames.size());
  const auto received = gather(*far, frames.size());
  REQUIRE(received.size() == frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    CAPTURE(i);
    CHECK(is_equal(received[i].bytes, frames[i]));
  }
  pado::io::link_frame link;
  CHECK_FALSE(pado::io::parse_link(received[2].bytes, 0, link));
  CHECK(link.vlan == 6);
  CHECK(link.outer_vlan == 7);
  CHECK(far->counters().cut.value() == 0);
}

TEST_CASE("raw port: a tag put back counts for the length of a frame")
{
  if (!is_linked()) {
    return;
  }
  port_config small;
  small.max_frame_bytes = 1514;
  const auto near = opened("raw:padoa", usual());
  const auto far = opened("raw:padob", small);
  const auto fits = tagged(numbered_frame(1510, 1), {0x81000005});
  const auto cut = tagged(numbered_frame(1511, 1), {0x81000005});
  CHECK(near->send(packets_of({fits, cut})) == 2);
  const auto received = gather(*far, 2);
  REQUIRE(received.size() == 2);
  CHECK(is_equal(received[0].bytes, fits));
  CHECK(is_equal(received[1].bytes, packet(cut).first(1514)));
  CHECK(far->counters().cut.value() == 1);
}

TEST_CASE("raw port: other traffic is left out by the kernel, unless filter=all")
{
  if (!is_linked()) {
    return;
  }
  const auto near = opened("raw:padoa", usual());
  const auto only_ecpri = opened("raw:padob", usual());
  const auto all = opened("raw:padob,filter=all", usual());
  auto other = numbered_frame(200, 1);
  pado::io::store_be16(other, 12, 0x88B5); // local experimental
  const auto ecpri = numbered_frame(200, 2);
  const std::vector<std::vector<std::byte>> frames = {other, tagged(other, {0x81000005}), ecpri};
  CHECK(near->send(packets_of(frames)) == 3);
  const auto received = gather(*only_ecpri, 1);
  REQUIRE(received.size() == 1);
  CHECK(is_equal(received[0].bytes, ecpri));
  std::array<rx_frame, 4> some;
  CHECK(only_ecpri->poll(some) == 0);
  std::size_t nof_ours = 0;
  for (const rx_frame& frame : gather(*all, 3)) { // the system's own frames may be between them
    for (const auto& one : frames) {
      nof_ours += is_equal(frame.bytes, one) ? 1 : 0;
    }
  }
  for (std::size_t n = all->poll(some); n > 0; n = all->poll(some)) {
    for (const rx_frame& frame : std::span(some).first(n)) {
      for (const auto& one : frames) {
        nof_ours += is_equal(frame.bytes, one) ? 1 : 0;
      }
    }
  }
  CHECK(nof_ours == 3);
}

TEST_CASE("raw port: frames that leave through its interface are not received")
{
  if (!is_linked()) {
    return;
  }
  const auto far = opened("raw:padob,filter=all", usual());
  const auto beside = opened("raw:padob", usual());
  const auto near = opened("raw:padoa", usual());
  drain(*far, 1000000);
  const auto frame = numbered_frame(100, 7);
  const packet one = frame;
  CHECK(far->send({&one, 1}) == 1);
  CHECK(beside->send({&one, 1}) == 1);
  CHECK(gather(*near, 2).size() == 2);
  std::array<rx_frame, 64> some;
  const std::size_t n = far->poll(some);
  for (std::size_t i = 0; i < n; ++i) {
    CHECK_FALSE(is_equal(some[i].bytes, frame));
  }
  CHECK(beside->poll(some) == 0);
}

TEST_CASE("raw port: an interface that goes down and comes up costs frames and nothing else")
{
  if (!is_linked()) {
    return;
  }
  const auto near = opened("raw:padoa", usual());
  const auto far = opened("raw:padob", usual());
  const auto frame = numbered_frame(100, 7);
  const packet one = frame;
  output_of("ip link set padoa down");
  CHECK(near->send({&one, 1}) == 0);
  CHECK(near->counters().unsent.value() == 1);
  const pado::steady_clock time;
  const std::int64_t begin_ns = time.now_ns();
  CHECK_FALSE(near->wait(20000000)); // the error of the socket is taken off and does not end the sleep
  CHECK(time.now_ns() - begin_ns >= 20000000);
  std::array<rx_frame, 4> some;
  CHECK(near->poll(some) == 0);
  const auto while_down = opened("raw:padoa", usual());
  output_of("ip link set padoa up");
  for (int i = 0; i < 100 && near->send({&one, 1}) == 0; ++i) {
    usleep(10000);
  }
  CHECK(gather(*far, 1).size() == 1);
  CHECK(far->send({&one, 1}) == 1);
  CHECK(gather(*near, 1).size() == 1);
  CHECK(gather(*while_down, 1).size() == 1);
}

TEST_CASE("raw port: a frame above the MTU is unsent, the others of the burst are sent")
{
  if (!is_linked()) {
    return;
  }
  const auto near = opened("raw:padoa", usual());
  const auto far = opened("raw:padob", usual());
  CHECK(has(near->describe(), "MTU 9000"));
  const std::vector<std::vector<std::byte>> frames = {
      numbered_frame(9014, 1), numbered_frame(9100, 2), std::vector<std::byte>(10), numbered_frame(100, 4)};
  CHECK(near->send(packets_of(frames)) == 2);
  CHECK(near->counters().unsent.value() == 2);
  const auto received = gather(*far, 2);
  REQUIRE(received.size() == 2);
  CHECK(is_equal(received[1].bytes, frames[3]));
}

TEST_CASE("raw port: promisc=yes asks the interface for all frames, as long as the port is open")
{
  if (!is_linked()) {
    return;
  }
  const auto promiscuity = [] { return output_of("ip -d link show padoa | grep -o 'promiscuity [0-9]*'"); };
  CHECK(promiscuity() == "promiscuity 0\n");
  auto port = opened("raw:padoa,promisc=yes", usual());
  CHECK(promiscuity() == "promiscuity 1\n");
  port.reset();
  CHECK(promiscuity() == "promiscuity 0\n");
}

TEST_CASE("raw port: names that cannot be opened say what to change")
{
  CHECK(has(failure_of("raw:loo"), "has the interface 'loo', which is not there. Did you mean 'lo'?"));
  CHECK(has(failure_of("raw:lo,filter=ecpr"), "has filter=ecpr, must be ecpri or all"));
  CHECK(has(failure_of("raw:lo,promisc=on"), "has promisc=on, must be no or yes"));
  CHECK(has(failure_of("raw:lo,fliter=all"), "'fliter'. Did you mean 'filter'?"));
}
