// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "device/response.h"
#include "scsi/inquiry.h"
#include "transport/transport.h"

namespace tidemark {

struct Inquiry : scsi::InquiryData {
  /// Vital product data page 80h; empty where the device has none.
  std::string serial_number;
};

/// What drives and changers have in common.
class Device {
 public:
  Device(std::unique_ptr<Transport> transport, std::string name)
      : transport_(std::move(transport)), name_(std::move(name)) {}

  [[nodiscard]] const std::string& name() const { return name_; }

  Response<Inquiry> inquiry();
  Result test_unit_ready();
  /// Lets the device go in good order.
  void close() { transport_->close(); }

 protected:
  Result execute(const scsi::Cdb& cdb, std::uint32_t timeout_s);
  Result execute_in(const scsi::Cdb& cdb, std::span<std::uint8_t> data, std::uint32_t timeout_s);
  Result execute_out(const scsi::Cdb& cdb, std::span<const std::uint8_t> data,
                     std::uint32_t timeout_s);

 private:
  std::unique_ptr<Transport> transport_;
  std::string name_;
};

/// The part of a data-in buffer that was really transferred, by the transport's residual.
[[nodiscard]] std::span<const std::uint8_t> received(std::span<const std::uint8_t> buffer,
                                                     const Result& result);

}  // namespace tidemark
