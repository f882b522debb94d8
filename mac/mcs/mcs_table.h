// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pado::mac {

inline constexpr int nof_mcs_tables = 5; ///< numbered as pusch_pdu.mcs_table

/// One line of an MCS table of TS 38.214.
struct mcs_entry {
  std::uint8_t qam_mod_order = 0;
  std::uint16_t rate_times_2048 = 0; ///< 2048 R, always whole; 0 on reserved lines

  bool is_reserved() const { return rate_times_2048 == 0; }
  /// Information bits per resource element and layer.
  double spectral_efficiency() const { return qam_mod_order * (rate_times_2048 / 2048.0); }
  /// pusch_pdu.target_code_rate: 1024 R x 10.
  std::uint16_t target_code_rate() const { return static_cast<std::uint16_t>(5 * rate_times_2048); }
};

/// The line of an MCS.
///
/// table   0..4, as in pusch_pdu.mcs_table; 3 and 4 without pi/2-BPSK
/// mcs     0..31
///
/// \spec    TS 38.214, Tables 5.1.3.1-1, -2, -3 and 6.1.4.1-1, -2
/// \errors  none: both indices are asserted
mcs_entry mcs_of(int table, int mcs);

/// Number of MCS of a table that carry a code rate: they come first, the reserved ones after them.
int nof_mcs(int table);

} // namespace pado::mac
