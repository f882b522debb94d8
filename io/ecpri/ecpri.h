// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/ecpri/drop_reason.h"
#include "io/ecpri/wire.h"

namespace pado::io {

inline constexpr std::size_t ecpri_header_bytes = 4;
inline constexpr std::size_t ecpri_ids_bytes = 4;

/// ecpriMessage.
enum class ecpri_type : std::uint8_t {
  iq_data = 0,
  bit_sequence = 1,
  real_time_control = 2,
  generic_data = 3,
  memory_access = 4,
  one_way_delay = 5,
  remote_reset = 6,
  event = 7
};

/// One message of a PDU.
struct ecpri_message {
  ecpri_type type = ecpri_type::iq_data;
  bool is_concatenated = false; ///< another message follows
  packet payload;               ///< what follows the 4-byte common header, without padding
};

/// First 4 payload bytes of IQ data (ecpriPcid) and real-time control (ecpriRtcid).
struct stream_ids {
  std::uint16_t eaxc = 0;    ///< the 16 bits as one number
  std::uint8_t sequence = 0; ///< counts messages of one eAxC, plane and direction
  bool is_last = true;       ///< E bit
  std::uint8_t subsequence = 0;
};

/// Which length of a message is believed.
enum class ecpri_size : std::uint8_t {
  checked, ///< the payload size field; a frame that is shorter is dropped
  ignored  ///< the frame's end: for RUs that send a wrong size. Concatenation is not possible then
};

/// Walks over the messages of one eCPRI PDU.
///
///   for (ecpri_message m; reader.next(m);) {...}   then look at failure()
///
/// \errors short_message, ecpri_version, ecpri_length: next() returns false and failure() says why
class ecpri_reader {
public:
  explicit ecpri_reader(packet pdu, ecpri_size size = ecpri_size::checked) noexcept : rest_(pdu), size_(size)
  {
  }

  bool next(ecpri_message& out) noexcept;
  drop failure() const noexcept { return failure_; }

private:
  packet rest_;
  ecpri_size size_;
  bool has_more_ = true;
  drop failure_;
};

/// The ids of IQ data or real-time control; `rest` becomes what follows them.
/// \errors short_message; transport_fragment when the message was split below the application
drop parse_stream_ids(packet payload, stream_ids& out, packet& rest) noexcept;

/// One-way delay measurement, message type 5.
struct one_way_delay {
  std::uint8_t measurement_id = 0;
  std::uint8_t action =
      0; ///< 0 request, 1 request with follow-up, 2 response, 3, 4 remote requests, 5 follow-up
  std::uint64_t seconds = 0; ///< PTP time, 48 bits
  std::uint32_t nanoseconds = 0;
  std::int64_t compensation = 0; ///< in 2^-16 ns
};

/// \errors short_message
drop parse_one_way_delay(packet payload, one_way_delay& out) noexcept;

} // namespace pado::io
