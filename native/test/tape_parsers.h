// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "answer_text.h"
#include "scsi/access_order.h"
#include "scsi/block_limits.h"
#include "scsi/density.h"
#include "scsi/encryption.h"
#include "scsi/position.h"

/// Decoders of answers of a tape drive (SSC-5).
namespace tidemark::scsi {

inline std::string text_of_position(const PositionData& position) {
  return AnswerText()
      .flag("known", position.location_known)
      .flag("bop", position.beginning_of_partition)
      .flag("eop", position.end_of_partition)
      .flag("bpew", position.beyond_programmable_early_warning)
      .number("partition", position.partition)
      .hex("object", position.object_number)
      .optional("last", position.last_object_number)
      .optional("file", position.file_number)
      .optional("objects", position.objects_in_buffer)
      .optional("bytes", position.bytes_in_buffer)
      .done();
}

inline std::string text_of_block_limits(const BlockLimits& limits) {
  return AnswerText()
      .number("maximum", limits.maximum_bytes)
      .number("minimum", limits.minimum_bytes)
      .number("granularity", limits.granularity)
      .done();
}
inline std::string text_of_object_identifier(std::uint64_t maximum) {
  return AnswerText().hex("maximum", maximum).done();
}

inline std::string text_of_density(const DensityDescriptor& each) {
  return AnswerText()
      .hex("primary", each.primary)
      .hex("secondary", each.secondary)
      .flag("wrtok", each.writable)
      .flag("dup", each.duplicate)
      .flag("deflt", each.is_default)
      .number("bits", each.bits_per_mm)
      .number("width", each.width)
      .number("tracks", each.tracks)
      .number("capacity", each.capacity_mb)
      .string("organization", each.organization)
      .string("name", each.name)
      .string("description", each.description)
      .done();
}
inline std::string text_of_densities(const std::vector<DensityDescriptor>& densities) {
  return AnswerText().list("", densities, text_of_density).done();
}
inline std::string text_of_medium_type(const MediumTypeDescriptor& each) {
  return AnswerText()
      .hex("type", each.medium_type)
      .bytes("densities", each.densities)
      .number("width", each.width)
      .number("length", each.length_m)
      .string("organization", each.organization)
      .string("name", each.name)
      .string("description", each.description)
      .done();
}
inline std::string text_of_medium_types(const std::vector<MediumTypeDescriptor>& types) {
  return AnswerText().list("", types, text_of_medium_type).done();
}

inline std::string text_of_page_codes(const std::vector<std::uint16_t>& pages) {
  return AnswerText().list("", pages, hex_of).done();
}
inline std::string text_of_algorithm(const EncryptionAlgorithm& each) {
  return AnswerText()
      .number("index", each.index)
      .flag("avfmv", each.valid_for_volume)
      .flag("sdk", each.supplemental_keys)
      .flag("mac", each.authentication_code)
      .flag("delb", each.distinguishes_blocks)
      .number("decrypt", each.decrypt)
      .number("encrypt", each.encrypt)
      .number("avfclp", each.valid_at_position)
      .number("nonce", each.nonce)
      .flag("kadf", each.kad_format_settable)
      .flag("vcelb", each.reports_encrypted_volume)
      .flag("ukadf", each.unauthenticated_kad_fixed)
      .flag("akadf", each.authenticated_kad_fixed)
      .number("ukad", each.unauthenticated_kad_bytes)
      .number("akad", each.authenticated_kad_bytes)
      .number("key", each.key_bytes)
      .number("dkad", each.decryption_kad)
      .number("eemc", each.external_mode)
      .number("rdmc", each.raw_decryption)
      .flag("earem", each.raw_encryption_recorded)
      .number("msdk", each.supplemental_key_count)
      .hex("algorithm", each.algorithm)
      .done();
}
inline std::string text_of_encryption_capabilities(const EncryptionCapabilities& capabilities) {
  return AnswerText()
      .number("extdecc", capabilities.external_control)
      .number("cfg_p", capabilities.configuration_prevented)
      .list("", capabilities.algorithms, text_of_algorithm)
      .done();
}
inline std::string text_of_kad(const KeyAssociatedData& each) {
  return AnswerText()
      .number("type", each.type)
      .number("authenticated", each.authenticated)
      .bytes("value", each.value)
      .done();
}
inline std::string text_of_encryption_status(const EncryptionStatus& status) {
  return AnswerText()
      .number("nexus", status.nexus_scope)
      .number("scope", status.key_scope)
      .number("encryption", static_cast<int>(status.encryption))
      .number("decryption", static_cast<int>(status.decryption))
      .number("algorithm", status.algorithm_index)
      .number("counter", status.key_instance_counter)
      .number("control", status.parameters_control)
      .flag("vcelb", status.volume_has_encrypted_blocks)
      .number("ceems", status.check_external_mode)
      .flag("rdmd", status.raw_decryption_disabled)
      .number("format", status.kad_format)
      .number("asdk", status.supplemental_keys)
      .list("kad", status.kad, text_of_kad)
      .done();
}
inline std::string text_of_next_block(const NextBlockEncryption& status) {
  return AnswerText()
      .hex("object", status.object_number)
      .number("compression", status.compression)
      .number("state", static_cast<int>(status.state))
      .number("algorithm", status.algorithm_index)
      .flag("emes", status.external_mode)
      .flag("rdmds", status.raw_decryption_disabled)
      .number("format", status.kad_format)
      .list("kad", status.kad, text_of_kad)
      .done();
}
inline std::string text_of_set_encryption(const SetDataEncryption& parameters) {
  return AnswerText()
      .number("scope", static_cast<int>(parameters.scope))
      .flag("lock", parameters.lock)
      .number("ceem", parameters.check_external_mode)
      .number("rdmc", parameters.raw_decryption_control)
      .flag("sdk", parameters.supplemental_key)
      .flag("ckod", parameters.clear_on_demount)
      .flag("ckorp", parameters.clear_on_reservation_preempt)
      .flag("ckorl", parameters.clear_on_reservation_loss)
      .number("encryption", static_cast<int>(parameters.encryption))
      .number("decryption", static_cast<int>(parameters.decryption))
      .number("algorithm", parameters.algorithm_index)
      .number("key_format", parameters.key_format)
      .number("kad_format", parameters.kad_format)
      .bytes("key", parameters.key.view())
      .list("kad", parameters.kad, text_of_kad)
      .done();
}

inline std::string text_of_segment(const UserDataSegment& each) {
  return AnswerText()
      .string("name", each.name)
      .number("partition", each.partition)
      .hex("first", each.first_object)
      .hex("last", each.last_object)
      .done();
}
inline std::string text_of_segments(const std::vector<UserDataSegment>& segments) {
  return AnswerText().list("", segments, text_of_segment).done();
}
inline std::string text_of_order(const AccessOrder& order) {
  return AnswerText()
      .number("process", static_cast<int>(order.process))
      .number("status", order.status)
      .list("", order.segments, text_of_segment)
      .done();
}
inline std::string text_of_limits(const AccessOrderLimits& limits) {
  return AnswerText()
      .number("segments", limits.maximum_segments)
      .number("bytes", limits.maximum_descriptor_bytes)
      .done();
}

// Functions that take more than the bytes as ones of their own.
inline auto decode_in_pages(Bytes bytes) {
  return decode_encryption_pages(bytes, encryption_page::supported_in_pages);
}
inline auto encode_in_pages(const std::vector<std::uint16_t>& pages) {
  return encode_encryption_pages(encryption_page::supported_in_pages, pages);
}

/// A key cannot be copied, and so not compared as the other answers are.
inline bool set_encryption_round_trips(Bytes bytes) {
  const auto decoded = decode_set_data_encryption(bytes);
  if (!decoded) return true;
  const auto list = encode_set_data_encryption(*decoded);
  const auto again = decode_set_data_encryption(list.view());
  return again && text_of_set_encryption(*again) == text_of_set_encryption(*decoded);
}

inline constexpr Parser position_parsers[] = {
    {"short_position", decoded_text<decode_short_position, text_of_position>,
     decodes_as_encoded<decode_short_position, encode_short_position>},
    {"long_position", decoded_text<decode_long_position, text_of_position>,
     decodes_as_encoded<decode_long_position, encode_long_position>},
    {"extended_position", decoded_text<decode_extended_position, text_of_position>,
     decodes_as_encoded<decode_extended_position, encode_extended_position>},
    {"block_limits", decoded_text<decode_block_limits, text_of_block_limits>,
     decodes_as_encoded<decode_block_limits, encode_block_limits>},
    {"object_identifier", decoded_text<decode_maximum_object_identifier, text_of_object_identifier>,
     decodes_as_encoded<decode_maximum_object_identifier, encode_maximum_object_identifier>},
};
inline constexpr Parser density_parsers[] = {
    {"densities", decoded_text<decode_densities, text_of_densities>,
     decodes_as_encoded<decode_densities, encode_densities>},
    {"medium_types", decoded_text<decode_medium_types, text_of_medium_types>,
     decodes_as_encoded<decode_medium_types, encode_medium_types>},
};
inline constexpr Parser encryption_parsers[] = {
    {"encryption_pages", decoded_text<decode_in_pages, text_of_page_codes>,
     decodes_as_encoded<decode_in_pages, encode_in_pages>},
    {"encryption_capabilities",
     decoded_text<decode_encryption_capabilities, text_of_encryption_capabilities>,
     decodes_as_encoded<decode_encryption_capabilities, encode_encryption_capabilities>},
    {"encryption_status", decoded_text<decode_encryption_status, text_of_encryption_status>,
     decodes_as_encoded<decode_encryption_status, encode_encryption_status>},
    {"next_block_encryption", decoded_text<decode_next_block_encryption, text_of_next_block>,
     decodes_as_encoded<decode_next_block_encryption, encode_next_block_encryption>},
    {"set_data_encryption", decoded_text<decode_set_data_encryption, text_of_set_encryption>,
     set_encryption_round_trips},
};
inline constexpr Parser access_order_parsers[] = {
    {"access_order_request", decoded_text<decode_access_order_request, text_of_segments>,
     decodes_as_encoded<decode_access_order_request, encode_access_order_request>},
    {"access_order", decoded_text<decode_access_order, text_of_order>,
     decodes_as_encoded<decode_access_order, encode_access_order>},
    {"access_order_limits", decoded_text<decode_access_order_limits, text_of_limits>,
     decodes_as_encoded<decode_access_order_limits, encode_access_order_limits>},
};

}  // namespace tidemark::scsi
