// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <tuple>
#include <utility>

#include "addon/reflect.h"
#include "device/classify.h"
#include "device/device.h"
#include "device/tape_drive.h"
#include "scsi/block_limits.h"
#include "scsi/element_status.h"
#include "scsi/inquiry.h"

/// How the structs of the device layer look in JavaScript: the names of lib/native/binding.ts.
namespace tidemark {

template <>
struct Names<ReadKind> {
  static constexpr auto list = std::array{
      std::pair{ReadKind::block, "block"},
      std::pair{ReadKind::filemark, "filemark"},
      std::pair{ReadKind::end_of_data, "endOfData"},
      std::pair{ReadKind::end_of_medium, "endOfMedium"},
      std::pair{ReadKind::too_long, "tooLong"},
      std::pair{ReadKind::failed, "failed"},
  };
};

template <>
struct Names<WriteKind> {
  static constexpr auto list = std::array{
      std::pair{WriteKind::written, "written"},
      std::pair{WriteKind::failed, "failed"},
      std::pair{WriteKind::unknown, "unknown"},
  };
};

template <>
struct Names<scsi::ElementType> {
  static constexpr auto list = std::array{
      std::pair{scsi::ElementType::transport, "transport"},
      std::pair{scsi::ElementType::storage, "storage"},
      std::pair{scsi::ElementType::import_export, "importExport"},
      std::pair{scsi::ElementType::data_transfer, "dataTransfer"},
  };
};

template <>
struct Fields<Inquiry> {
  static constexpr auto list = std::tuple{
      field("deviceType", &Inquiry::device_type),
      field("vendor", &Inquiry::vendor),
      field("product", &Inquiry::product),
      field("revision", &Inquiry::revision),
      field("serialNumber", &Inquiry::serial_number),
  };
};

template <>
struct Fields<scsi::BlockLimits> {
  static constexpr auto list = std::tuple{
      field("maximumBytes", &scsi::BlockLimits::maximum_bytes),
      field("minimumBytes", &scsi::BlockLimits::minimum_bytes),
      field("granularity", &scsi::BlockLimits::granularity),
  };
};

template <>
struct Fields<ModeStatus> {
  static constexpr auto list = std::tuple{
      field("writeProtected", &ModeStatus::write_protected),
      field("bufferedMode", &ModeStatus::buffered_mode),
      field("blockBytes", &ModeStatus::block_bytes),
      field("worm", &ModeStatus::worm),
  };
};

template <>
struct Fields<Position> {
  static constexpr auto list = std::tuple{
      field("known", &Position::known),
      field("partition", &Position::partition),
      field("objectNumber", &Position::object_number),
      field("beginningOfPartition", &Position::beginning_of_partition),
      field("endOfPartition", &Position::end_of_partition),
      field("bytesInBuffer", &Position::bytes_in_buffer),
  };
};

template <>
struct Fields<scsi::Element::Exception> {
  static constexpr auto list = std::tuple{
      field("asc", &scsi::Element::Exception::asc),
      field("ascq", &scsi::Element::Exception::ascq),
  };
};

template <>
struct Fields<scsi::Element> {
  static constexpr auto list = std::tuple{
      field("address", &scsi::Element::address),
      field("type", &scsi::Element::type),
      field("full", &scsi::Element::full),
      field("exception", &scsi::Element::exception),
      field("accessible", &scsi::Element::accessible),
      field("volumeTag", &scsi::Element::volume_tag),
      field("sourceAddress", &scsi::Element::source_address),
      field("driveSerialNumber", &scsi::Element::device_serial_number),
  };
};

}  // namespace tidemark
