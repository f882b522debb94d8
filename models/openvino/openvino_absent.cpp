// SPDX-License-Identifier: Apache-2.0
#include "models/link_quality/engine.h"

namespace pado::models {

result<std::unique_ptr<link_quality_engine>> load_onnx_engine(const std::string& path, const engine_limits&)
{
  return error{path,
               "needs OpenVINO, which is not compiled in: run scripts/setup-python, then configure again"};
}

bool has_openvino()
{
  return false;
}
std::string openvino_version()
{
  return "not compiled in";
}

} // namespace pado::models
