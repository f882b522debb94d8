// SPDX-License-Identifier: Apache-2.0
#include "io/port/pcap_port.h"
#include "core/nearest.h"
#include "io/pcap/pcap_reader.h"
#include "io/pcap/pcap_writer.h"
#include "io/port/descriptor.h"
#include "io/port/frame_pool.h"
#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>

namespace pado::io {

namespace {

constexpr std::int64_t sfn_cycle_ns = 10240000000; // 1024 frames of 10 ms: header times repeat

enum class pacing : std::uint8_t { stamps, slots, free };
struct named_pacing {
  const char* name;
  pacing value;
};
constexpr std::array<named_pacing, 3> pacings = {
    {{"stamps", pacing::stamps}, {"slots", pacing::slots}, {"free", pacing::free}}};

struct capture_files {
  pcap_reader reader;
  std::optional<pcap_writer> writer;
  std::string path;
  pacing pace = pacing::stamps;
  std::int64_t nof_rounds = 1;
};

/// The least whole number of SFN cycles that is at least `ns`; the greatest that fits at the end of the
/// range.
std::int64_t whole_cycles(std::int64_t ns) noexcept
{
  const bool has_next = ns < std::numeric_limits<std::int64_t>::max() - sfn_cycle_ns;
  const std::int64_t cycles = ns / sfn_cycle_ns;
  return (ns % sfn_cycle_ns > 0 && has_next ? cycles + 1 : cycles) * sfn_cycle_ns;
}

/// Damaged stamps lie at the ends of the range.
std::int64_t plus(std::int64_t a, std::int64_t b) noexcept
{
  std::int64_t sum = 0;
  const bool is_over = __builtin_add_overflow(a, b, &sum);
  return !is_over ? sum
         : b > 0  ? std::numeric_limits<std::int64_t>::max()
                  : std::numeric_limits<std::int64_t>::min();
}

class pcap_port final : public port {
public:
  pcap_port(const port_name& name, const port_config& config, capture_files files)
      : name_(name.whole), max_frame_bytes_(static_cast<std::size_t>(config.max_frame_bytes)),
        files_(std::move(files)), pool_(config.nof_rx_frames, config.max_frame_bytes),
        time_(config.time != nullptr ? config.time : &system_time_)
  {
  }
  ~pcap_port() override
  {
    if (files_.writer) {
      files_.writer->finish();
    }
  }

  framing form() const noexcept override { return framing::ethernet; }

  std::size_t poll(std::span<rx_frame> out) noexcept override
  {
    const std::int64_t now_ns = time_->now_ns();
    std::size_t n = 0;
    while (n < out.size() && pool_.nof_free() > 0 && look_ahead(now_ns) && due_ns() <= now_ns) {
      out[n++] = take();
    }
    if (n == 0) {
      look_ahead(now_ns); // so that has_ended() is known as soon as the last frame is out
    }
    return n;
  }

  void release(std::span<const rx_frame> frames) noexcept override
  {
    for (const rx_frame& frame : frames) {
      pool_.release(frame.token);
    }
  }

  std::size_t send(std::span<const packet> frames) noexcept override
  {
    const std::int64_t stamp_ns = out_stamp_ns();
    std::size_t nof_taken = 0;
    for (const packet frame : frames) {
      const bool fits = !frame.empty() && frame.size() <= max_frame_bytes_;
      if (files_.writer && fits && files_.writer->write(frame, stamp_ns)) {
        ++nof_taken;
        counters_.sent_bytes.add(frame.size());
      }
    }
    counters_.sent.add(nof_taken);
    counters_.unsent.add(frames.size() - nof_taken);
    return nof_taken;
  }

  bool wait(std::int64_t timeout_ns) noexcept override
  {
    const std::int64_t now_ns = time_->now_ns();
    if (!look_ahead(now_ns)) {
      sleep_ns(timeout_ns);
      return false;
    }
    if (due_ns() > now_ns) {
      sleep_ns(std::min(due_ns() - now_ns, timeout_ns));
    }
    return due_ns() <= time_->now_ns();
  }

  bool has_ended() const noexcept override { return is_at_end_; }

  const port_counters& counters() const noexcept override { return counters_; }

  std::string describe() const override
  {
    std::string text = name_ + ": capture, pace " + pacings[static_cast<std::size_t>(files_.pace)].name +
                       ", round " + std::to_string(round_ + 1) + " of " + std::to_string(files_.nof_rounds);
    if (is_at_end_) {
      text += ", read to its end";
    }
    return failure_ ? text + ", " + failure_->text() : text;
  }

private:
  /// Whether a next frame is known; reads it. Starts the clock with the first one.
  bool look_ahead(std::int64_t now_ns) noexcept
  {
    if (has_next_ || is_at_end_) {
      return has_next_;
    }
    has_next_ = files_.reader.next(next_) || begin_next_round();
    if (!has_next_) {
      is_at_end_ = true;
      failure_ = files_.reader.failure();
      return false;
    }
    if (!is_started_) {
      is_started_ = true;
      first_ns_ = std::max<std::int64_t>(next_.time_ns, 0); // differences of times since 1970 fit
      last_ns_ = first_ns_;
      const std::int64_t ago_ns = now_ns - first_ns_;
      arrival_shift_ns_ = files_.pace == pacing::slots ? whole_cycles(ago_ns) : 0;
      due_shift_ns_ = files_.pace == pacing::slots ? 0 : ago_ns;
    }
    last_ns_ = std::max(last_ns_, next_.time_ns);
    return true;
  }

  bool begin_next_round() noexcept
  {
    if (files_.reader.failure() || !is_started_ || round_ + 1 >= files_.nof_rounds) {
      return false;
    }
    auto again = pcap_reader::open(files_.path);
    if (!again) {
      return false; // the file went away
    }
    files_.reader = std::move(again).value();
    ++round_;
    arrival_shift_ns_ = plus(arrival_shift_ns_, whole_cycles(plus(last_ns_ - first_ns_, 1)));
    return files_.reader.next(next_);
  }

  std::int64_t arrival_ns() const noexcept { return plus(next_.time_ns, arrival_shift_ns_); }
  /// On the clock, when the next frame comes.
  std::int64_t due_ns() const noexcept
  {
    return files_.pace == pacing::free ? std::numeric_limits<std::int64_t>::min()
                                       : plus(arrival_ns(), due_shift_ns_);
  }

  rx_frame take() noexcept
  {
    const std::uint32_t token = pool_.acquire();
    const std::size_t length = std::min(next_.bytes.size(), max_frame_bytes_);
    std::memcpy(pool_[token].data(), next_.bytes.data(), length);
    counters_.received.add();
    counters_.received_bytes.add(length);
    counters_.cut.add(length < std::max<std::size_t>(next_.bytes.size(), next_.original_bytes) ? 1 : 0);
    given_ns_ = arrival_ns();
    has_next_ = false;
    return {pool_[token].first(length), given_ns_, token};
  }

  std::int64_t out_stamp_ns() const noexcept
  {
    return files_.pace == pacing::free && is_started_ ? given_ns_ : plus(time_->now_ns(), -due_shift_ns_);
  }

  std::string name_;
  std::size_t max_frame_bytes_;
  capture_files files_;
  frame_pool pool_;
  capture_frame next_; ///< in the reader's memory
  bool has_next_ = false;
  bool is_started_ = false;
  bool is_at_end_ = false;
  std::int64_t round_ = 0;
  std::int64_t first_ns_ = 0;         ///< stamps of the file
  std::int64_t last_ns_ = 0;          ///< the latest one
  std::int64_t arrival_shift_ns_ = 0; ///< from a stamp of the file to arrival_ns: whole SFN cycles
  std::int64_t due_shift_ns_ = 0;     ///< from arrival_ns to the clock
  std::int64_t given_ns_ = 0;         ///< arrival of the last frame given out
  std::optional<error> failure_;
  system_clock system_time_;
  const clock* time_;
  port_counters counters_;
};

result<pacing> pacing_of(const port_name& name)
{
  const auto text = name.value_of("pace");
  if (!text) {
    return pacing::stamps;
  }
  std::vector<std::string> known;
  for (const named_pacing& one : pacings) {
    if (*text == one.name) {
      return one.value;
    }
    known.emplace_back(one.name);
  }
  return name.wrong("has pace=" + std::string(*text) + ". " + suggestion(*text, known));
}

} // namespace

result<std::unique_ptr<port>> open_pcap_port(const port_name& name, const port_config& config)
{
  if (const auto checked = check_options(name, {"pace", "loop", "out"}); !checked) {
    return checked.failure();
  }
  const auto pace = pacing_of(name);
  if (!pace) {
    return pace.failure();
  }
  const auto nof_rounds = number_of(name, "loop", 1, 1, 1000000000);
  if (!nof_rounds) {
    return nof_rounds.failure();
  }
  if (name.target == "-" && nof_rounds.value() > 1) {
    return name.wrong("reads standard input, which comes once: loop needs a file");
  }
  auto reader = pcap_reader::open(name.target);
  if (!reader) {
    return reader.failure();
  }
  capture_files files{std::move(reader).value(), std::nullopt, name.target, pace.value(), nof_rounds.value()};
  if (const auto out = name.value_of("out")) {
    std::error_code not_there;
    if (std::filesystem::equivalent(name.target, *out, not_there)) {
      return name.wrong("would write over the capture that it reads: give another file as out");
    }
    auto writer = pcap_writer::create(std::string(*out));
    if (!writer) {
      return writer.failure();
    }
    files.writer.emplace(std::move(writer).value());
  }
  return std::unique_ptr<port>(std::make_unique<pcap_port>(name, config, std::move(files)));
}

} // namespace pado::io
