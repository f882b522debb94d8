// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks a function that both the host and the CUDA device compile.
#ifdef __CUDACC__
#define PADO_HD __host__ __device__
#else
#define PADO_HD
#endif
