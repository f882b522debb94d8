// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "apps/schedule_file.h"
#include "core/clock.h"
#include "pipeline/decision_loop.h"
#include "pipeline/slot_pipeline.h"
#include <memory>
#include <string>

namespace pado::apps {

/// Most PUSCH PDUs of one slot, 1..256.
std::int32_t most_pdus(const schedule& plan);

/// The receiver of a cell with room for so many PDUs a slot.
result<pipeline::slot_pipeline_plan> plan_receiver(const cell_config& cell, std::int32_t max_pdus);

/// auto, cpu or cuda; "auto" is CUDA where this build and this machine have it.
result<backend> choose_backend(const std::string& name);

/// What cell.yaml grants in every frame, as a schedule of one whole cycle of frames.
schedule static_schedule(const cell_config& cell);

/// The first PUSCH with the MCS table that most have: what the grants look like that are proposed. Hook and
/// scheduler know one table; UEs of another are decoded, but get no advice.
pusch_pdu typical_pusch(const schedule& plan);

/// The model file: the option as it is, the path of cell.yaml from the folder of cell.yaml. Empty: none.
std::string model_path(const std::string& option, const std::string& cell_path, const cell_config& cell);

/// What the scheduler's grants have in common, and whether they are carried out.
struct grant_style {
  pusch_pdu like; ///< a PUSCH whose DM-RS, scrambling, layers and MCS table the grants copy
  mac::control_loop loop = mac::control_loop::open;
};

/// Hook and scheduler of a cell.
result<std::unique_ptr<pipeline::decision_loop>> make_decision_loop(const cell_config& cell,
                                                                    const std::string& model,
                                                                    const grant_style& style,
                                                                    const clock& time);

} // namespace pado::apps
