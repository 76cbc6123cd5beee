// SPDX-License-Identifier: Apache-2.0
#include "device/device.h"

#include <algorithm>
#include <array>
#include <utility>

#include "scsi/logical_units.h"

namespace tidemark {
namespace {

constexpr std::uint16_t page_bytes = 4096;
constexpr std::uint32_t list_bytes = 65536;

}  // namespace

std::span<const std::uint8_t> received(std::span<const std::uint8_t> buffer, const Result& result) {
  const auto left =
      std::clamp<std::int64_t>(result.residual, 0, static_cast<std::int64_t>(buffer.size()));
  return buffer.first(buffer.size() - static_cast<std::size_t>(left));
}

bool is_rejected(const Result& result) {
  const auto sense = result.decoded_sense();
  return result.scsi_status == scsi_status::check_condition && sense && !sense->deferred &&
         sense->key == scsi::sense_key::illegal_request &&
         (sense->asc == 0x20 || sense->asc == 0x24);
}

Result Device::send(const Command& command) {
  auto result = transport_->execute(command);
  const auto sense = result.decoded_sense();
  if (sense && sense->key == scsi::sense_key::unit_attention) {
    const bool was_reset = sense->asc == 0x29;
    const bool mode_changed = sense->asc == 0x2A && sense->ascq == 0x01;
    if (was_reset || mode_changed) settings_in_doubt_ = true;
  }
  return result;
}

Result Device::execute(const scsi::Cdb& cdb) {
  return send({.cdb = cdb, .timeout_ms = timeouts_.milliseconds(cdb)});
}

Result Device::execute_in(const scsi::Cdb& cdb, std::span<std::uint8_t> data) {
  return send({.cdb = cdb, .data_in = data, .timeout_ms = timeouts_.milliseconds(cdb)});
}

Result Device::execute_out(const scsi::Cdb& cdb, std::span<const std::uint8_t> data) {
  return send({.cdb = cdb, .data_out = data, .timeout_ms = timeouts_.milliseconds(cdb)});
}

Response<Inquiry> Device::inquiry() {
  // 96 bytes: what every device since SCSI-2 answers without complaint.
  constexpr std::uint16_t allocation_length = 96;
  auto answer = ask(scsi::inquiry(allocation_length), allocation_length, [](scsi::Bytes bytes) {
    auto data = scsi::decode_inquiry(bytes);
    return data ? std::optional(Inquiry{*std::move(data), {}}) : std::nullopt;
  });
  if (!answer.value) return answer;
  // A device without the page is a device without a serial number; the answer to the first command
  // stands.
  constexpr std::uint16_t serial_bytes = 252;
  const auto serial =
      ask(scsi::inquiry_page(scsi::vital_product_page::unit_serial_number, serial_bytes),
          serial_bytes, scsi::decode_unit_serial_number);
  answer.value->serial_number = serial.value.value_or("");
  return answer;
}

Response<std::vector<std::uint8_t>> Device::vital_page(std::uint8_t page) {
  return ask(scsi::inquiry_page(page, page_bytes), page_bytes, [](scsi::Bytes bytes) {
    return std::optional(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
  });
}

Response<std::vector<std::uint16_t>> Device::supported_vital_pages() {
  const auto cdb = scsi::inquiry_page(scsi::vital_product_page::supported_pages, page_bytes);
  return ask(cdb, page_bytes, [](scsi::Bytes bytes) {
    std::optional<std::vector<std::uint16_t>> pages;
    if (const auto codes = scsi::decode_supported_pages(bytes)) {
      pages.emplace(codes->begin(), codes->end());
    }
    return pages;
  });
}

Response<std::vector<scsi::Designator>> Device::identification() {
  return ask(scsi::inquiry_page(scsi::vital_product_page::device_identification, page_bytes),
             page_bytes, scsi::decode_designators);
}

Result Device::test_unit_ready() { return execute(scsi::test_unit_ready()); }

Response<scsi::Sense> Device::request_sense() {
  constexpr std::uint8_t sense_bytes = 252;
  return ask(scsi::request_sense(false, sense_bytes), sense_bytes, scsi::decode_sense);
}

Result Device::self_test(scsi::SelfTest test) { return execute(scsi::send_diagnostic(test)); }

Result Device::prevent_removal(bool prevent) {
  return execute(scsi::prevent_allow_medium_removal(prevent));
}

Response<std::vector<std::uint64_t>> Device::logical_units() {
  return ask(scsi::report_luns(scsi::LunsWanted::addressable, list_bytes), list_bytes,
             scsi::decode_logical_units);
}

Response<std::vector<scsi::SupportedOperation>> Device::supported_operations() {
  using Option = scsi::OperationCodesQuery::Option;
  const auto query = [&](bool timeouts) {
    return ask(scsi::report_supported_operation_codes({.option = Option::all, .timeouts = timeouts},
                                                      list_bytes),
               list_bytes, scsi::decode_supported_operations);
  };
  auto answer = query(true);
  // Older devices know the list, but not its timeouts.
  if (is_rejected(answer.result)) answer = query(false);
  if (answer.value) timeouts_.learn(*answer.value);
  return answer;
}

}  // namespace tidemark
