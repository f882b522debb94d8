// SPDX-License-Identifier: Apache-2.0
#include "io/pcap/pcap_reader.h"
#include "tests/fuzz/fuzz_check.h"
#include <cstdio>
#include <sys/mman.h>
#include <unistd.h>

using pado::fuzz::require;

/// Any file is a capture or one error; frames count from 1 and lie behind each other.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
  static const int file = memfd_create("capture", 0);
  if (file < 0 || ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) {
    return 0;
  }
  auto opened = pado::io::pcap_reader::open("/proc/self/fd/" + std::to_string(file));
  if (!opened) {
    require(!opened.failure().text().empty());
    return 0;
  }
  pado::io::capture_frame frame;
  std::int64_t number = 0;
  std::int64_t offset = 0;
  unsigned sum = 0;
  while (opened.value().next(frame)) {
    require(frame.number == ++number && frame.file_offset > offset);
    offset = frame.file_offset;
    for (const std::byte byte : frame.bytes) {
      sum += static_cast<unsigned>(byte);
    }
  }
  require(!opened.value().next(frame));
  return sum == 0xffffffffU ? 1 : 0;
}
