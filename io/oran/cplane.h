// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/compress/iq_format.h"
#include "io/ecpri/drop_reason.h"
#include "io/ecpri/wire.h"
#include "io/oran/app_header.h"
#include <optional>

namespace pado::io {

/// sectionType of the C-plane. Others exist and are counted only.
enum class c_type : std::uint8_t {
  idle = 0,    ///< idle and guard periods
  regular = 1, ///< most channels
  prach = 3,   ///< PRACH and mixed numerology
  ue_scheduling = 5,
  channel_info = 6,
  licensed_assisted = 7
};

/// What all sections of one C-plane message share. Fields that the type lacks stay 0.
struct c_header {
  app_header app;
  c_type type = c_type::regular;
  std::uint8_t nof_sections = 0;
  std::uint8_t comp_header = 0;     ///< udCompHdr as sent: types 1, 3, 5; 0 in static mode
  std::uint16_t time_offset = 0;    ///< in 1/30.72 us: types 0, 3
  std::uint8_t frame_structure = 0; ///< FFT size code << 4 | SCS code: types 0, 3
  std::uint16_t cp_length = 0;      ///< in 1/30.72 us: types 0, 3
  std::uint8_t nof_ues = 0;         ///< type 6
};

/// One section. Fields that the type lacks stay 0.
struct c_section {
  std::uint16_t id = 0;
  bool is_every_other = false; ///< rb
  bool is_next_symbol = false; ///< symInc
  std::uint16_t prb_begin = 0;
  std::uint16_t nof_prb = 0; ///< as sent: 0 means all PRBs of the carrier
  std::uint16_t re_mask = 0xFFF;
  std::uint8_t nof_symbols = 0;
  std::uint16_t beam_id = 0;       ///< types 1, 3; the ueId of types 5 and 6
  std::int32_t freq_offset = 0;    ///< type 3, in half PRACH subcarriers
  std::int16_t regularization = 0; ///< type 6
  std::uint8_t nof_extensions = 0;
  packet extensions; ///< all section extensions, as sent
};

/// FFT size of a code of frameStructure; 0 when the code is reserved.
std::int32_t fft_size_of(std::uint8_t frame_structure) noexcept;
/// Subcarrier spacing in Hz of a code of frameStructure; 0 when the code is reserved.
std::int32_t scs_hz_of(std::uint8_t frame_structure) noexcept;
/// The frameStructure byte. \errors nothing when the standard has no code for the pair
std::optional<std::uint8_t> frame_structure_of(std::int32_t fft_size, std::int32_t scs_hz) noexcept;

/// Reads a C-plane message, from its application header: the common part at once, then section by section.
///
///   c_section_reader reader(message);
///   if (!reader.failure()) { for (c_section s; reader.next(s);) {...} }   then look at failure()
///
/// Types 0, 1, 3 and 5 are read in full, of type 6 the first section without its channel matrix, others not
/// at all (section_form). Extensions are walked by their length and handed out as bytes. \errors those of
/// parse_app_header; section_length; section_form
class c_section_reader {
public:
  explicit c_section_reader(packet message) noexcept;

  const c_header& header() const noexcept { return header_; }
  bool next(c_section& out) noexcept;
  drop failure() const noexcept { return failure_; }

private:
  bool fail(drop_reason why) noexcept;
  bool read_extensions(bool has_one, c_section& out) noexcept;
  bool next_channel_info(c_section& out) noexcept;

  c_header header_;
  packet rest_;
  std::int32_t nof_left_ = 0;
  drop failure_;
};

/// The common part and every section: nothing when the whole message is readable.
drop check_c_message(packet message) noexcept;

} // namespace pado::io
