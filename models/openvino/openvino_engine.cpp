// SPDX-License-Identifier: Apache-2.0
#include "models/link_quality/engine.h"
#include <array>
#include <filesystem>
#include <openvino/openvino.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace pado::models {
namespace {

constexpr std::uintmax_t max_file_bytes =
    64U << 20U; // a model of a slot's time budget is a thousand times smaller

/// OpenVINO's own exceptions are pages with source lines; a person needs the end of the first sentence.
std::string first_line(const std::exception& failure)
{
  std::string text = failure.what();
  const std::size_t check = text.rfind(":\n");
  if (check != std::string::npos && check + 2 < text.size()) {
    text = text.substr(check + 2);
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.pop_back();
  }
  for (char& c : text) {
    c = c == '\n' ? ' ' : c;
  }
  return text.substr(0, 300);
}

std::string shape_text(const ov::PartialShape& shape)
{
  if (shape.rank().is_dynamic()) {
    return "[...]";
  }
  std::string text = "[";
  for (const ov::Dimension& dimension : shape) {
    text += text.size() > 1 ? "," : "";
    text += dimension.is_dynamic() ? "batch" : std::to_string(dimension.get_length());
  }
  return text + "]";
}

constexpr const char* where = " (docs/models.md lists the tensors)";

/// Empty when a tensor of the model fits [batch][width] of the hook.
std::string
misfit(const ov::Output<ov::Node>& tensor, const std::string& name, std::int64_t width, const char* kind)
{
  if (tensor.get_element_type() != ov::element::f32) {
    return std::string(kind) + " '" + name + "' is " + tensor.get_element_type().get_type_name() +
           ", hook link_quality gives f32" + where;
  }
  const ov::PartialShape& shape = tensor.get_partial_shape();
  if (!shape.compatible(ov::PartialShape{ov::Dimension::dynamic(), width})) {
    return std::string(kind) + " '" + name + "' is " + shape_text(shape) +
           ", hook link_quality gives [batch," + std::to_string(width) + "]" + where;
  }
  return {};
}

const tensor_info* find_tensor(const std::string& name)
{
  for (const tensor_info& info : link_tensors) {
    if (info.name == name) {
      return &info;
    }
  }
  return nullptr;
}

/// Name of a tensor as the file gives it; an ONNX tensor always has one.
std::string name_of(const ov::Output<ov::Node>& tensor)
{
  return tensor.get_names().empty() ? std::string("(unnamed)") : tensor.get_any_name();
}

/// Fixes the batch and checks every tensor against the hook. Empty when all fit.
std::string fit_model(ov::Model& model, const engine_limits& limits)
{
  std::map<ov::Output<ov::Node>, ov::PartialShape> shapes;
  for (const ov::Output<ov::Node>& input : model.inputs()) {
    const std::string name = name_of(input);
    const tensor_info* info = find_tensor(name);
    if (info == nullptr) {
      return "input '" + name + "' is not a tensor of hook link_quality" + where;
    }
    const std::int64_t width = info->is_per_mcs ? limits.nof_mcs : info->width;
    const std::string wrong = misfit(input, name, width, "input");
    if (!wrong.empty()) {
      return wrong;
    }
    shapes[input] = ov::PartialShape{limits.max_ues, width};
  }
  const auto outputs = model.outputs();
  if (outputs.size() != 1 || name_of(outputs[0]) != success_probability_name) {
    return "has " + std::to_string(outputs.size()) + " output(s), the first is '" +
           (outputs.empty() ? std::string() : name_of(outputs[0])) + "'; hook link_quality takes one, '" +
           std::string(success_probability_name) + "'" + where;
  }
  const std::string wrong = misfit(outputs[0], name_of(outputs[0]), limits.nof_mcs, "output");
  if (!wrong.empty()) {
    return wrong;
  }
  try {
    model.reshape(shapes);
  } catch (const std::exception& failure) {
    return "cannot be given a batch of " + std::to_string(limits.max_ues) + " UEs: " + first_line(failure);
  }
  const ov::PartialShape expected{limits.max_ues, limits.nof_mcs};
  if (model.output(0).get_partial_shape() != expected) {
    return "output '" + std::string(success_probability_name) + "' is " +
           shape_text(model.output(0).get_partial_shape()) + " for inputs [" +
           std::to_string(limits.max_ues) + ",...], hook link_quality takes " + shape_text(expected) + where;
  }
  return {};
}

/// One compiled batch size. Tensors are ours and stay bound, so that a run only copies rows in and out.
class openvino_engine final : public link_quality_engine {
public:
  openvino_engine(ov::CompiledModel compiled, const engine_limits& limits)
      : limits_(limits), compiled_(std::move(compiled)), request_(compiled_.create_infer_request())
  {
    for (const ov::Output<const ov::Node>& input : compiled_.inputs()) {
      ov::Tensor tensor(ov::element::f32, input.get_shape());
      std::fill_n(tensor.data<float>(), tensor.get_size(), 0.0F);
      request_.set_tensor(input, tensor);
      inputs_.push_back({find_tensor(input.get_any_name())->member, tensor.data<float>(), tensor});
    }
    output_ = ov::Tensor(ov::element::f32, compiled_.output(0).get_shape());
    request_.set_tensor(compiled_.output(0), output_);
    request_.infer(); // the first run makes OpenVINO's buffers
  }

  bool run(const link_features& in, view<float, 2> success_probability) noexcept override
  {
    assert(in.nof_ues() <= limits_.max_ues && in.nof_mcs() == limits_.nof_mcs);
    for (const bound_input& input : inputs_) {
      const view<const float, 2>& from = in.*(input.member);
      std::copy_n(from.data(), from.size(), input.data);
    }
    try {
      request_.infer();
    } catch (const std::exception&) {
      return false; // the hook counts it and takes the classical value
    }
    std::copy_n(output_.data<float>(), success_probability.size(), success_probability.data());
    return true;
  }

private:
  struct bound_input {
    view<const float, 2> link_features::*member;
    float* data;
    ov::Tensor tensor;
  };

  engine_limits limits_;
  ov::CompiledModel compiled_;
  ov::InferRequest request_;
  std::vector<bound_input> inputs_;
  ov::Tensor output_;
};

std::optional<error> file_trouble(const std::string& path)
{
  std::error_code code;
  const std::uintmax_t size = std::filesystem::file_size(path, code);
  if (code) {
    return error{path, "cannot be read: " + code.message()};
  }
  if (size == 0) {
    return error{path, "is empty"};
  }
  if (size > max_file_bytes) {
    return error{path,
                 "has " + std::to_string(size) + " bytes, must be at most " + std::to_string(max_file_bytes)};
  }
  return std::nullopt;
}

} // namespace

result<std::unique_ptr<link_quality_engine>> load_onnx_engine(const std::string& path,
                                                              const engine_limits& limits)
{
  if (const std::optional<error> trouble = file_trouble(path)) {
    return *trouble;
  }
  try {
    ov::Core core;
    std::shared_ptr<ov::Model> model;
    try {
      model = core.read_model(path);
    } catch (const std::exception& failure) {
      return error{path, "is not an ONNX model that OpenVINO reads: " + first_line(failure)};
    }
    const std::string wrong = fit_model(*model, limits);
    if (!wrong.empty()) {
      return error{path + ":", wrong};
    }
    ov::CompiledModel compiled = core.compile_model(model,
                                                    "CPU",
                                                    ov::inference_num_threads(1),
                                                    ov::num_streams(1),
                                                    ov::hint::inference_precision(ov::element::f32),
                                                    ov::hint::enable_cpu_pinning(false));
    return std::unique_ptr<link_quality_engine>(
        std::make_unique<openvino_engine>(std::move(compiled), limits));
  } catch (const std::exception& failure) {
    return error{path, "cannot be compiled by OpenVINO: " + first_line(failure)};
  }
}

bool has_openvino()
{
  return true;
}
std::string openvino_version()
{
  return ov::get_openvino_version().buildNumber;
}

} // namespace pado::models
