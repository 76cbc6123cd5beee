// SPDX-License-Identifier: Apache-2.0
#include "transport/scsi_generic_result.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tidemark {
namespace {

/// DRIVER_SENSE: sense data came with the answer.
constexpr std::uint16_t driver_sense = 0x08;

int transfer_direction(Direction direction) {
  switch (direction) {
    case Direction::to_device:
      return SG_DXFER_TO_DEV;
    case Direction::from_device:
      return SG_DXFER_FROM_DEV;
    case Direction::none:
      break;
  }
  return SG_DXFER_NONE;
}

/// The checks that the kernel makes before anything of a command is queued (block/scsi_ioctl.c,
/// drivers/scsi/sg.c); with any other error the command may have been on its way.
bool is_refusal(int error_number) {
  switch (error_number) {
    case EPERM:   // a filtered operation code
    case EACCES:  // the descriptor is read-only
    case EBADF:
    case ENOTTY:  // not a SCSI device
    case EINVAL:  // a header or a length that the host adapter does not take
    case ENOMEM:
    case EOPNOTSUPP:
      return true;
    default:
      return false;
  }
}

std::string reason(int error_number, std::size_t bytes, const std::string& device) {
  switch (error_number) {
    case EINTR:
      return "a signal came while " + device +
             " worked: whether it carried the command out is not known";
    case ENODEV:
    case ENXIO:
      return device + " is gone: it was removed, or its path was lost";
    case EINVAL:
      return "the kernel refused the command for " + device + " (EINVAL)" +
             (bytes == 0 ? ""
                         : "; often " + std::to_string(bytes) +
                               " bytes are more than the host adapter takes at once");
    case ENOMEM:
      return "the kernel has no memory for " + std::to_string(bytes) + " bytes to " + device;
    case EPERM:
      return "the kernel does not let this process send the command to " + device +
             ": it needs the capability CAP_SYS_RAWIO";
    case ENOTTY:
      return device + " is not a SCSI device";
    default:
      return device + ": " + std::strerror(error_number);
  }
}

/// linux/scsi/scsi_status.h: names for what the host adapter reports.
const char* host_status_name(std::uint16_t status) {
  switch (status) {
    case 0x01:
      return "no connection";
    case 0x02:
      return "bus busy";
    case 0x03:
      return "timeout";
    case 0x04:
      return "bad target";
    case 0x05:
      return "aborted";
    case 0x06:
      return "parity error";
    case 0x07:
      return "internal error";
    case 0x08:
      return "reset";
    case 0x0E:
      return "transport disrupted";
    default:
      return "host adapter error";
  }
}

}  // namespace

sg_io_hdr scsi_generic_header(const Command& command, std::array<std::uint8_t, 252>& sense) {
  sg_io_hdr header{};
  header.interface_id = 'S';
  header.dxfer_direction = transfer_direction(command.cdb.direction);
  header.cmd_len = command.cdb.length;
  header.mx_sb_len = static_cast<unsigned char>(sense.size());
  // The kernel writes neither through the CDB nor through the data of a write.
  header.cmdp = const_cast<std::uint8_t*>(command.cdb.bytes.data());
  header.sbp = sense.data();
  if (command.cdb.direction == Direction::to_device) {
    header.dxfer_len = static_cast<unsigned int>(command.data_out.size());
    header.dxferp = const_cast<std::uint8_t*>(command.data_out.data());
  } else if (command.cdb.direction == Direction::from_device) {
    header.dxfer_len = static_cast<unsigned int>(command.data_in.size());
    header.dxferp = command.data_in.data();
  }
  header.timeout = command.timeout_ms;
  return header;
}

Result scsi_generic_result(const Command& command, const sg_io_hdr& header,
                           const std::array<std::uint8_t, 252>& sense, int error_number,
                           const std::string& device) {
  Result result;
  result.command = command.cdb.name;
  if (error_number != 0) {
    const auto bytes = std::max(command.data_in.size(), command.data_out.size());
    result.outcome = is_refusal(error_number) ? Outcome::not_sent : Outcome::unknown;
    result.error_number = error_number;
    result.residual = static_cast<std::int64_t>(bytes);
    result.detail = reason(error_number, bytes, device);
    return result;
  }
  result.host_status = header.host_status;
  result.driver_status = header.driver_status;
  result.scsi_status = header.status;
  result.residual = header.resid;
  // Host and driver come first: a command that timed out has SCSI status 00.
  const bool delivered = header.host_status == 0 && (header.driver_status & ~driver_sense) == 0;
  result.outcome = delivered ? Outcome::completed : Outcome::unknown;
  if (!delivered) {
    result.detail =
        device + ": " +
        (header.host_status != 0 ? host_status_name(header.host_status) : "driver error") +
        " (host status " + std::to_string(header.host_status) + ", driver status " +
        std::to_string(header.driver_status) + ")";
  }
  const auto length = std::min<std::size_t>(header.sb_len_wr, sense.size());
  if (length > 0) {
    // Old drivers leave the status byte zero where they bring sense data.
    if (delivered && result.scsi_status == scsi_status::good &&
        (header.driver_status & driver_sense) != 0) {
      result.scsi_status = scsi_status::check_condition;
    }
    std::copy_n(sense.begin(), length, result.sense.begin());
    result.sense_length = static_cast<std::uint8_t>(length);
  }
  return result;
}

}  // namespace tidemark
