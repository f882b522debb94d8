// SPDX-License-Identifier: Apache-2.0
// links: pado_formats
#include "apps/vector_case.h"
#include "tests/fuzz/fuzz_check.h"

using pado::fuzz::require;

namespace {

/// Every array is the same bytes, of whatever length the first two bytes of the input say.
class some_bytes final : public pado::apps::array_source {
public:
  explicit some_bytes(std::size_t size) : size_(size) {}
  pado::result<std::vector<std::uint8_t>> read(const std::string&, std::size_t) override
  {
    return std::vector<std::uint8_t>(size_);
  }

private:
  std::size_t size_;
};

} // namespace

/// Any case.json is a case or one error.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
  if (size < 2) {
    return 0;
  }
  some_bytes arrays(static_cast<std::size_t>(data[0] * 256 + data[1]));
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  const auto read = pado::apps::parse_vector_case(text, "fuzz", arrays);
  if (!read) {
    require(!read.failure().text().empty());
    return 0;
  }
  for (std::size_t slot = 0; slot < read.value().slots.size(); ++slot) {
    const auto input = pado::apps::grid_input(read.value(), slot);
    require(input.grid.extent(2) == 12 * read.value().nof_prb);
    const auto packets = pado::apps::packet_input(read.value(), slot);
    for (std::int32_t i = 0; i < packets.sections.extent(0); ++i) {
      require(packets.sections(i).bytes_begin + 28U * packets.sections(i).nof_prb <= packets.bytes.size());
    }
  }
  return 0;
}
