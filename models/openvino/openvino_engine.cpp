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
std::string misfit(const ov::Output<const ov::Node>& tensor, const std::string& what, std::int64_t width)
{
  const bool is_input = what.starts_with("input");
  const std::string wants = std::string(", hook link_quality ") + (is_input ? "gives " : "takes ");
  if (tensor.get_element_type() != ov::element::f32) {
    return what + " is " + tensor.get_element_type().get_type_name() + wants + "f32" + where;
  }
  const ov::PartialShape& shape = tensor.get_partial_shape();
  if (!shape.compatible(ov::PartialShape{ov::Dimension::dynamic(), width})) {
    return what + " is " + shape_text(shape) + wants + "[batch," + std::to_string(width) + "]" + where;
  }
  if (is_input && shape.rank().is_static() && shape[0].is_static()) {
    return what + " has a fixed batch of " + std::to_string(shape[0].get_length()) +
           ": export it with a free first axis" + where;
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
std::string name_of(const ov::Output<const ov::Node>& tensor)
{
  return tensor.get_names().empty() ? std::string("(unnamed)") : tensor.get_any_name();
}

std::int64_t width_of(const tensor_info& info, const engine_limits& limits)
{
  return info.is_per_mcs ? limits.nof_mcs : info.width;
}

/// The tensors of the file against those of the hook, whatever the batch. Empty when all fit.
std::string tensor_misfit(const ov::Model& model, const engine_limits& limits)
{
  for (const ov::Output<const ov::Node>& input : model.inputs()) {
    const std::string name = name_of(input);
    const tensor_info* info = find_tensor(name);
    if (info == nullptr) {
      return "input '" + name + "' is not a tensor of hook link_quality" + where;
    }
    const std::string wrong = misfit(input, "input '" + name + "'", width_of(*info, limits));
    if (!wrong.empty()) {
      return wrong;
    }
  }
  const auto outputs = model.outputs();
  if (outputs.size() != 1 || name_of(outputs[0]) != success_probability_name) {
    return "has " + std::to_string(outputs.size()) + " output(s), the first is '" +
           (outputs.empty() ? std::string() : name_of(outputs[0])) + "'; hook link_quality takes one, '" +
           std::string(success_probability_name) + "'" + where;
  }
  return misfit(outputs[0], "output '" + name_of(outputs[0]) + "'", limits.nof_mcs);
}

/// Fixes the batch: [nof_ues][width] for every input, and the output must follow. Empty when it does.
std::string batch_misfit(ov::Model& model, const engine_limits& limits, std::int32_t nof_ues)
{
  std::map<ov::Output<ov::Node>, ov::PartialShape> shapes;
  for (const ov::Output<ov::Node>& input : model.inputs()) {
    shapes[input] = ov::PartialShape{nof_ues, width_of(*find_tensor(name_of(input)), limits)};
  }
  try {
    model.reshape(shapes);
  } catch (const std::exception& failure) {
    return "cannot be given a batch of " + std::to_string(nof_ues) + " UEs: " + reason(failure);
  }
  const ov::PartialShape expected{nof_ues, limits.nof_mcs};
  const ov::PartialShape given = model.output(0).get_partial_shape();
  if (given != expected) {
    return "output '" + std::string(success_probability_name) + "' is " + shape_text(given) +
           " for inputs [" + std::to_string(nof_ues) + ",...], hook link_quality takes " +
           shape_text(expected) + where;
  }
  return {};
}

/// The model compiled for one number of UEs. Its tensors are ours and stay bound: a run copies rows in and
/// out.
class compiled_batch {
public:
  explicit compiled_batch(ov::CompiledModel compiled)
      : compiled_(std::move(compiled)), request_(compiled_.create_infer_request())
  {
    for (const ov::Output<const ov::Node>& input : compiled_.inputs()) {
      ov::Tensor tensor(ov::element::f32, input.get_shape());
      std::fill_n(tensor.data<float>(), tensor.get_size(), 0.0F);
      request_.set_tensor(input, tensor);
      inputs_.push_back({find_tensor(name_of(input))->member, tensor});
    }
    output_ = ov::Tensor(ov::element::f32, compiled_.output(0).get_shape());
    request_.set_tensor(compiled_.output(0), output_);
    request_.infer(); // the first run makes OpenVINO's buffers
  }

  std::int32_t nof_ues() const { return static_cast<std::int32_t>(output_.get_shape()[0]); }

  void run(const link_features& in, view<float, 2> success_probability)
  {
    for (bound_input& input : inputs_) {
      const view<const float, 2>& from = in.*(input.member);
      std::copy_n(from.data(), from.size(), input.tensor.data<float>());
    }
    request_.infer();
    std::copy_n(output_.data<float>(), success_probability.size(), success_probability.data());
  }

private:
  struct bound_input {
    view<const float, 2> link_features::*member;
    ov::Tensor tensor;
  };

  ov::CompiledModel compiled_;
  ov::InferRequest request_;
  std::vector<bound_input> inputs_;
  ov::Tensor output_;
};

/// One compiled batch per size, so that three UEs do not pay for sixty-four.
class openvino_engine final : public link_quality_engine {
public:
  explicit openvino_engine(std::vector<compiled_batch> ascending) : batches_(std::move(ascending)) {}

  bool run(const link_features& in, view<float, 2> success_probability) noexcept override
  {
    const auto fits = [&](const compiled_batch& batch) { return batch.nof_ues() >= in.nof_ues(); };
    const auto batch = std::find_if(batches_.begin(), batches_.end(), fits);
    assert(batch != batches_.end());
    try {
      batch->run(in, success_probability);
    } catch (const std::exception&) {
      return false; // the hook counts it and takes the classical value
    }
    return true;
  }

private:
  std::vector<compiled_batch> batches_;
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

ov::CompiledModel compiled(ov::Core& core, const std::shared_ptr<ov::Model>& model)
{
  return core.compile_model(model,
                            "CPU",
                            ov::inference_num_threads(1),
                            ov::num_streams(1),
                            ov::hint::inference_precision(ov::element::f32),
                            ov::hint::enable_cpu_pinning(false));
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
  std::shared_ptr<ov::Model> model;
  try {
    model = read_onnx(path);
  } catch (const std::exception& failure) {
    return error{path, "is not an ONNX model that OpenVINO reads: " + reason(failure)};
  }
  try {
    std::string wrong = tensor_misfit(*model, limits);
    ov::Core core;
    std::vector<compiled_batch> batches;
    for (std::int32_t nof_ues = limits.max_ues; nof_ues >= 1 && wrong.empty(); nof_ues /= 4) {
      const std::shared_ptr<ov::Model> sized = model->clone();
      wrong = batch_misfit(*sized, limits, nof_ues);
      if (wrong.empty()) {
        batches.emplace_back(compiled(core, sized));
      }
    }
    if (!wrong.empty()) {
      return error{path + ":", printable(wrong)};
    }
    std::reverse(batches.begin(), batches.end());
    return std::unique_ptr<link_quality_engine>(std::make_unique<openvino_engine>(std::move(batches)));
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
