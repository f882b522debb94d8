// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "models/link_quality/features.h"
#include <cstdint>
#include <memory>
#include <string>

namespace pado::models {

/// Something that answers the hook link_quality. One virtual call a batch.
class link_quality_engine {
public:
  link_quality_engine() = default;
  link_quality_engine(const link_quality_engine&) = delete;
  link_quality_engine& operator=(const link_quality_engine&) = delete;
  virtual ~link_quality_engine() = default;

  /// in                    features of nof_ues() UEs, at most the number the engine was made for
  /// success_probability   [ue][mcs], written in full. What is wrong with it (NaN, range) is the hook's
  /// business
  ///
  /// Returns false when the engine failed and nothing can be said of the output.
  virtual bool run(const link_features& in, view<float, 2> success_probability) noexcept = 0;
};

/// Limits that an engine is made for.
struct engine_limits {
  std::int32_t max_ues = 0;
  std::int32_t nof_mcs = 0;
};

/// An ONNX file behind the hook, run by OpenVINO on one thread.
///
/// path     a file whose inputs are any of link_tensors (by name) and whose one output is success_probability
///
/// \errors  no such file, not ONNX, tensors that the hook does not have or in other shapes or types; and
///          "not compiled in: ..." in a build without OpenVINO
result<std::unique_ptr<link_quality_engine>> load_onnx_engine(const std::string& path,
                                                              const engine_limits& limits);

/// Whether load_onnx_engine can work in this build, and which OpenVINO it has.
bool has_openvino();
std::string openvino_version();

} // namespace pado::models
