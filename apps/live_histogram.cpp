// SPDX-License-Identifier: Apache-2.0
#include "apps/live_histogram.h"

namespace pado::apps {

histogram_status status_of(const std::string& name, const duration_histogram& from)
{
  histogram_status out;
  out.name = name;
  out.count = from.count();
  out.sum_ns = from.sum_ns();
  out.p50_ns = from.quantile_ns(0.5);
  out.p99_ns = from.quantile_ns(0.99);
  out.p999_ns = from.quantile_ns(0.999);
  out.max_ns = from.max_ns();
  for (std::size_t i = 0; i < duration_histogram::nof_bins; ++i) {
    out.bins.push_back(from.bin(i));
  }
  return out;
}

} // namespace pado::apps
