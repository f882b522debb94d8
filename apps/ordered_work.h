// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace pado::apps {

/// Runs make(worker, i) for i of [0, count) on nof_workers threads and use(i, T) on the caller's thread, in
/// order of i.
///
/// Makers are at most 4 * nof_workers ahead, so memory stays bounded. use() returns false to stop early; what
/// is still being made is finished and thrown away. An exception of make() comes out here.
template <class T, class Make, class Use>
void run_ordered(std::int64_t count, int nof_workers, const Make& make, const Use& use)
{
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::int64_t, T> made;
  std::int64_t next_to_make = 0;
  std::int64_t next_to_use = 0;
  bool is_stopped = false;
  std::exception_ptr failure;

  const auto work = [&](int worker) {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] {
        return is_stopped || next_to_make >= count || next_to_make < next_to_use + 4 * nof_workers;
      });
      if (is_stopped || next_to_make >= count) {
        return;
      }
      const std::int64_t i = next_to_make++;
      lock.unlock();
      try {
        T value = make(worker, i);
        lock.lock();
        made.emplace(i, std::move(value));
      } catch (...) {
        lock.lock();
        failure = failure ? failure : std::current_exception();
        is_stopped = true;
      }
      changed.notify_all();
    }
  };

  std::vector<std::thread> workers;
  for (int worker = 0; worker < nof_workers; ++worker) {
    workers.emplace_back(work, worker);
  }
  const auto stop = [&] {
    const std::lock_guard lock(mutex);
    is_stopped = true;
    changed.notify_all();
  };
  try {
    while (next_to_use < count) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return is_stopped || made.count(next_to_use) != 0; });
      if (is_stopped) {
        break;
      }
      T value = std::move(made.extract(next_to_use).mapped());
      const std::int64_t i = next_to_use;
      lock.unlock();
      if (!use(i, std::move(value))) {
        break;
      }
      lock.lock();
      ++next_to_use;
      changed.notify_all();
    }
  } catch (...) {
    failure = std::current_exception();
  }
  stop();
  for (std::thread& worker : workers) {
    worker.join();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

} // namespace pado::apps
