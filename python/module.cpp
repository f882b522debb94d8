// SPDX-License-Identifier: Apache-2.0
#include "python/module.h"
#include <string>

namespace {

const char* const about = R"(The uplink receiver of pado on NumPy arrays.

Captures are read, stages run one by one or all together, UEs are found without a schedule. Names, shapes and units are
those of the C++ headers. Axis order is [port][layer][symbol][subcarrier] with absent axes left out.

Arrays are views: what a slot holds is not copied into NumPy, and what is handed to a stage is read where it lies. An
array must be dense in C order and have exactly the dtype that is named:

  cf32   complex64
  ch16   float16 with a last axis of 2 (real, imaginary); to_complex() and to_half() convert
  LLR    int8, 4 steps are a log-likelihood ratio of 1, positive is bit 0
  bits   uint8, eight a byte, the most significant first

Wrong values raise ValueError with the field, what it is and what it must be. Work is done with the GIL released.)";

/// NumPy 2 lays its dtype objects out in another way, which pybind11 knows since 2.12.
void check_numpy()
{
#if PYBIND11_VERSION_HEX < 0x020C0000
  const std::string version = pybind11::str(pybind11::module_::import("numpy").attr("__version__"));
  if (!version.starts_with("0.") && !version.starts_with("1.")) {
    throw pybind11::import_error(
        "pado was compiled with a pybind11 older than 2.12, which cannot work with NumPy " + version +
        ": use a NumPy below 2");
  }
#endif
}

} // namespace

PYBIND11_MODULE(pado, m)
{
  check_numpy();
  m.doc() = about;
  pado::python::add_plans(m);
  pado::python::add_reports(m);
  pado::python::add_captures(m);
  pado::python::add_functions(m);
  pado::python::add_programs(m);
  pado::python::add_stages(m);
  pado::python::add_receiver(m);
  pado::python::add_blind(m);
  pado::python::add_vectors(m);
}
