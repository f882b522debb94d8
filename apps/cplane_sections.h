// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "apps/slot_source.h"
#include "io/ecpri/wire.h"
#include <map>
#include <vector>

namespace pado::apps {

/// What the C-plane messages of a capture ask one cell for, slot by slot, as they come: messages of the
/// uplink on the eAxC ids of its PUSCH.
class cplane_sections {
public:
  cplane_sections(const fronthaul_config& config, const carrier_config& carrier)
      : config_(config), carrier_(carrier)
  {
  }

  /// Any frame of the capture. What is no readable C-plane message is none of our business: who counts frames
  /// has counted it.
  void add(io::packet frame);

  /// Sections of a slot, each once; they are forgotten.
  std::vector<cplane_section> take(slot_id slot);

private:
  void add_message(io::packet message);

  const fronthaul_config config_;
  const carrier_config carrier_;
  std::map<std::int32_t, std::vector<cplane_section>> of_slot_; ///< by frameId and slot
};

} // namespace pado::apps
