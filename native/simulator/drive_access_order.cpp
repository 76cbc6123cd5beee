// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>

#include "scsi/access_order.h"
#include "simulator/drive.h"

/// GENERATE and RECEIVE RECOMMENDED ACCESS ORDER (SSC-5 7.13, 7.14).
namespace tidemark::simulator {
namespace {

constexpr std::size_t maximum_segments = 2730;
constexpr std::uint16_t descriptor_bytes = 32;
constexpr std::uint8_t no_list = 0;
constexpr std::uint8_t list_is_there = 1;

}  // namespace

Answer Drive::generate_access_order(const Request& request) {
  const auto process = static_cast<scsi::AccessOrderProcess>(request.cdb[2] & 0x07);
  const auto length = scsi::load_be32(request.cdb, 6);
  const bool is_known =
      process == scsi::AccessOrderProcess::none || process == scsi::AccessOrderProcess::reorder;
  if (!is_known) return invalid_field_in_cdb();
  access_order_ = {process, no_list, {}};
  if (length == 0) return good();
  if (request.data_out.size() < length) return parameter_list_length_error();
  auto segments = scsi::decode_access_order_request(request.data_out.first(length));
  if (!segments || segments->size() > maximum_segments) return parameter_list_length_error();
  const auto is_there = [this](const scsi::UserDataSegment& each) {
    return each.partition < medium_->partition_count() && each.first_object <= each.last_object &&
           each.last_object < medium_->partition(each.partition).object_count();
  };
  if (!synchronise()) return deferred_write_error();
  if (!std::all_of(segments->begin(), segments->end(), is_there)) {
    return invalid_field_in_parameter_list();
  }
  // The simulated tape has one track, which is best read from its beginning to its end.
  if (process == scsi::AccessOrderProcess::reorder) {
    std::stable_sort(segments->begin(), segments->end(), [](const auto& one, const auto& other) {
      return std::tie(one.partition, one.first_object) <
             std::tie(other.partition, other.first_object);
    });
  }
  access_order_ = {process, list_is_there, std::move(*segments)};
  return good();
}

Answer Drive::receive_access_order(const Request& request) {
  const bool wants_limits = (request.cdb[1] & 0x80) != 0;
  const auto offset = scsi::load_be32(request.cdb, 2);
  const auto allocation_length = scsi::load_be32(request.cdb, 6);
  if (wants_limits) {
    return data(request, scsi::encode_access_order_limits({maximum_segments, descriptor_bytes}),
                allocation_length);
  }
  const auto bytes = scsi::encode_access_order(access_order_);
  if (offset > bytes.size()) return invalid_field_in_cdb();
  return data(request, scsi::Bytes(bytes).subspan(offset), allocation_length);
}

}  // namespace tidemark::simulator
