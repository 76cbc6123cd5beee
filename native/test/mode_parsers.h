// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "answer_text.h"
#include "scsi/changer_mode_page.h"
#include "scsi/mode.h"
#include "scsi/tape_mode_page.h"

/// Decoders of mode parameters and mode pages.
namespace tidemark::scsi {

inline std::string text_of_mode(const ModeParameters& parameters) {
  AnswerText text;
  text.hex("medium", parameters.medium_type)
      .flag("wp", parameters.write_protected)
      .number("buffered", parameters.buffered_mode)
      .number("speed", parameters.speed)
      .flag("long", parameters.long_block_descriptor);
  if (parameters.block) {
    text.group("block", AnswerText()
                            .hex("density", parameters.block->density)
                            .hex("blocks", parameters.block->blocks)
                            .number("bytes", parameters.block->block_bytes)
                            .done());
  }
  return text
      .list("", decode_mode_pages(parameters.pages),
            [](const ModePage& page) {
              return AnswerText()
                  .hex("page", page.code)
                  .hex("subpage", page.subpage)
                  .flag("ps", page.saveable)
                  .bytes("bytes", page.bytes)
                  .done();
            })
      .done();
}

inline std::string text_of_range(const ElementRange& range) {
  return std::to_string(range.first) + "+" + std::to_string(range.count);
}
inline std::string text_of_addresses(const ElementAddresses& addresses) {
  return AnswerText()
      .list("",
            std::vector{addresses.transport, addresses.storage, addresses.import_export,
                        addresses.data_transfer},
            text_of_range)
      .done();
}

inline std::string text_of_compression(const DataCompression& values) {
  return AnswerText()
      .flag("dce", values.compress)
      .flag("dcc", values.capable)
      .flag("dde", values.decompress)
      .number("red", values.report_exception)
      .hex("compression", values.compression_algorithm)
      .hex("decompression", values.decompression_algorithm)
      .done();
}

inline std::string text_of_configuration(const DeviceConfiguration& values) {
  return AnswerText()
      .flag("caf", values.change_active_format)
      .flag("cap", values.change_active_partition)
      .number("format", values.active_format)
      .number("partition", values.active_partition)
      .number("full", values.write_buffer_full_ratio)
      .number("empty", values.read_buffer_empty_ratio)
      .number("delay", values.write_delay_time)
      .flag("obr", values.object_buffer_recovery)
      .flag("lois", values.object_identifiers)
      .flag("rsmk", values.report_setmarks)
      .flag("avc", values.automatic_velocity_control)
      .number("socf", values.stop_on_consecutive_filemarks)
      .flag("rbo", values.recover_buffer_order)
      .flag("rew", values.report_early_warning)
      .number("gap", values.gap_size)
      .number("eod", values.end_of_data_defined)
      .flag("eeg", values.enable_end_of_data_generation)
      .flag("sew", values.synchronize_at_early_warning)
      .flag("swp", values.software_write_protect)
      .flag("baml", values.block_address_mode_lock)
      .flag("bam", values.explicit_block_address_mode)
      .number("buffer", values.buffer_size_at_early_warning)
      .number("compression", values.select_compression)
      .number("wtre", values.worm_tamper_read_enable)
      .flag("oir", values.only_if_reserved)
      .number("ror", values.rewind_on_reset)
      .flag("asocwp", values.associated_write_protect)
      .flag("perswp", values.persistent_write_protect)
      .flag("prmwp", values.permanent_write_protect)
      .done();
}

inline std::string text_of_extension(const DeviceConfigurationExtension& values) {
  return AnswerText()
      .flag("tarpf", values.tape_alert_respect_parameter_fields)
      .flag("taser", values.tape_alert_select_exception_reporting)
      .flag("tarpc", values.tape_alert_respect_page_control)
      .flag("taplsd", values.tape_alert_prevent_log_sense_deactivation)
      .number("write_mode", values.write_mode)
      .number("short_erase", values.short_erase_mode)
      .number("pews", values.programmable_early_warning_mb)
      .flag("vcelbre", values.encrypted_volume_requires_encryption)
      .done();
}

inline std::string text_of_partitions(const MediumPartitions& values) {
  return AnswerText()
      .number("maximum", values.maximum_additional)
      .number("additional", values.additional)
      .flag("fdp", values.fixed)
      .flag("sdp", values.selected)
      .flag("idp", values.initiator_defined)
      .number("psum", static_cast<int>(values.unit))
      .flag("pofm", values.on_format_medium)
      .flag("clear", values.clear)
      .flag("addp", values.additional_only)
      .number("recognition", values.format_recognition)
      .number("type", values.partitioning_type)
      .number("exponent", values.size_exponent)
      .list("sizes", values.sizes, [](auto size) { return std::to_string(size); })
      .done();
}

inline std::string text_of_medium(const MediumConfiguration& values) {
  return AnswerText()
      .flag("worm", values.worm)
      .number("labels", values.worm_label_restrictions)
      .number("filemarks", values.worm_filemark_restrictions)
      .done();
}
inline std::string text_of_protection(const ControlDataProtection& values) {
  return AnswerText()
      .number("method", static_cast<int>(values.method))
      .number("length", values.information_bytes)
      .flag("write", values.on_write)
      .flag("read", values.on_read)
      .flag("recover", values.on_recover)
      .done();
}

inline std::string text_of_geometry(const std::vector<TransportGeometry>& transports) {
  return AnswerText()
      .list(
          "", transports,
          [](const TransportGeometry& each) {
            return AnswerText().flag("rotates", each.rotates).number("member", each.member).done();
          })
      .done();
}
inline std::string text_of_types(const ElementTypeSet& types) {
  return std::string(types.transport ? "M" : "-") + (types.storage ? "S" : "-") +
         (types.import_export ? "I" : "-") + (types.data_transfer ? "D" : "-");
}
inline std::string text_of_paths(const ElementPaths& paths) {
  return text_of_types(paths.from_transport) + text_of_types(paths.from_storage) +
         text_of_types(paths.from_import_export) + text_of_types(paths.from_data_transfer);
}
inline std::string text_of_changer(const ChangerCapabilities& capabilities) {
  return text_of_types(capabilities.stores) + " " + text_of_paths(capabilities.moves) + " " +
         text_of_paths(capabilities.exchanges);
}

/// A page that is patched with its own values must be the same, but for PS.
template <auto Decode, auto Encode>
bool page_round_trips(Bytes bytes) {
  const auto decoded = Decode(bytes);
  if (!decoded) return true;
  // Behind its own length there is no page.
  const auto length = (bytes[0] & 0x40) != 0 ? 4U + load_be16(bytes, 2) : 2U + bytes[1];
  const auto page = clip(bytes, 0, length);
  const auto patched = Encode(*decoded, page);
  const auto again = Decode(patched);
  if (!again || *again != *decoded || Decode(Encode(*decoded, {})) != decoded) return false;
  return load_bit(patched, 0, 7) == false;
}

inline constexpr Parser mode_parsers[] = {
    {"mode_sense_6", decoded_text<decode_mode_parameters_6, text_of_mode>,
     decodes_as_encoded<decode_mode_parameters_6, encode_mode_sense_6>},
    {"mode_sense_10", decoded_text<decode_mode_parameters_10, text_of_mode>,
     decodes_as_encoded<decode_mode_parameters_10, encode_mode_sense_10>},
    {"mode_select_6", decoded_text<decode_mode_select_6, text_of_mode>,
     decodes_as_encoded<decode_mode_select_6, encode_mode_sense_6>},
    {"mode_select_10", decoded_text<decode_mode_select_10, text_of_mode>,
     decodes_as_encoded<decode_mode_select_10, encode_mode_sense_10>},
    {"data_compression", decoded_text<decode_data_compression, text_of_compression>,
     page_round_trips<decode_data_compression, encode_data_compression>},
    {"device_configuration", decoded_text<decode_device_configuration, text_of_configuration>,
     page_round_trips<decode_device_configuration, encode_device_configuration>},
    {"device_configuration_extension",
     decoded_text<decode_device_configuration_extension, text_of_extension>,
     page_round_trips<decode_device_configuration_extension,
                      encode_device_configuration_extension>},
    {"medium_partitions", decoded_text<decode_medium_partitions, text_of_partitions>,
     page_round_trips<decode_medium_partitions, encode_medium_partitions>},
    {"medium_configuration", decoded_text<decode_medium_configuration, text_of_medium>,
     page_round_trips<decode_medium_configuration, encode_medium_configuration>},
    {"control_data_protection", decoded_text<decode_control_data_protection, text_of_protection>,
     page_round_trips<decode_control_data_protection, encode_control_data_protection>},
    {"element_addresses", decoded_text<decode_element_addresses, text_of_addresses>,
     page_round_trips<decode_element_addresses, encode_element_addresses>},
    {"transport_geometry", decoded_text<decode_transport_geometry, text_of_geometry>,
     page_round_trips<decode_transport_geometry, encode_transport_geometry>},
    {"changer_capabilities", decoded_text<decode_changer_capabilities, text_of_changer>,
     page_round_trips<decode_changer_capabilities, encode_changer_capabilities>},
};

}  // namespace tidemark::scsi
