// SPDX-License-Identifier: Apache-2.0
// Made by models/link_quality/make_thresholds.py from the MCS tables of TS 38.214 and the BICM capacity of
// Gray QAM.
#pragma once

namespace pado::models::threshold_data {

/// Lines of each table that carry a rate; numbered as pusch_pdu.mcs_table, 3 and 4 without pi/2-BPSK.
inline constexpr int nof_mcs[5] = {29, 28, 29, 28, 28};

/// [mcs_table][mcs] dB: SINR at which the BICM capacity equals the spectral efficiency.
inline constexpr float sinr_db[5][32] = {
    // 5.1.3.1-1
    {-7.532F, -6.250F, -5.239F, -3.907F, -2.822F, -1.662F, -0.651F, 0.367F,  1.318F, 2.264F,
     2.338F,  3.038F,  4.007F,  4.928F,  5.929F,  6.913F,  7.568F,  7.947F,  8.521F, 9.537F,
     10.506F, 11.444F, 12.400F, 13.424F, 14.469F, 15.484F, 16.575F, 17.437F, 18.457F},
    // 5.1.3.1-2
    {-7.532F, -5.239F, -2.822F, -0.651F, 1.318F,  3.038F,  4.007F,  4.928F,  5.929F,  6.913F,
     7.568F,  8.521F,  9.537F,  10.506F, 11.444F, 12.400F, 13.424F, 14.469F, 15.484F, 16.575F,
     17.249F, 17.908F, 18.915F, 19.945F, 21.032F, 22.167F, 23.038F, 24.007F},
    // 5.1.3.1-3
    {-13.825F, -12.546F, -11.547F, -10.433F, -9.531F, -8.432F, -7.532F, -6.250F, -5.239F, -3.907F,
     -2.822F,  -1.662F,  -0.651F,  0.367F,   1.318F,  2.338F,  3.038F,  4.007F,  4.928F,  5.929F,
     6.913F,   7.947F,   8.521F,   9.537F,   10.506F, 11.444F, 12.400F, 13.424F, 14.469F},
    // 6.1.4.1-1
    {-7.532F, -6.250F, -5.239F, -3.907F, -2.822F, -1.662F, -0.651F, 0.367F, 1.318F, 2.264F,
     2.338F,  3.038F,  4.007F,  4.928F,  5.929F,  6.913F,  7.568F,  8.521F, 9.537F, 10.506F,
     11.444F, 12.400F, 13.424F, 14.469F, 15.484F, 16.575F, 17.437F, 18.457F},
    // 6.1.4.1-2
    {-13.825F, -12.546F, -11.547F, -10.433F, -9.531F, -8.432F, -7.532F, -6.250F, -5.239F, -3.907F,
     -2.822F,  -1.662F,  -0.651F,  0.367F,   1.318F,  2.264F,  3.038F,  4.007F,  4.928F,  5.929F,
     6.913F,   7.568F,   8.210F,   9.374F,   10.506F, 11.444F, 12.400F, 14.469F},
};

} // namespace pado::models::threshold_data
