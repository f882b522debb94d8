// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace pado::apps {

/// SHA-256 in lower-case hexadecimal, to check files against the digests beside them.
/// \spec FIPS 180-4, 6.2
std::string sha256_hex(std::span<const std::uint8_t> bytes);

} // namespace pado::apps
