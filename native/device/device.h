// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/classify.h"
#include "device/response.h"
#include "device/timeouts.h"
#include "scsi/attribute.h"
#include "scsi/inquiry.h"
#include "scsi/log_page.h"
#include "scsi/mode.h"
#include "scsi/reservation.h"
#include "scsi/sense.h"
#include "scsi/supported_operation.h"
#include "scsi/vital_product_data.h"
#include "transport/transport.h"

namespace tidemark {

struct Inquiry : scsi::InquiryData {
  /// Vital product data page 80h; empty where the device has none.
  std::string serial_number;
};

enum class DeviceKind : std::uint8_t { drive, changer };

/// The part of a data-in buffer that was really transferred, by the transport's residual.
[[nodiscard]] std::span<const std::uint8_t> received(std::span<const std::uint8_t> buffer,
                                                     const Result& result);

/// The device does not have this command, or this form of it: worth remembering, not worth an
/// error.
[[nodiscard]] bool is_rejected(const Result& result);

/// What drives and changers have in common (SPC-5). Each method sends one command, or a short fixed
/// sequence, and waits for the answer. Not thread-safe; it lives on a DeviceThread.
class Device {
 public:
  Device(std::unique_ptr<Transport> transport, std::string name, DeviceKind kind)
      : transport_(std::move(transport)),
        name_(std::move(name)),
        timeouts_(kind == DeviceKind::changer) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Timeouts& timeouts() { return timeouts_; }
  /// Lets the device go in good order.
  void close() { transport_->close(); }
  /// The most bytes that one command may carry on the way to the device, where the way knows. Sends
  /// no command.
  std::optional<std::uint32_t> maximum_transfer_bytes() {
    return transport_->maximum_transfer_bytes();
  }

  Response<Inquiry> inquiry();
  /// Page 00h.
  Response<std::vector<std::uint16_t>> supported_vital_pages();
  /// Page 83h.
  Response<std::vector<scsi::Designator>> identification();
  /// Any page, as it came.
  Response<std::vector<std::uint8_t>> vital_page(std::uint8_t page);
  Result test_unit_ready();
  Response<scsi::Sense> request_sense();
  Result self_test(scsi::SelfTest test);
  Result prevent_removal(bool prevent);
  Response<std::vector<std::uint64_t>> logical_units();
  /// All commands that the device has; their timeouts are used from then on.
  Response<std::vector<scsi::SupportedOperation>> supported_operations();

  /// With (10) where the device has it.
  Response<scsi::ModeParameters> mode_sense(const scsi::ModeSense& wanted);
  Response<std::vector<scsi::ModePage>> mode_pages(scsi::ModePageControl control);

  /// Pages and subpages.
  Response<std::vector<scsi::LogPageCode>> supported_log_pages();
  Response<scsi::LogPage> log_page(const scsi::LogSense& wanted);
  /// Counters back to their defaults. Page 0: all pages.
  Result reset_log(std::uint8_t page, std::uint8_t subpage);

  Response<std::vector<std::uint16_t>> attribute_list(std::uint8_t partition);
  /// All of a partition, in ascending order.
  Response<std::vector<scsi::Attribute>> attributes(std::uint8_t partition);
  Response<std::vector<std::uint8_t>> read_attribute(std::uint16_t id);
  /// Until the cartridge memory has them. An empty value deletes.
  Result write_attributes(std::uint8_t partition, const std::vector<scsi::Attribute>& attributes);

  Response<scsi::ReservationKeys> reservation_keys();
  Response<scsi::Reservation> reservation();
  Response<scsi::ReservationCapabilities> reservation_capabilities();
  Response<scsi::FullReservationStatus> full_reservation_status();
  Result reserve_out(scsi::ReserveOutAction action, scsi::ReservationType type,
                     const scsi::ReserveOutParameters& parameters);

 protected:
  /// A unit attention has told of a reset, or of mode parameters that somebody changed: what was
  /// set may not hold any more.
  [[nodiscard]] bool settings_in_doubt() const { return settings_in_doubt_; }
  void settings_known() { settings_in_doubt_ = false; }

  Result execute(const scsi::Cdb& cdb);
  Result execute_in(const scsi::Cdb& cdb, std::span<std::uint8_t> data);
  Result execute_out(const scsi::Cdb& cdb, std::span<const std::uint8_t> data);

  /// Asks, and decodes what was received; `decode` gives an optional.
  template <typename Decode>
  auto ask(const scsi::Cdb& cdb, std::size_t allocation_length, Decode decode)
      -> Response<typename decltype(decode(scsi::Bytes()))::value_type> {
    std::vector<std::uint8_t> data(allocation_length);
    Response<typename decltype(decode(scsi::Bytes()))::value_type> answer;
    answer.result = execute_in(cdb, data);
    if (succeeded(answer.result)) answer.value = decode(received(data, answer.result));
    return answer;
  }

  /// Reads a page with its header and block descriptor, lets `change` alter them, and writes them
  /// back; all that it leaves alone stays bit by bit.
  Result change_mode(std::uint8_t page, std::uint8_t subpage,
                     const std::function<void(scsi::ModeParameters&)>& change);
  /// The decoded page; `decode` gives an optional.
  template <typename Decode>
  auto ask_mode_page(std::uint8_t page, std::uint8_t subpage, Decode decode)
      -> Response<typename decltype(decode(scsi::Bytes()))::value_type> {
    auto mode = mode_sense({.page = page, .subpage = subpage});
    Response<typename decltype(decode(scsi::Bytes()))::value_type> answer;
    if (mode.value) answer.value = decode(scsi::find_mode_page(mode.value->pages, page, subpage));
    answer.result = std::move(mode.result);
    return answer;
  }

 private:
  Result send(const Command& command);
  Result mode_select(const scsi::ModeParameters& parameters);

  std::unique_ptr<Transport> transport_;
  std::string name_;
  Timeouts timeouts_;
  bool settings_in_doubt_ = false;
  bool has_no_mode_sense_10_ = false;
  bool has_no_mode_select_10_ = false;
};

}  // namespace tidemark
