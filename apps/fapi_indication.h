// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_report.h"
#include <string>

namespace pado::apps {

/// Whether the measurements of a report are there: nothing was measured of a slot that did not arrive.
enum class indication_of : std::uint8_t { decoded, not_received };

/// CRC.indication and RX_DATA.indication of SCF FAPI 222 for the PUSCHs of a slot, as bytes;
/// docs/fapi-binary.md has them one by one. Empty when the slot has no PUSCH.
std::string crc_indication(const slot_report& report, numerology scs, indication_of what);
std::string rx_data_indication(const slot_report& report);

/// The same as one JSON object a line, with FAPI's names.
std::string crc_indication_json(const slot_report& report, numerology scs, indication_of what);
std::string rx_data_indication_json(const slot_report& report);

} // namespace pado::apps
