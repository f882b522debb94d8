// SPDX-License-Identifier: Apache-2.0
#include "models/link_quality/engine.h"
#include <algorithm>
#include <cassert>
#include <filesystem>
#include <map>
#include <openvino/frontend/manager.hpp>
#include <openvino/openvino.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace pado::models {
namespace {

constexpr std::uintmax_t max_file_bytes =
    64U << 20U; // a model of a slot's time budget is a thousand times smaller

/// Names in a file are anybody's bytes: what reaches a terminal is ASCII and one line.
std::string printable(std::string text)
{
  for (char& c : text) {
    c = c == '\n' ? ' ' : c < ' ' || c > '~' ? '?' : c;
  }
  return text.substr(0, 300);
}

/// OpenVINO's own exceptions begin with their source lines; a person needs what comes after the last of them.
std::string reason(const std::exception& failure)
{
  std::string text = failure.what();
  const std::size_t check = text.rfind(":\n");
  if (check != std::string::npos && check + 2 < text.size()) {
    text = text.substr(check + 2);
  }
  text.erase(text.find_last_not_of("\n ") + 1);
  return printable(text);
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
misfit(const ov::Output<ov::Node>& tensor, const std::string& what, std::int64_t width, std::int64_t max_ues)
{
  const std::string verb = what.starts_with("input") ? "gives " : "takes ";
  if (tensor.get_element_type() != ov::element::f32) {
    return what + " is " + tensor.get_element_type().get_type_name() + ", hook link_quality " + verb + "f32" +
           where;
  }
  const ov::PartialShape& shape = tensor.get_partial_shape();
  if (!shape.compatible(ov::PartialShape{ov::Dimension::dynamic(), width})) {
    return what + " is " + shape_text(shape) + ", hook link_quality " + verb + "[batch," +
           std::to_string(width) + "]" + where;
  }
  const bool is_fixed = shape.rank().is_static() && shape[0].is_static() && shape[0].get_length() != max_ues;
  if (is_fixed && what.starts_with("input")) {
    return what + " has a fixed batch of " + std::to_string(shape[0].get_length()) + ", the hook asks for " +
           std::to_string(max_ues) + ": export it with a free first axis" + where;
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
    const std::string wrong = misfit(input, "input '" + name + "'", width, limits.max_ues);
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
  const std::string wrong =
      misfit(outputs[0], "output '" + name_of(outputs[0]) + "'", limits.nof_mcs, limits.max_ues);
  if (!wrong.empty()) {
    return wrong;
  }
  try {
    model.reshape(shapes);
  } catch (const std::exception& failure) {
    return "cannot be given a batch of " + std::to_string(limits.max_ues) + " UEs: " + reason(failure);
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

/// Core::read_model would try the parsers of six formats, some of which print; a hook takes ONNX and nothing
/// else.
std::shared_ptr<ov::Model> read_onnx(const std::string& path)
{
  ov::frontend::FrontEndManager parsers;
  const ov::frontend::FrontEnd::Ptr onnx = parsers.load_by_framework("onnx");
  if (!onnx->supported(path)) {
    throw std::runtime_error("no ONNX graph was found in it");
  }
  return onnx->convert(onnx->load(path));
}

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
    std::shared_ptr<ov::Model> model;
    try {
      model = read_onnx(path);
    } catch (const std::exception& failure) {
      return error{path, "is not an ONNX model that OpenVINO reads: " + reason(failure)};
    }
    const std::string wrong = fit_model(*model, limits);
    if (!wrong.empty()) {
      return error{path + ":", printable(wrong)};
    }
    ov::CompiledModel compiled = ov::Core().compile_model(model,
                                                          "CPU",
                                                          ov::inference_num_threads(1),
                                                          ov::num_streams(1),
                                                          ov::hint::inference_precision(ov::element::f32),
                                                          ov::hint::enable_cpu_pinning(false));
    return std::unique_ptr<link_quality_engine>(
        std::make_unique<openvino_engine>(std::move(compiled), limits));
  } catch (const std::exception& failure) {
    return error{path, "cannot be compiled by OpenVINO: " + reason(failure)};
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
