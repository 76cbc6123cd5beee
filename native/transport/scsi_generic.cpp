// SPDX-License-Identifier: Apache-2.0
#include "transport/scsi_generic.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "transport/device_node.h"
#include "transport/scsi_generic_result.h"
#include "transport/signal_block.h"

namespace tidemark {
namespace {

/// What the kernel reserves of itself (SG_DEF_RESERVED_SIZE).
constexpr std::uint32_t default_reserved_bytes = 32768;
/// One element of a scatter list holds at least a page.
constexpr std::uint64_t scatter_element_bytes = 4096;
constexpr std::uint32_t default_timeout_ms = 60'000;

std::string open_failure(const std::string& node, int error_number) {
  switch (error_number) {
    case EACCES:
    case EPERM:
      return permission_advice(node);
    case EBUSY:
      return node + " is in use: another program has it open exclusively";
    case ENODEV:
    case ENXIO:
      return node + " is gone: there is no device behind it";
    default:
      return "cannot open " + node + ": " + std::strerror(error_number);
  }
}

}  // namespace

ScsiGenericTransport::ScsiGenericTransport(std::string path, Options options)
    : path_(std::move(path)), options_(options) {}

std::optional<ScsiGenericTransport::Failure> ScsiGenericTransport::open() {
  if (device_) return std::nullopt;
  auto node = find_device_node(path_);
  if (node.generic.empty()) return Failure{node.error_number, std::move(node.detail)};
  if (options_.exclusive && !fence_) {
    if (auto failure = open_fence(node.tape)) return failure;
  }
  // O_RDWR: read-only openers are given a filtered set of commands. O_NONBLOCK: an exclusive opener
  // elsewhere is an error to report, not something to wait for.
  UniqueFd device(::open(node.generic.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!device) {
    const int error_number = errno;
    fence_.reset();
    return Failure{error_number, open_failure(node.generic, error_number)};
  }
  int version = 0;
  if (::ioctl(device.get(), SG_GET_VERSION_NUM, &version) != 0 || version < 30000) {
    fence_.reset();
    return Failure{ENOTTY, node.generic + " does not speak SG_IO: it is no SCSI generic device"};
  }
  device_ = std::move(device);
  probe_limits();
  return std::nullopt;
}

std::optional<ScsiGenericTransport::Failure> ScsiGenericTransport::open_fence(
    const std::string& node) {
  if (node.empty()) {
    return Failure{ENODEV, path_ +
                               " has no tape node that could be held: it is no tape drive, or "
                               "the st module is not loaded (modprobe st)"};
  }
  // Read-only: a write-protected cartridge must not keep the drive from being held. O_NONBLOCK: on
  // an empty drive a blocking open waits for two minutes.
  fence_ = UniqueFd(::open(node.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fence_) return std::nullopt;
  const int error_number = errno;
  if (error_number == EBUSY) {
    return Failure{EBUSY, path_ + " is in use: another program has " + node + " open"};
  }
  return Failure{error_number, open_failure(node, error_number)};
}

void ScsiGenericTransport::probe_limits() {
  int elements = 0;
  int queue_bytes = 0;
  std::uint64_t limit = 0;
  if (::ioctl(device_.get(), SG_GET_SG_TABLESIZE, &elements) == 0 && elements > 0) {
    limit = static_cast<std::uint64_t>(elements) * scatter_element_bytes;
  }
  // On a generic node the queue's limit comes in bytes, unlike on a disk.
  if (::ioctl(device_.get(), BLKSECTGET, &queue_bytes) == 0 && queue_bytes > 0) {
    const auto bytes = static_cast<std::uint64_t>(queue_bytes);
    limit = limit == 0 ? bytes : std::min(limit, bytes);
  }
  maximum_bytes_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(limit, INT32_MAX));
  reserved_bytes_ = default_reserved_bytes;
}

std::optional<ScsiGenericTransport::Failure> ScsiGenericTransport::check_length(std::size_t bytes) {
  if (maximum_bytes_ != 0 && bytes > maximum_bytes_) {
    return Failure{EINVAL, std::to_string(bytes) + " bytes are more than the host adapter of " +
                               path_ + " takes at once (" + std::to_string(maximum_bytes_) +
                               "): use smaller blocks"};
  }
  if (bytes > reserved_bytes_) {
    // Memory set aside beforehand: without it each large command allocates anew, and may fail to.
    // What the kernel gives may be less; then the command still has that chance.
    int wanted = static_cast<int>(bytes);
    ::ioctl(device_.get(), SG_SET_RESERVED_SIZE, &wanted);
    int given = 0;
    ::ioctl(device_.get(), SG_GET_RESERVED_SIZE, &given);
    reserved_bytes_ =
        std::max(static_cast<std::uint32_t>(bytes), static_cast<std::uint32_t>(std::max(given, 0)));
  }
  return std::nullopt;
}

std::optional<std::uint32_t> ScsiGenericTransport::maximum_transfer_bytes() {
  if (open() || maximum_bytes_ == 0) return std::nullopt;
  return maximum_bytes_;
}

void ScsiGenericTransport::close() {
  device_.reset();
  fence_.reset();
}

Result ScsiGenericTransport::execute(const Command& command) {
  const auto start = std::chrono::steady_clock::now();
  const auto bytes = std::max(command.data_in.size(), command.data_out.size());
  auto failure = open();
  if (!failure) failure = check_length(bytes);
  if (failure) {
    Result refused;
    refused.command = command.cdb.name;
    refused.error_number = failure->error_number;
    refused.detail = std::move(failure->detail);
    return refused;
  }
  std::array<std::uint8_t, 252> sense{};
  auto header = scsi_generic_header(command, sense);
  if (header.timeout == 0) header.timeout = default_timeout_ms;
  int error_number = 0;
  {
    const SignalBlock block;
    // Never in a loop: what ended with EINTR may have been executed.
    if (::ioctl(device_.get(), SG_IO, &header) != 0) error_number = errno;
  }
  auto result = scsi_generic_result(command, header, sense, error_number, path_);
  if (error_number == ENODEV || error_number == ENXIO) {
    close();  // it may come back under another number
  }
  result.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - start)
                                     .count());
  return result;
}

}  // namespace tidemark
