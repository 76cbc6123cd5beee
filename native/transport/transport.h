// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "scsi/cdb.h"
#include "scsi/sense.h"

namespace tidemark {

struct Command {
  scsi::Cdb cdb;
  std::span<const std::uint8_t> data_out{};
  std::span<std::uint8_t> data_in{};
  std::uint32_t timeout_ms = 0;
};

/// What became of a command on its way. `completed`: the device answered, well or not. `not_sent`:
/// it is certain that the device never saw it. `unknown`: it may have been executed.
enum class Outcome : std::uint8_t { completed, not_sent, unknown };

namespace scsi_status {
inline constexpr std::uint8_t good = 0x00;
inline constexpr std::uint8_t check_condition = 0x02;
inline constexpr std::uint8_t busy = 0x08;
inline constexpr std::uint8_t reservation_conflict = 0x18;
inline constexpr std::uint8_t task_set_full = 0x28;
inline constexpr std::uint8_t task_aborted = 0x40;
}  // namespace scsi_status

/// What one command came to, as the transport saw it. Nothing is judged here.
struct Result {
  /// Name of the command, a string literal.
  const char* command = "";
  Outcome outcome = Outcome::not_sent;
  std::uint8_t scsi_status = 0;
  std::uint16_t host_status = 0;
  std::uint16_t driver_status = 0;
  int error_number = 0;
  std::array<std::uint8_t, 252> sense{};
  /// Sense bytes that were delivered; nothing behind them means anything.
  std::uint8_t sense_length = 0;
  /// Bytes of the data phase that were not transferred, as the transport counted them. Negative:
  /// the device had, or wanted, so many more than the command offered.
  std::int64_t residual = 0;
  /// Number of the session that carried the command: two results with different numbers have a lost
  /// session between them, and with it every claim about the position (I_T nexus loss,
  /// SAM-6 6.3.4). 0 where the transport has no sessions.
  std::uint32_t nexus = 0;
  std::uint64_t duration_us = 0;
  /// One sentence where the transport knows more than numbers.
  std::string detail;

  [[nodiscard]] std::optional<scsi::Sense> decoded_sense() const {
    return scsi::decode_sense(scsi::Bytes(sense).first(sense_length));
  }
};

/// The one way to a device. Decorators (tracing, faults) implement it too and hold another one.
/// Calls are synchronous and come from one thread at a time.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  virtual Result execute(const Command& command) = 0;

  /// Lets the device go in good order, which may take a while; the next command would open it
  /// again. Destroying a transport lets go at once.
  virtual void close() {}

  /// The most bytes that one command may carry on this way, where the way knows: the device may
  /// take less. A longer command is refused and not sent.
  [[nodiscard]] virtual std::optional<std::uint32_t> maximum_transfer_bytes() {
    return std::nullopt;
  }
};

}  // namespace tidemark
