// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace pado::apps {

/// Pieces 0, 1, ... of work on their way from several makers to one user, who gets them in order.
template <class T>
class ordered_work {
public:
  /// At most `ahead` pieces are made before they are used, so memory stays bounded.
  ordered_work(std::int64_t count, std::int64_t ahead) : count_(count), ahead_(ahead) {}

  /// A maker asks for its next piece; nothing when all are given out, or after stop().
  std::optional<std::int64_t> take()
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return is_stopped_ || next_to_make_ >= count_ || next_to_make_ < next_to_use_ + ahead_;
    });
    return is_stopped_ || next_to_make_ >= count_ ? std::nullopt : std::optional(next_to_make_++);
  }
  void put(std::int64_t piece, T value)
  {
    const std::lock_guard lock(mutex_);
    made_.emplace(piece, std::move(value));
    changed_.notify_all();
  }
  /// The next piece in order; nothing at the end, or after stop().
  std::optional<T> next()
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock,
                  [&] { return is_stopped_ || next_to_use_ >= count_ || made_.count(next_to_use_) != 0; });
    if (is_stopped_ || next_to_use_ >= count_) {
      return std::nullopt;
    }
    std::optional<T> value(std::move(made_.extract(next_to_use_++).mapped()));
    changed_.notify_all();
    return value;
  }
  /// No more pieces, to nobody. The first failure is kept.
  void stop(std::exception_ptr failure = nullptr)
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    failure_ = failure_ ? failure_ : std::move(failure);
    changed_.notify_all();
  }
  void rethrow() const
  {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, T> made_;
  const std::int64_t count_;
  const std::int64_t ahead_;
  std::int64_t next_to_make_ = 0;
  std::int64_t next_to_use_ = 0;
  bool is_stopped_ = false;
  std::exception_ptr failure_;
};

/// Runs make(worker, i) for i of [0, count) on nof_workers threads and use(i, T) on the caller's thread, in
/// order of i.
///
/// use() returns false to stop early; what is still being made is finished and thrown away. An exception of
/// make() or use() comes out here.
template <class T, class Make, class Use>
void run_ordered(std::int64_t count, int nof_workers, const Make& make, const Use& use)
{
  ordered_work<T> work(count, 4 * nof_workers);
  const auto work_through = [&work, &make](int worker) {
    try {
      while (const auto piece = work.take()) {
        work.put(*piece, make(worker, *piece));
      }
    } catch (...) {
      work.stop(std::current_exception());
    }
  };
  std::vector<std::thread> workers;
  workers.reserve(static_cast<std::size_t>(nof_workers));
  for (int worker = 0; worker < nof_workers; ++worker) {
    workers.emplace_back(work_through, worker);
  }
  try {
    std::int64_t i = 0;
    while (std::optional<T> value = work.next()) {
      if (!use(i++, std::move(*value))) {
        break;
      }
    }
    work.stop();
  } catch (...) {
    work.stop(std::current_exception());
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
  work.rethrow();
}

} // namespace pado::apps
