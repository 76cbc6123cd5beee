// SPDX-License-Identifier: Apache-2.0
#include "device/device.h"

#include <algorithm>
#include <array>

#include "device/classify.h"
#include "device/timeouts.h"

namespace tidemark {

std::span<const std::uint8_t> received(std::span<const std::uint8_t> buffer, const Result& result) {
  const auto left =
      std::clamp<std::int64_t>(result.residual, 0, static_cast<std::int64_t>(buffer.size()));
  return buffer.first(buffer.size() - static_cast<std::size_t>(left));
}

Result Device::execute(const scsi::Cdb& cdb, std::uint32_t timeout_s) {
  return transport_->execute({.cdb = cdb, .timeout_ms = timeout_s * 1000});
}

Result Device::execute_in(const scsi::Cdb& cdb, std::span<std::uint8_t> data,
                          std::uint32_t timeout_s) {
  return transport_->execute({.cdb = cdb, .data_in = data, .timeout_ms = timeout_s * 1000});
}

Result Device::execute_out(const scsi::Cdb& cdb, std::span<const std::uint8_t> data,
                           std::uint32_t timeout_s) {
  return transport_->execute({.cdb = cdb, .data_out = data, .timeout_ms = timeout_s * 1000});
}

Response<Inquiry> Device::inquiry() {
  std::array<std::uint8_t, 96> data{};
  Response<Inquiry> outcome;
  outcome.result = execute_in(scsi::inquiry(data.size()), data, timeout_s::general);
  if (!succeeded(outcome.result)) return outcome;
  const auto decoded = scsi::decode_inquiry(received(data, outcome.result));
  if (!decoded) return outcome;
  outcome.value = Inquiry{*decoded, {}};

  // A device without the page is a device without a serial number; the answer to the first command
  // stands.
  std::array<std::uint8_t, 252> page{};
  const auto result = execute_in(scsi::inquiry_page(scsi::unit_serial_number_page, page.size()),
                                 page, timeout_s::general);
  if (succeeded(result)) {
    outcome.value->serial_number =
        scsi::decode_unit_serial_number(received(page, result)).value_or("");
  }
  return outcome;
}

Result Device::test_unit_ready() { return execute(scsi::test_unit_ready(), timeout_s::general); }

}  // namespace tidemark
