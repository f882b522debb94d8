// SPDX-License-Identifier: Apache-2.0
// One frame through every parser: link, eCPRI, both planes, and the reference decoder on what it finds.
#include "io/compress/codec.h"
#include "io/ecpri/ecpri.h"
#include "io/ecpri/link.h"
#include "io/oran/cplane.h"
#include "io/oran/uplane.h"
#include "tests/fuzz/fuzz_check.h"
#include <array>

using namespace pado::io; // NOLINT: a target reads better with the short names
using pado::fuzz::is_inside;
using pado::fuzz::require;

namespace {

void read_user(packet sections, const u_layout& layout)
{
  std::size_t used = 0;
  u_section_reader reader(sections, layout);
  for (u_section section; reader.next(section);) {
    require(is_inside(section.iq, sections));
    require(is_supported(section.format) && section.nof_prb > 0);
    require(section.iq.size() == prb_bytes(section.format) * section.nof_prb);
    used += section.iq.size();
    std::array<pado::cf32, pado::nof_subcarriers_per_prb> re{};
    for (std::size_t at = 0; at < section.iq.size(); at += prb_bytes(section.format)) {
      decode_prb(section.format, section.iq.subspan(at, prb_bytes(section.format)), re);
    }
  }
  require(used <= sections.size());
}

void read_message(const ecpri_message& message)
{
  one_way_delay delay;
  (void)parse_one_way_delay(message.payload, delay);
  stream_ids ids;
  packet rest;
  if (parse_stream_ids(message.payload, ids, rest)) {
    return;
  }
  require(is_inside(rest, message.payload));
  c_section_reader control(rest);
  if (!control.failure()) {
    int nof_sections = 0;
    for (c_section section; control.next(section);) {
      require(is_inside(section.extensions, rest));
      pado::fuzz::touch(section.extensions);
      require(++nof_sections <= control.header().nof_sections);
    }
  }
  app_header header;
  if (parse_app_header(rest, header)) {
    return;
  }
  require(header.symbol < pado::nof_symbols_per_slot && header.subframe < 10);
  const packet sections = rest.subspan(app_header_bytes);
  for (const std::int32_t carrier : {0, 1, 273}) {
    for (const bool has_trailer : {false, true}) {
      read_user(sections, {std::nullopt, carrier, has_trailer});
      read_user(sections, {iq_format{pado::compression::bfp, 9}, carrier, has_trailer});
      read_user(sections, {iq_format{pado::compression::none, 16}, carrier, has_trailer});
    }
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const packet frame(reinterpret_cast<const std::byte*>(data), size);
  link_frame link;
  if (parse_link(frame, any_udp_port, link)) {
    return 0;
  }
  require(is_inside(link.pdu, frame));
  for (const ecpri_size trust : {ecpri_size::checked, ecpri_size::ignored}) {
    ecpri_reader reader(link.pdu, trust);
    std::size_t nof_messages = 0;
    for (ecpri_message message; reader.next(message);) {
      require(is_inside(message.payload, link.pdu));
      require(++nof_messages <= size / ecpri_header_bytes);
      read_message(message);
    }
  }
  return 0;
}
