// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pado::apps {

/// One message of the physical layer about the uplink: its first line, the indented lines behind it, the
/// bytes.
struct gnb_log_entry {
  std::int64_t line = 0; ///< of the file, from 1
  std::string kind;      ///< "PUSCH", "PUCCH", "PRACH", "RX_SYMBOL", "RX_PRACH"
  slot_id slot;          ///< slots of a frame are not checked: their number is not known yet
  std::map<std::string, std::string, std::less<>>
      fields;                      ///< "rnti" -> "0x4601"; indented lines before the first
  std::vector<std::uint8_t> bytes; ///< of the hexadecimal lines, as far as their offsets follow each other
  bool has_details = false;        ///< there were indented lines: log level debug
  bool is_last = false;            ///< the log ends behind it: it may be cut

  /// Text of a field; nothing when it is not there.
  std::optional<std::string_view> find(std::string_view key) const;
};

/// Lines that were not understood, by kind; of each kind the first are kept.
struct log_remarks {
  struct kind {
    std::int64_t count = 0;
    std::vector<std::string> first; ///< "gnb.log:17: ...", at most 3, cut to what fits a line
  };
  std::map<std::string, kind> kinds;

  /// what  the kind: "PUSCH: field missing"; where  "gnb.log:17: "; text  quoted, made printable
  void add(const std::string& what, const std::string& where, std::string_view text);
  std::int64_t count() const;
};

/// Every line of a log is counted once.
struct gnb_log_counts {
  std::int64_t lines = 0;
  std::int64_t of_entries = 0;     ///< belong to an entry
  std::int64_t elsewhere = 0;      ///< other layers, the downlink
  std::int64_t not_understood = 0; ///< in remarks
};

/// Reads the log of an OCUDU or srsRAN gNB line by line.
///
/// Lines look like "2026-11-24T19:29:58.260886 [PHY     ] [D] [    18.3] PUSCH: rnti=0x4601 ...". No length,
/// offset or number in them is trusted, no line is guessed at.
class gnb_log_reader {
public:
  using listener = std::function<void(const gnb_log_entry&)>;

  static constexpr std::size_t max_line_bytes = 65536;

  explicit gnb_log_reader(std::string name, listener each) : name_(std::move(name)), each_(std::move(each)) {}

  /// The next bytes of the log, wherever they are cut.
  void feed(std::string_view part);
  /// The log has ended: gives the entry that is open.
  void finish();

  const gnb_log_counts& counts() const { return counts_; }
  const log_remarks& remarks() const { return remarks_; }
  log_remarks& remarks() { return remarks_; }
  std::string where(std::int64_t line) const { return name_ + ":" + std::to_string(line) + ": "; }
  /// The highest slot of a frame that any line named.
  std::int32_t highest_slot() const { return highest_slot_; }
  /// The cell identity that scheduler lines name ("pci=1"), when all name the same.
  std::optional<std::int32_t> pci() const { return has_two_pcis_ ? std::nullopt : pci_; }

private:
  void take(std::string_view line, bool is_whole);
  void head(std::string_view line);
  void phy_message(std::optional<slot_id> slot, std::string_view text, std::string_view line);
  void inner(std::string_view line);
  void give(bool is_last);
  void refuse(const std::string& what, std::string_view line);
  void note_pci(std::string_view line);

  std::string name_;
  listener each_;
  gnb_log_counts counts_;
  log_remarks remarks_;
  std::string partial_; ///< the line that is not whole yet
  bool is_too_long_ = false;
  std::optional<gnb_log_entry> open_;
  bool is_elsewhere_ = false; ///< lines without a head belong to a message that is not ours
  std::int32_t highest_slot_ = 0;
  std::optional<std::int32_t> pci_;
  bool has_two_pcis_ = false;
};

/// Reads a whole file through a reader; nothing when it could be read.
/// \errors the file cannot be opened or read
std::optional<std::string> read_gnb_log(const std::string& path, gnb_log_reader& reader);

} // namespace pado::apps
