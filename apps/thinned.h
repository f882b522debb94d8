// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace pado::apps {

/// Every k-th of a series, at most max_kept of them: k is 1 and doubles whenever there are too many.
template <class T>
class thinned {
public:
  explicit thinned(std::size_t max_kept) : max_kept_(max_kept) {}

  /// Once for each of the series, in order: whether this one is kept. Then put() must follow.
  bool wants() { return nof_seen_++ % stride_ == 0; }

  void put(T one)
  {
    kept_.push_back(std::move(one));
    if (kept_.size() <= max_kept_) {
      return;
    }
    std::size_t to = 0;
    for (std::size_t from = 0; from < kept_.size(); from += 2) {
      if (to != from) {
        kept_[to] = std::move(kept_[from]);
      }
      ++to;
    }
    kept_.resize(to);
    stride_ *= 2;
  }

  const std::vector<T>& kept() const { return kept_; }
  std::int64_t stride() const { return stride_; }

private:
  std::size_t max_kept_;
  std::vector<T> kept_;
  std::int64_t nof_seen_ = 0;
  std::int64_t stride_ = 1;
};

/// Sums over stretches of a series that grows: at most max_bins of them, each twice as wide when it is too
/// long.
template <class T>
class summed_bins {
public:
  explicit summed_bins(std::size_t max_bins) : max_bins_(max_bins) {}

  /// The sum that position, 0 or above, belongs to.
  T& at(std::int64_t position)
  {
    while (static_cast<std::size_t>(position / width_) >= max_bins_) {
      std::vector<T> wider((bins_.size() + 1) / 2);
      for (std::size_t i = 0; i < bins_.size(); ++i) {
        wider[i / 2] += bins_[i];
      }
      bins_ = std::move(wider);
      width_ *= 2;
    }
    const auto index = static_cast<std::size_t>(position / width_);
    if (bins_.size() <= index) {
      bins_.resize(index + 1);
    }
    return bins_[index];
  }

  const std::vector<T>& bins() const { return bins_; }
  std::int64_t width() const { return width_; }

private:
  std::size_t max_bins_;
  std::vector<T> bins_;
  std::int64_t width_ = 1;
};

} // namespace pado::apps
