// SPDX-License-Identifier: Apache-2.0
// ctest: golden equivalence
#include "models/link_quality/link_quality.h"
#include "tests/support/shared.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

using namespace pado;
using namespace pado::models;

namespace {

constexpr int nof_ues = 64;
constexpr int nof_mcs = 29;
const std::string vectors = PADO_SOURCE_DIR "/testvectors/models/";
const std::string shipped = PADO_SOURCE_DIR "/models/link_quality/link_quality_v1.onnx";

std::vector<float> array(const std::string& name, int width)
{
  const std::vector<unsigned char> bytes = test::read_bytes(vectors + "link_quality." + name + ".f32");
  std::vector<float> values(static_cast<std::size_t>(nof_ues * width));
  REQUIRE_MESSAGE(bytes.size() == values.size() * sizeof(float), name);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// The features of the golden vector, with the arrays that hold them.
struct golden_features {
  std::vector<std::vector<float>> arrays;
  link_features views;

  golden_features()
  {
    arrays.reserve(link_tensors.size());
    for (const tensor_info& info : link_tensors) {
      const int width = info.is_per_mcs ? nof_mcs : info.width;
      arrays.push_back(array(std::string(info.name), width));
      views.*info.member = view<const float, 2>(arrays.back().data(), nof_ues, width);
    }
  }
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b)
{
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, static_cast<double>(std::abs(a[i] - b[i])));
  }
  return largest;
}

/// True, and said aloud, in a build without OpenVINO.
bool is_skipped()
{
  if (!has_openvino()) {
    MESSAGE("skipped: OpenVINO is not compiled in, run scripts/setup-python and configure again");
  }
  return !has_openvino();
}

std::string refusal(const std::string& path)
{
  const auto engine = load_onnx_engine(path, {8, nof_mcs});
  REQUIRE_FALSE(engine);
  return engine.failure().text();
}

} // namespace

TEST_CASE("classical: equals NumPy's forward pass on 64 UEs, empty entries among them")
{
  const golden_features in;
  classical_engine engine(plan_classical({}, 0).value());
  std::vector<float> out(nof_ues * nof_mcs);
  REQUIRE(engine.run(in.views, view<float, 2>(out.data(), nof_ues, nof_mcs)));
  CHECK(largest_difference(out, array("classical_probability", nof_mcs)) < 1e-4);
  CHECK(largest_difference(in.arrays[7], array("mcs_required_db", nof_mcs)) == 0.0);
  const link_quality_plan plan = plan_link_quality({}).value();
  for (std::size_t mcs = 0; mcs < nof_mcs; ++mcs) {
    CHECK(plan.classical.required_db[mcs] ==
          doctest::Approx(static_cast<double>(in.arrays[7][mcs])).epsilon(1e-6));
  }
}

TEST_CASE("onnx: without OpenVINO a model file is refused by name")
{
  if (has_openvino()) {
    MESSAGE("skipped: OpenVINO " << openvino_version() << " is compiled in");
    return;
  }
  CHECK(refusal(shipped).find("link_quality_v1.onnx needs OpenVINO, which is not compiled in") !=
        std::string::npos);
}

TEST_CASE("onnx: the shipped model equals NumPy's forward pass, at every batch size")
{
  if (is_skipped()) {
    return;
  }
  CHECK(std::filesystem::file_size(shipped) < 100'000);
  const golden_features in;
  const std::vector<float> expected = array("success_probability", nof_mcs);
  for (const int batch : {1, 3, 7, 20, nof_ues}) {
    // The engine is made for 64 and picks its own size: 1, 4, 16 or 64.
    CAPTURE(batch);
    auto engine = load_onnx_engine(shipped, {nof_ues, nof_mcs});
    REQUIRE_MESSAGE(engine, (engine ? "" : engine.failure().text()));
    std::vector<float> out(nof_ues * nof_mcs);
    for (int first = 0; first < nof_ues; first += batch) {
      const int rows = std::min(batch, nof_ues - first); // the last one is smaller than the engine's batch
      link_features part;
      for (const tensor_info& info : link_tensors) {
        const view<const float, 2>& all = in.views.*info.member;
        part.*info.member = view<const float, 2>(&all(first, 0), rows, all.extent(1));
      }
      REQUIRE(engine.value()->run(
          part, view<float, 2>(&out[static_cast<std::size_t>(first * nof_mcs)], rows, nof_mcs)));
    }
    CHECK(largest_difference(out, expected) < 1e-4);
  }
}

TEST_CASE("onnx: a file whose tensors are not the hook's is refused with both shapes")
{
  if (is_skipped()) {
    return;
  }
  const std::string bad = vectors + "bad/";
  const std::string see = " (docs/models.md lists the tensors)";
  CHECK(refusal(bad + "wrong_width.onnx") ==
        bad + "wrong_width.onnx: input 'sinr_db' is [batch,9], hook link_quality gives [batch,12]" + see);
  CHECK(refusal(bad + "unknown_input.onnx") ==
        bad + "unknown_input.onnx: input 'rsrp' is not a tensor of hook link_quality" + see);
  CHECK(refusal(bad + "wrong_rank.onnx") ==
        bad + "wrong_rank.onnx: input 'mcs_required_db' is [batch,29,1], hook link_quality gives [batch,29]" +
            see);
  CHECK(refusal(bad + "wrong_type.onnx") ==
        bad + "wrong_type.onnx: input 'mcs_required_db' is i64, hook link_quality gives f32" + see);
  CHECK(refusal(bad + "wrong_output.onnx") ==
        bad +
            "wrong_output.onnx: has 1 output(s), the first is 'probability'; hook link_quality takes one, "
            "'success_probability'" +
            see);
  CHECK(refusal(bad + "two_outputs.onnx").find("has 2 output(s)") != std::string::npos);
  CHECK(refusal(bad + "output_width.onnx") == bad +
                                                  "output_width.onnx: output 'success_probability' is "
                                                  "[batch,12], hook link_quality takes [batch,29]" +
                                                  see);
  CHECK(refusal(bad + "output_type.onnx").find("output 'success_probability' is f64") != std::string::npos);
  CHECK(refusal(bad + "batch_of_one.onnx") == bad +
                                                  "batch_of_one.onnx: input 'mcs_required_db' has a fixed "
                                                  "batch of 1: export it with a free first axis" +
                                                  see);
  CHECK(refusal(bad + "sum_over_ues.onnx").find("output 'success_probability' is [1,29]") !=
        std::string::npos);
}

TEST_CASE("onnx: absent, empty, foreign, truncated and corrupt files are errors that name the file")
{
  if (is_skipped()) {
    return;
  }
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "pado_onnx_engine_test";
  std::filesystem::create_directories(folder);
  const auto written = [&](const std::string& name, const std::vector<unsigned char>& bytes) {
    const std::string path = (folder / name).string();
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  };
  CHECK(refusal(folder.string() + "/none.onnx").find("none.onnx cannot be read: No such file") !=
        std::string::npos);
  CHECK(refusal(folder.string()).find("cannot be read: ") != std::string::npos);
  CHECK(refusal(written("empty.onnx", {})).find("empty.onnx is empty") != std::string::npos);
  const std::vector<unsigned char> text(300, 'x');
  CHECK(refusal(written("text.onnx", text)).find("text.onnx is not an ONNX model that OpenVINO reads") !=
        std::string::npos);
  const std::vector<unsigned char> whole = test::read_bytes(shipped);
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    CAPTURE(size);
    const std::string path =
        written("cut.onnx", {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    CHECK(refusal(path).find("cut.onnx") != std::string::npos);
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("onnx: a real model that says NaN or 1.5 is replaced by the classical value, report to advice")
{
  if (is_skipped()) {
    return;
  }
  const struct {
    const char* file;
    advice_source source;
  } cases[] = {{"not_a_number.onnx", advice_source::not_a_number},
               {"out_of_range.onnx", advice_source::out_of_range}};
  steady_clock time;
  link_quality_config config;
  config.budget_ns = 100'000'000;
  const link_quality_plan plan = plan_link_quality(config).value();
  for (const auto& c : cases) {
    CAPTURE(c.file);
    auto engine = load_onnx_engine(vectors + "bad/" + c.file, {config.max_ues, plan.classical.nof_mcs});
    REQUIRE_MESSAGE(engine, (engine ? "" : engine.failure().text()));
    link_quality hook(plan, std::move(engine).value(), time);
    link_quality plain(plan, nullptr, time);
    slot_report report;
    report.pusch.emplace_back().sinr_db = 9.0F;
    hook.observe(report);
    plain.observe(report);
    const auto advice = hook.advise({0, 4});
    REQUIRE(advice.size() == 1);
    CHECK(advice[0].source == c.source);
    CHECK(advice[0].success_probability == plain.advise({0, 4})[0].success_probability);
    CHECK(hook.counters().from[static_cast<std::size_t>(c.source)].value() == 1);
  }
}
