// SPDX-License-Identifier: Apache-2.0
#pragma once

struct CUstream_st; // cudaStream_t is a pointer to it; declared here so that no CUDA header is needed

namespace pado {

/// Where a stage runs.
enum class backend { cpu, cuda };

/// Where an array lies. Part of a view's type: a host view given to a CUDA stage does not compile.
enum class memory { host, device };

template <backend B>
inline constexpr memory memory_of = B == backend::cpu ? memory::host : memory::device;

/// Where run() puts its work: nothing on the CPU (it runs at once), a stream on CUDA (it is enqueued).
template <backend B>
struct queue {
};

template <>
struct queue<backend::cuda> {
  CUstream_st* stream = nullptr;
};

} // namespace pado
