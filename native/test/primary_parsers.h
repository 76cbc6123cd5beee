// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "answer_text.h"
#include "scsi/attribute.h"
#include "scsi/inquiry.h"
#include "scsi/log_page.h"
#include "scsi/logical_units.h"
#include "scsi/reservation.h"
#include "scsi/sense.h"
#include "scsi/supported_operation.h"
#include "scsi/vital_product_data.h"

/// Decoders of answers that every sort of device gives (SPC-5).
namespace tidemark::scsi {

inline std::string text_of_sense(const Sense& sense) {
  AnswerText text;
  text.flag("deferred", sense.deferred)
      .hex("key", sense.key)
      .hex("asc", sense.asc)
      .hex("ascq", sense.ascq)
      .flag("filemark", sense.filemark)
      .flag("eom", sense.end_of_medium)
      .flag("ili", sense.incorrect_length)
      .flag("overflow", sense.overflow)
      .optional("information", sense.information)
      .hex("specific", sense.command_specific)
      .hex("fru", sense.field_replaceable_unit)
      .optional("progress", sense.progress)
      .optional("retries", sense.retries);
  if (sense.field_pointer) {
    text.group("field", AnswerText()
                            .flag("cdb", sense.field_pointer->in_cdb)
                            .number("byte", sense.field_pointer->byte)
                            .optional("bit", sense.field_pointer->bit)
                            .done());
  }
  if (!sense.other_progress.empty()) {
    text.list("others", sense.other_progress, [](const SenseProgress& each) {
      return AnswerText()
          .hex("key", each.key)
          .hex("asc", each.asc)
          .hex("ascq", each.ascq)
          .number("progress", each.progress)
          .done();
    });
  }
  return text.done();
}

inline std::string text_of_inquiry(const InquiryData& data) {
  AnswerText text;
  text.hex("type", data.device_type)
      .number("qualifier", data.qualifier)
      .string("vendor", data.vendor)
      .string("product", data.product)
      .string("revision", data.revision)
      .flag("removable", data.removable)
      .number("version", data.version)
      .number("format", data.response_data_format)
      .flag("protect", data.protect)
      .flag("queuing", data.command_queuing);
  if (!data.version_descriptors.empty()) text.list("versions", data.version_descriptors, hex_of);
  return text.done();
}

inline std::string text_of_codes(const std::vector<std::uint8_t>& codes) {
  return AnswerText().list("", codes, hex_of).done();
}
inline std::string text_of_flags(const std::vector<std::uint8_t>& flags) {
  return AnswerText().list("", flags, [](auto flag) { return std::to_string(flag); }).done();
}
inline std::string text_of_string(const std::string& value) {
  return AnswerText().optional("text", std::optional(value)).done();
}

inline std::string text_of_designator(const Designator& each) {
  return AnswerText()
      .number("type", each.type)
      .number("set", static_cast<int>(each.code_set))
      .number("association", static_cast<int>(each.association))
      .optional("protocol", each.protocol)
      .bytes("value", each.value)
      .done();
}
inline std::string text_of_designators(const std::vector<Designator>& designators) {
  return AnswerText().list("", designators, text_of_designator).done();
}
inline std::string text_of_capabilities(const SequentialAccessCapabilities& capabilities) {
  return AnswerText()
      .flag("worm", capabilities.worm)
      .flag("mirroring", capabilities.tape_stream_mirroring)
      .done();
}

inline std::string text_of_log_page(const LogPage& page) {
  return AnswerText()
      .hex("page", page.page)
      .hex("subpage", page.subpage)
      .flag("spf", page.subpage_format)
      .flag("ds", page.disable_save)
      .list("", page.parameters,
            [](const LogParameter& each) {
              return AnswerText()
                  .hex("code", each.code)
                  .hex("control", each.control)
                  .bytes("value", each.value)
                  .done();
            })
      .done();
}
inline std::string text_of_log_pages(const std::vector<LogPageCode>& pages) {
  return AnswerText()
      .list("", pages,
            [](const LogPageCode& each) {
              return AnswerText().hex("page", each.page).hex("subpage", each.subpage).done();
            })
      .done();
}

inline std::string text_of_attributes(const std::vector<Attribute>& attributes) {
  return AnswerText()
      .list("", attributes,
            [](const Attribute& each) {
              return AnswerText()
                  .hex("id", each.id)
                  .number("format", static_cast<int>(each.format))
                  .flag("readonly", each.read_only)
                  .bytes("value", each.value)
                  .done();
            })
      .done();
}
inline std::string text_of_identifiers(const std::vector<std::uint16_t>& identifiers) {
  return AnswerText().list("", identifiers, hex_of).done();
}
inline std::string text_of_numbers(const AttributeNumbers& numbers) {
  return AnswerText().number("first", numbers.first).number("count", numbers.count).done();
}
inline std::string text_of_coherency(const VolumeCoherency& coherency) {
  return AnswerText()
      .number("width", coherency.reference_bytes)
      .hex("vcr", coherency.volume_change_reference)
      .hex("count", coherency.count)
      .hex("set", coherency.set_identifier)
      .bytes("data", coherency.application_data)
      .done();
}

inline std::string text_of_keys(const ReservationKeys& keys) {
  return AnswerText().number("generation", keys.generation).list("keys", keys.keys, hex_of).done();
}
inline std::string text_of_reservation(const Reservation& reservation) {
  AnswerText text;
  text.number("generation", reservation.generation);
  if (reservation.holder) {
    text.group("holder", AnswerText()
                             .hex("key", reservation.holder->key)
                             .number("scope", reservation.holder->scope)
                             .number("type", static_cast<int>(reservation.holder->type))
                             .done());
  }
  return text.done();
}
inline std::string text_of_reserve_capabilities(const ReservationCapabilities& capabilities) {
  AnswerText text;
  text.flag("rlr", capabilities.replace_lost)
      .flag("crh", capabilities.compatible_reservation_handling)
      .flag("sip", capabilities.specify_initiator_ports)
      .flag("atp", capabilities.all_target_ports)
      .flag("ptpl_c", capabilities.persist_capable)
      .flag("ptpl_a", capabilities.persist_active)
      .number("allow", capabilities.allow_commands);
  if (capabilities.types) {
    text.list("types", *capabilities.types,
              [](ReservationType type) { return std::to_string(static_cast<int>(type)); });
  }
  return text.done();
}
inline std::string text_of_registration(const Registration& each) {
  return AnswerText()
      .hex("key", each.key)
      .flag("holder", each.holder)
      .flag("all", each.all_target_ports)
      .number("scope", each.scope)
      .number("type", each.type)
      .number("port", each.relative_target_port)
      .bytes("id", each.transport_id)
      .string("name", transport_id_text(each.transport_id))
      .done();
}
inline std::string text_of_full_status(const FullReservationStatus& status) {
  return AnswerText()
      .number("generation", status.generation)
      .list("", status.registrations, text_of_registration)
      .done();
}
inline std::string text_of_reserve_out(const ReserveOutParameters& parameters) {
  return AnswerText()
      .hex("own", parameters.own_key)
      .hex("action", parameters.action_key)
      .flag("spec_i_pt", parameters.specify_initiator_ports)
      .flag("all_tg_pt", parameters.all_target_ports)
      .flag("aptpl", parameters.persist)
      .done();
}
inline std::string text_of_move(const RegisterAndMoveParameters& parameters) {
  return AnswerText()
      .hex("own", parameters.own_key)
      .hex("action", parameters.action_key)
      .flag("unreg", parameters.unregister)
      .flag("aptpl", parameters.persist)
      .number("port", parameters.relative_target_port)
      .bytes("id", parameters.transport_id)
      .done();
}

inline std::string text_of_timeouts(const CommandTimeouts& timeouts) {
  return AnswerText()
      .number("specific", timeouts.command_specific)
      .number("nominal", timeouts.nominal_s)
      .number("recommended", timeouts.recommended_s)
      .done();
}
inline std::string text_of_operations(const std::vector<SupportedOperation>& operations) {
  return AnswerText()
      .list("", operations,
            [](const SupportedOperation& each) {
              AnswerText text;
              text.hex("code", each.operation_code)
                  .optional("action", each.service_action)
                  .number("cdb", each.cdb_bytes);
              if (each.timeouts) text.group("timeouts", text_of_timeouts(*each.timeouts));
              return text.done();
            })
      .done();
}
inline std::string text_of_operation_support(const OperationSupport& support) {
  AnswerText text;
  text.number("support", static_cast<int>(support.support))
      .flag("supported", support.supported())
      .bytes("usage", support.usage);
  if (support.timeouts) text.group("timeouts", text_of_timeouts(*support.timeouts));
  return text.done();
}

inline std::string text_of_logical_units(const std::vector<std::uint64_t>& units) {
  return AnswerText()
      .list("", units,
            [](std::uint64_t unit) {
              return AnswerText()
                  .hex("lun", unit)
                  .optional("number", logical_unit_number(unit))
                  .done();
            })
      .done();
}

// Overloaded functions, and those that take more than the bytes, as ones of their own.
inline auto decode_any_log_page(Bytes bytes) { return decode_log_page(bytes); }
inline auto encode_any_log_page(const LogPage& page) { return encode_log_page(page); }
inline auto encode_pages_as_tape(const std::vector<std::uint8_t>& pages) {
  return encode_supported_pages(device_type::tape, pages);
}
inline auto encode_serial_as_tape(const std::string& serial) {
  return encode_unit_serial_number(device_type::tape, serial);
}
inline auto encode_designators_as_tape(const std::vector<Designator>& designators) {
  return encode_designators(device_type::tape, designators);
}
inline auto encode_log_pages(const std::vector<LogPageCode>& pages) {
  return encode_supported_log_pages(pages, true);
}

/// Attributes that came read-only are the same but for that in a list to write.
inline bool attributes_round_trip(Bytes bytes) {
  auto decoded = decode_attributes(bytes);
  if (!decoded) return true;
  if (decode_attributes(encode_attributes(*decoded)) != decoded) return false;
  const auto written = decode_attributes(encode_attributes_to_write(*decoded));
  for (auto& each : *decoded) each.read_only = false;
  return written == decoded;
}

/// Fixed format holds less; what it holds of a sense of its own format must stay.
inline bool sense_round_trips(Bytes bytes) {
  const auto sense = decode_sense(bytes);
  if (!sense) return true;
  if (decode_sense(encode_descriptor_sense(*sense)) != sense) return false;
  const bool was_fixed = (bytes[0] & 0x7E) == 0x70;
  return !was_fixed || decode_sense(encode_fixed_sense(*sense)) == sense;
}

inline constexpr Parser sense_parsers[] = {
    {"sense", decoded_text<decode_sense, text_of_sense>, sense_round_trips},
};
inline constexpr Parser inquiry_parsers[] = {
    {"inquiry", decoded_text<decode_inquiry, text_of_inquiry>,
     decodes_as_encoded<decode_inquiry, encode_inquiry>},
    {"supported_pages", decoded_text<decode_supported_pages, text_of_codes>,
     decodes_as_encoded<decode_supported_pages, encode_pages_as_tape>},
    {"unit_serial_number", decoded_text<decode_unit_serial_number, text_of_string>,
     decodes_as_encoded<decode_unit_serial_number, encode_serial_as_tape>},
    {"designators", decoded_text<decode_designators, text_of_designators>,
     decodes_as_encoded<decode_designators, encode_designators_as_tape>},
    {"sequential_access_capabilities",
     decoded_text<decode_sequential_access_capabilities, text_of_capabilities>,
     decodes_as_encoded<decode_sequential_access_capabilities,
                        encode_sequential_access_capabilities>},
    {"manufacturer_serial_number", decoded_text<decode_manufacturer_serial_number, text_of_string>,
     decodes_as_encoded<decode_manufacturer_serial_number, encode_manufacturer_serial_number>},
    {"supported_tape_alerts", decoded_text<decode_supported_tape_alerts, text_of_flags>,
     decodes_as_encoded<decode_supported_tape_alerts, encode_supported_tape_alerts>},
};
inline constexpr Parser log_parsers[] = {
    {"log_page", decoded_text<decode_any_log_page, text_of_log_page>,
     decodes_as_encoded<decode_any_log_page, encode_any_log_page>},
    {"supported_log_pages", decoded_text<decode_supported_log_pages, text_of_log_pages>,
     decodes_as_encoded<decode_supported_log_pages, encode_log_pages>},
};
inline constexpr Parser attribute_parsers[] = {
    {"attributes", decoded_text<decode_attributes, text_of_attributes>, attributes_round_trip},
    {"attribute_list", decoded_text<decode_attribute_list, text_of_identifiers>,
     decodes_as_encoded<decode_attribute_list, encode_attribute_list>},
    {"attribute_numbers", decoded_text<decode_attribute_numbers, text_of_numbers>,
     decodes_as_encoded<decode_attribute_numbers, encode_attribute_numbers>},
    {"volume_coherency", decoded_text<decode_volume_coherency, text_of_coherency>,
     decodes_as_encoded<decode_volume_coherency, encode_volume_coherency>},
};
inline constexpr Parser reservation_parsers[] = {
    {"reservation_keys", decoded_text<decode_reservation_keys, text_of_keys>,
     decodes_as_encoded<decode_reservation_keys, encode_reservation_keys>},
    {"reservation", decoded_text<decode_reservation, text_of_reservation>,
     decodes_as_encoded<decode_reservation, encode_reservation>},
    {"reservation_capabilities",
     decoded_text<decode_reservation_capabilities, text_of_reserve_capabilities>,
     decodes_as_encoded<decode_reservation_capabilities, encode_reservation_capabilities>},
    {"full_reservation_status", decoded_text<decode_full_reservation_status, text_of_full_status>,
     decodes_as_encoded<decode_full_reservation_status, encode_full_reservation_status>},
    {"reserve_out_parameters", decoded_text<decode_reserve_out_parameters, text_of_reserve_out>,
     decodes_as_encoded<decode_reserve_out_parameters, encode_reserve_out_parameters>},
    {"register_and_move", decoded_text<decode_register_and_move, text_of_move>,
     decodes_as_encoded<decode_register_and_move, encode_register_and_move>},
};
inline constexpr Parser operation_parsers[] = {
    {"supported_operations", decoded_text<decode_supported_operations, text_of_operations>,
     decodes_as_encoded<decode_supported_operations, encode_supported_operations>},
    {"operation_support", decoded_text<decode_operation_support, text_of_operation_support>,
     decodes_as_encoded<decode_operation_support, encode_operation_support>},
};
inline constexpr Parser logical_unit_parsers[] = {
    {"logical_units", decoded_text<decode_logical_units, text_of_logical_units>,
     decodes_as_encoded<decode_logical_units, encode_logical_units>},
};

}  // namespace tidemark::scsi
