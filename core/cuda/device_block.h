// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cuda_runtime.h>

namespace pado {

/// Threads of a block of ours unless a stage says otherwise. A multiple of the warp.
inline constexpr int block_threads = 128;

/// The interface of host_block on a CUDA thread block of up to 1024 threads. Scratch is dynamic shared
/// memory.
class device_block {
public:
  template <class F>
  __device__ void for_each(int n, const F& f) const
  {
    for (int i = static_cast<int>(threadIdx.x); i < n; i += static_cast<int>(blockDim.x)) {
      f(i);
    }
    __syncthreads();
  }

  template <class T, class F>
  __device__ T sum(int n, const F& f) const
  {
    T mine{};
    for (int i = static_cast<int>(threadIdx.x); i < n; i += static_cast<int>(blockDim.x)) {
      mine += f(i);
    }
    return reduce(mine, [](T a, T b) {
      a += b;
      return a;
    });
  }

  template <class T, class F>
  __device__ T max(int n, const F& f) const
  {
    T mine = f(0);
    for (int i = static_cast<int>(threadIdx.x); i < n; i += static_cast<int>(blockDim.x)) {
      const T value = f(i);
      mine = value > mine ? value : mine;
    }
    return reduce(mine, [](T a, T b) { return a > b ? a : b; });
  }

  template <class F>
  __device__ void single(const F& f) const
  {
    if (threadIdx.x == 0) {
      f();
    }
    __syncthreads();
  }

  template <class T>
  __device__ T* array(std::size_t offset_bytes, std::size_t) const
  {
    extern __shared__ __align__(64) unsigned char pado_scratch[];
    return reinterpret_cast<T*>(pado_scratch + offset_bytes);
  }

private:
  // One for all reductions of a kernel: a variable inside reduce() would be one for each of their lambdas.
  template <std::size_t ElementBytes>
  __device__ static unsigned char* reduce_storage()
  {
    __shared__ __align__(16) unsigned char storage[1024 * ElementBytes];
    return storage;
  }

  // A tree in shared memory. Waits before it writes, so that two reductions in a row do not race.
  template <class T, class F>
  __device__ static T reduce(T mine, const F& combine)
  {
    T* values = reinterpret_cast<T*>(reduce_storage<(sizeof(T) + 15) / 16 * 16>());
    __syncthreads();
    values[threadIdx.x] = mine;
    __syncthreads();
    int n = static_cast<int>(blockDim.x);
    while (n > 1) {
      const int half = (n + 1) / 2;
      if (static_cast<int>(threadIdx.x) + half < n) {
        values[threadIdx.x] = combine(values[threadIdx.x], values[threadIdx.x + half]);
      }
      __syncthreads();
      n = half;
    }
    return values[0];
  }
};

} // namespace pado
