// SPDX-License-Identifier: Apache-2.0
#include "io/pcap/pcap_reader.h"
#include "core/errno_text.h"
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <pcap/pcap.h>
#include <sys/stat.h>
#include <vector>

namespace pado::io {

namespace {

constexpr std::int64_t pcap_file_header_bytes = 24;
constexpr std::int64_t pcap_record_header_bytes = 16;

/// What the first four bytes of a file say, without trusting them any further.
enum class head_kind : std::uint8_t { pcap_us, pcap_ns, pcap_other, pcapng, gzip, zstd, xz, empty, unknown };

struct file_head {
  std::array<unsigned char, 4> bytes{};
  std::size_t size = 0;
};

/// Reads the first bytes and pushes them back, so that a pipe works too.
file_head peek(std::FILE* file)
{
  file_head head;
  head.size = std::fread(head.bytes.data(), 1, head.bytes.size(), file);
  for (std::size_t i = head.size; i > 0; --i) {
    // glibc and musl take back several bytes when they are those just read.
    std::ungetc(head.bytes[i - 1], file);
  }
  return head;
}

head_kind classify(const file_head& head)
{
  if (head.size == 0) {
    return head_kind::empty;
  }
  const auto is = [&](std::array<unsigned char, 4> magic) {
    const std::array<unsigned char, 4> swapped = {magic[3], magic[2], magic[1], magic[0]};
    return head.size == 4 && (head.bytes == magic || head.bytes == swapped);
  };
  const auto starts = [&](unsigned char a, unsigned char b) {
    return head.size == 4 && head.bytes[0] == a && head.bytes[1] == b;
  };
  if (is({0xa1, 0xb2, 0xc3, 0xd4})) {
    return head_kind::pcap_us;
  }
  if (is({0xa1, 0xb2, 0x3c, 0x4d})) {
    return head_kind::pcap_ns;
  }
  if (is({0xa1, 0xb2, 0xcd, 0x34})) {
    return head_kind::pcap_other; // a patched libpcap of 1999 with longer record headers: libpcap still reads
                                  // it
  }
  if (is({0x0a, 0x0d, 0x0d, 0x0a})) {
    return head_kind::pcapng;
  }
  if (starts(0x1f, 0x8b)) {
    return head_kind::gzip;
  }
  if (starts(0x28, 0xb5)) {
    return head_kind::zstd;
  }
  return starts(0xfd, '7') ? head_kind::xz : head_kind::unknown;
}

std::string hex(const file_head& head)
{
  std::string text;
  for (std::size_t i = 0; i < head.size; ++i) {
    std::array<char, 4> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", head.bytes[i]);
    text.append(i == 0 ? "" : " ").append(digits.data());
  }
  return text;
}

std::string not_a_capture(const file_head& head, head_kind kind, const char* pcap_says)
{
  switch (kind) {
  case head_kind::empty:
    return "is empty (0 bytes), expected a pcap or pcapng file";
  case head_kind::gzip:
    return "is compressed with gzip. Read it through a pipe: zcat FILE | pado inspect -";
  case head_kind::zstd:
    return "is compressed with zstd. Read it through a pipe: zstdcat FILE | pado inspect -";
  case head_kind::xz:
    return "is compressed with xz. Read it through a pipe: xzcat FILE | pado inspect -";
  case head_kind::unknown:
    return "is not a capture file: it begins with " + hex(head) +
           ", pcap and pcapng begin with d4 c3 b2 a1, " + "4d 3c b2 a1 or 0a 0d 0d 0a";
  default:
    return std::string("has a damaged head: ") + pcap_says;
  }
}

/// The two numbers of libpcap's "tried to read N ... bytes, only got M".
std::optional<std::pair<unsigned long long, unsigned long long>> truncation(const char* text)
{
  const char* tried = std::strstr(text, "tried to read ");
  const char* got = std::strstr(text, "only got ");
  unsigned long long needed = 0;
  unsigned long long there = 0;
  if (tried == nullptr || got == nullptr || std::sscanf(tried, "tried to read %llu", &needed) != 1 ||
      std::sscanf(got, "only got %llu", &there) != 1) {
    return std::nullopt;
  }
  return std::pair{needed, there};
}

std::int64_t to_ns(const struct timeval& time)
{
  constexpr std::int64_t ns_per_s = 1000000000;
  // pcapng can claim any 64-bit time: what does not fit is held at the end of the range.
  if (time.tv_sec >= std::numeric_limits<std::int64_t>::max() / ns_per_s) {
    return std::numeric_limits<std::int64_t>::max();
  }
  if (time.tv_sec <= std::numeric_limits<std::int64_t>::min() / ns_per_s) {
    return std::numeric_limits<std::int64_t>::min();
  }
  return time.tv_sec * ns_per_s + time.tv_usec;
}

struct close_pcap {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
struct close_file {
  void operator()(std::FILE* file) const
  {
    if (file != stdin) {
      std::fclose(file);
    }
  }
};

} // namespace

struct pcap_reader::state {
  capture_info info;
  std::unique_ptr<pcap_t, close_pcap> handle; // owns the file
  std::FILE* file = nullptr;
  bool counts_offset = false; // pcap: the offset follows from the lengths, and works on a pipe as well
  std::int64_t offset = 0;
  std::int64_t nof_frames = 0;
  bool ended = false;
  std::optional<error> failure;

  std::int64_t begin_of_next() const
  {
    return counts_offset ? offset : static_cast<std::int64_t>(ftello(file));
  }
  void fail(const char* pcap_says);
};

void pcap_reader::state::fail(const char* pcap_says)
{
  const std::string number = std::to_string(nof_frames + 1);
  const std::string before = nof_frames == 0 ? "; no frame before it"
                             : nof_frames == 1
                                 ? "; the frame before it was read"
                                 : "; the " + std::to_string(nof_frames) + " frames before it were read";
  const auto cut = truncation(pcap_says);
  if (!cut) {
    const std::int64_t at = begin_of_next();
    failure = error{info.name + ":",
                    "damaged" + (at < 0 ? "" : " at offset " + std::to_string(at)) + " (frame " + number +
                        "): " + pcap_says + before};
    return;
  }
  std::int64_t at = static_cast<std::int64_t>(ftello(file));
  if (at < 0 && counts_offset) {
    const bool in_header = std::strstr(pcap_says, "header") != nullptr;
    at = offset + (in_header ? 0 : pcap_record_header_bytes) + static_cast<std::int64_t>(cut->second);
  }
  failure = error{info.name + ":",
                  "cut short" + (at < 0 ? "" : " at offset " + std::to_string(at)) + " (frame " + number +
                      " needs " + std::to_string(cut->first) + " bytes, " + std::to_string(cut->second) +
                      " are there)" + before};
}

pcap_reader::pcap_reader(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
pcap_reader::pcap_reader(pcap_reader&&) noexcept = default;
pcap_reader& pcap_reader::operator=(pcap_reader&&) noexcept = default;
pcap_reader::~pcap_reader() = default;

result<pcap_reader> pcap_reader::open(const std::string& path)
{
  auto opened = std::make_unique<state>();
  opened->info.name = path == "-" ? "standard input" : path;
  const std::string where = opened->info.name + ":";
  std::unique_ptr<std::FILE, close_file> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return error{where, std::string("cannot be opened: ") + errno_text(errno)};
  }
  struct stat about = {};
  if (fstat(fileno(file.get()), &about) == 0) {
    if (S_ISDIR(about.st_mode)) {
      return error{where, "is a folder, expected a pcap or pcapng file"};
    }
    opened->info.file_bytes = S_ISREG(about.st_mode) ? static_cast<std::int64_t>(about.st_size) : -1;
  }
  const file_head head = peek(file.get());
  const head_kind kind = classify(head);
  std::array<char, PCAP_ERRBUF_SIZE> says{};
  opened->file = file.get();
  opened->handle.reset(
      pcap_fopen_offline_with_tstamp_precision(file.get(), PCAP_TSTAMP_PRECISION_NANO, says.data()));
  if (opened->handle == nullptr) {
    return error{where, not_a_capture(head, kind, says.data())};
  }
  static_cast<void>(file.release()); // closed together with the handle
  const int link = pcap_datalink(opened->handle.get());
  if (link != DLT_EN10MB) {
    const char* name = pcap_datalink_val_to_name(link);
    return error{where,
                 "has link type " + std::to_string(link) + (name == nullptr ? "" : std::string(" ") + name) +
                     ", only Ethernet (1) is read: capture on one Ethernet interface, not on 'any'"};
  }
  opened->info.format = kind == head_kind::pcapng ? capture_format::pcapng : capture_format::pcap;
  opened->info.nanoseconds = kind == head_kind::pcap_ns;
  opened->counts_offset = kind == head_kind::pcap_us || kind == head_kind::pcap_ns;
  opened->offset = pcap_file_header_bytes;
  return pcap_reader(std::move(opened));
}

bool pcap_reader::next(capture_frame& frame)
{
  state& s = *state_;
  if (s.ended) {
    return false;
  }
  const std::int64_t begin = s.begin_of_next();
  struct pcap_pkthdr* header = nullptr;
  const unsigned char* bytes = nullptr;
  const int got = pcap_next_ex(s.handle.get(), &header, &bytes);
  if (got != 1) {
    s.ended = true;
    if (got == PCAP_ERROR) {
      s.fail(pcap_geterr(s.handle.get()));
    }
    return false;
  }
  ++s.nof_frames;
  s.offset += pcap_record_header_bytes + header->caplen;
  frame.bytes = std::as_bytes(std::span(bytes, header->caplen));
  frame.time_ns = to_ns(header->ts);
  frame.original_bytes = header->len;
  frame.number = s.nof_frames;
  frame.file_offset = begin;
  return true;
}

const std::optional<error>& pcap_reader::failure() const
{
  return state_->failure;
}
const capture_info& pcap_reader::info() const
{
  return state_->info;
}
std::int64_t pcap_reader::position() const
{
  return state_->begin_of_next();
}

} // namespace pado::io
