// SPDX-License-Identifier: Apache-2.0
#include "io/pcap/pcap_writer.h"
#include "core/errno_text.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <pcap/pcap.h>
#include <utility>

namespace pado::io {

namespace {

constexpr int snap_length = 262144; // libpcap's own limit for Ethernet: its readers refuse longer frames

struct close_pcap {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
struct close_dumper {
  void operator()(pcap_dumper_t* dumper) const { pcap_dump_close(dumper); }
};

} // namespace

struct pcap_writer::state {
  std::string name;
  std::unique_ptr<pcap_t, close_pcap> handle;
  std::unique_ptr<pcap_dumper_t, close_dumper> dumper;
};

pcap_writer::pcap_writer(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
pcap_writer::pcap_writer(pcap_writer&&) noexcept = default;
pcap_writer& pcap_writer::operator=(pcap_writer&&) noexcept = default;
pcap_writer::~pcap_writer() = default;

result<pcap_writer> pcap_writer::create(const std::string& path)
{
  auto opened = std::make_unique<state>();
  opened->name = path == "-" ? "standard output" : path;
  opened->handle.reset(
      pcap_open_dead_with_tstamp_precision(DLT_EN10MB, snap_length, PCAP_TSTAMP_PRECISION_NANO));
  if (opened->handle == nullptr) {
    return error{opened->name + ":", "libpcap gave no handle: out of memory"};
  }
  opened->dumper.reset(pcap_dump_open(opened->handle.get(), path.c_str()));
  if (opened->dumper == nullptr) {
    return error{opened->name + ":", std::string("cannot be written: ") + pcap_geterr(opened->handle.get())};
  }
  return pcap_writer(std::move(opened));
}

result<nothing> pcap_writer::write(std::span<const std::byte> frame, std::int64_t time_ns)
{
  constexpr std::int64_t ns_per_s = 1000000000;
  if (time_ns < 0 || time_ns / ns_per_s > std::numeric_limits<std::uint32_t>::max()) {
    return error{state_->name + ":", "time " + std::to_string(time_ns) + " ns must be in 1970..2106"};
  }
  if (frame.size() > static_cast<std::size_t>(snap_length)) {
    return error{state_->name + ":",
                 "a frame of " + std::to_string(frame.size()) + " bytes must have at most " +
                     std::to_string(snap_length)};
  }
  struct pcap_pkthdr header = {};
  header.ts.tv_sec = static_cast<time_t>(time_ns / ns_per_s);
  header.ts.tv_usec = static_cast<suseconds_t>(time_ns % ns_per_s); // nanoseconds: the handle was opened so
  header.caplen = static_cast<bpf_u_int32>(frame.size());
  header.len = header.caplen;
  // Static casts through void: pcap wants its own opaque pointer and unsigned char.
  pcap_dump(static_cast<unsigned char*>(static_cast<void*>(state_->dumper.get())),
            &header,
            static_cast<const unsigned char*>(static_cast<const void*>(frame.data())));
  if (std::ferror(pcap_dump_file(state_->dumper.get())) != 0) {
    return error{state_->name + ":", std::string("could not be written: ") + errno_text(errno)};
  }
  return nothing{};
}

result<nothing> pcap_writer::finish()
{
  const bool is_written =
      pcap_dump_flush(state_->dumper.get()) == 0 && std::ferror(pcap_dump_file(state_->dumper.get())) == 0;
  state_->dumper.reset();
  if (!is_written) {
    return error{state_->name + ":", std::string("could not be written to its end: ") + errno_text(errno)};
  }
  return nothing{};
}

} // namespace pado::io
