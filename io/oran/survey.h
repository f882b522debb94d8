// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/compress/iq_format.h"
#include "io/ecpri/ecpri.h"
#include "io/ecpri/link.h"
#include "io/oran/app_header.h"
#include "io/oran/sequence.h"
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace pado::io {

enum class plane : std::uint8_t { user, control };

/// What makes two messages belong to the same flow.
struct flow_key {
  mac_address destination{};
  mac_address source{};
  std::int32_t vlan = link_frame::no_vlan;
  std::int32_t outer_vlan = link_frame::no_vlan;
  transport over = transport::ethernet;
  std::uint16_t udp_port = 0;
  plane of = plane::user;
  direction dir = direction::uplink;
  std::uint16_t eaxc = 0;
  std::uint8_t filter_index = 0;

  friend auto operator<=>(const flow_key&, const flow_key&) = default;
};

/// Compression of a U-plane flow, found from lengths and headers.
struct compression_finding {
  bool is_dynamic = false; ///< every section has a udCompHdr
  iq_format format;        ///< in dynamic mode the most frequent one
  bool is_mixed = false;   ///< dynamic mode, and more than one format was seen
  /// Static mode leaves methods of equal length apart only by their content (BFP, block scaling, mu-law) or
  /// not at all (none, modulation), and numPrbu = 0 leaves the length of a PRB open: then this is the
  /// likeliest.
  bool is_guess = false;
  std::uint64_t nof_fitting = 0; ///< messages whose length agrees to the byte
};

/// One flow of a capture.
struct flow_report {
  flow_key key;
  std::uint8_t priority = 0; ///< PCP of the first message

  std::uint64_t nof_messages = 0;
  std::uint64_t nof_bytes = 0; ///< eCPRI payload
  std::uint64_t nof_sections = 0;
  std::uint64_t nof_malformed = 0; ///< of nof_messages: header readable, sections not
  std::uint64_t nof_lost = 0; ///< by sequence id; filter indices share ids, the lowest one bears the losses
  std::uint64_t nof_duplicates = 0; ///< the same sequence id, time and first section again
  std::uint64_t nof_reordered = 0;  ///< behind a later sequence id, but there

  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  /// Arrival minus the time in the header (modulo 2.56 s), against the cell's first message: how far arrivals
  /// spread.
  std::int64_t least_delay_ns = 0;
  std::int64_t most_delay_ns = 0;

  std::uint16_t symbols = 0;         ///< bit l: symbol l was seen (C-plane: was asked for)
  prb_range prbs;                    ///< from the least begin to the greatest end
  bool has_all_prb_sections = false; ///< numPrbu = 0 was seen
  std::uint16_t max_prb_per_section = 0;
  std::uint8_t max_slot = 0; ///< greatest slotId of a subframe

  std::optional<compression_finding> compression; ///< U-plane only
  std::array<std::uint64_t, 16> exponents{};      ///< BFP: PRBs with each exponent, of the PRBs looked at
  double mean_power = 0; ///< mean |sample|^2 of decoded integers, of the PRBs looked at; full scale 2^30
  std::uint64_t nof_power_re = 0; ///< REs behind mean_power

  std::array<std::uint64_t, 8> c_types{};        ///< C-plane: messages of section types 0..7
  std::optional<std::int32_t> prach_scs_hz;      ///< C-plane type 3: frameStructure
  std::optional<std::int32_t> prach_freq_offset; ///< C-plane type 3
  std::uint8_t prach_nof_symbols = 0;            ///< C-plane type 3: numSymbol
};

/// Symbols of one slot of the TDD pattern, bit l is symbol l.
struct slot_symbols {
  std::uint16_t uplink = 0;
  std::uint16_t downlink = 0;

  friend bool operator==(slot_symbols, slot_symbols) = default;
};

/// The flows between one DU and one RU (a pair of MAC addresses).
struct cell_report {
  mac_address du{}; ///< sends downlink and C-plane
  mac_address ru{};
  std::vector<std::size_t> flows; ///< indices into survey_report::flows

  numerology scs;
  bool scs_is_guess = false; ///< only slotId 0 was seen and time stamps do not decide
  std::int32_t nof_prb = 0;  ///< greatest PRB end of flows with filterIndex 0

  bool is_fdd = false; ///< uplink and downlink in the same symbols
  /// One period of the pattern, beginning with slot 0 of an even frame. Slots without traffic are 0.
  std::vector<slot_symbols> pattern;
  bool has_downlink = false; ///< false: the pattern shows the uplink only

  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
};

/// All of a capture.
struct survey_report {
  rx_counters frames; ///< law: received == accepted + dropped. Other traffic (PTP, ARP) is not_fronthaul
  std::uint64_t nof_bytes = 0;
  std::uint64_t nof_concatenated = 0;  ///< messages with the C bit
  std::uint64_t nof_one_way_delay = 0; ///< eCPRI type 5
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  std::vector<flow_report> flows; ///< in order of their keys
  std::vector<cell_report> cells;
};

struct survey_options {
  ecpri_size size = ecpri_size::checked;
  std::int32_t udp_port = any_udp_port; ///< any: every UDP datagram that is eCPRI by its content
};

/// Finds out what a fronthaul capture holds, without being told anything. For tools: allocates, not for the
/// slot path.
class survey {
public:
  explicit survey(const survey_options& options = {});
  ~survey();
  survey(survey&&) noexcept;
  survey& operator=(survey&&) noexcept;

  void add(packet frame, std::int64_t arrival_ns);
  /// What is known so far. Sequence holes are counted as if the capture ended here.
  survey_report report() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace pado::io
