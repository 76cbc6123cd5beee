// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <tuple>
#include <utility>

#include "addon/reflect.h"
#include "device/classify.h"
#include "device/medium_changer.h"
#include "device/tape_drive.h"

/// How the structs of the device layer look in JavaScript: the names of lib/native/device.ts.
namespace tidemark {

template <>
struct Names<ReadKind> {
  static constexpr auto list = std::array{
      std::pair{ReadKind::block, "block"},
      std::pair{ReadKind::filemark, "filemark"},
      std::pair{ReadKind::end_of_data, "endOfData"},
      std::pair{ReadKind::end_of_medium, "endOfMedium"},
      std::pair{ReadKind::too_long, "tooLong"},
      std::pair{ReadKind::wrong_length, "wrongLength"},
      std::pair{ReadKind::damaged, "damaged"},
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
struct Names<scsi::MediumType> {
  static constexpr auto list = std::array{
      std::pair{scsi::MediumType::unspecified, "unspecified"},
      std::pair{scsi::MediumType::data, "data"},
      std::pair{scsi::MediumType::cleaning, "cleaning"},
      std::pair{scsi::MediumType::diagnostic, "diagnostic"},
      std::pair{scsi::MediumType::worm, "worm"},
      std::pair{scsi::MediumType::microcode, "microcode"},
  };
};

template <>
struct Names<scsi::ModePageControl> {
  static constexpr auto list = std::array{
      std::pair{scsi::ModePageControl::current, "current"},
      std::pair{scsi::ModePageControl::changeable, "changeable"},
      std::pair{scsi::ModePageControl::default_values, "default"},
      std::pair{scsi::ModePageControl::saved, "saved"},
  };
};

template <>
struct Names<scsi::LogPageControl> {
  static constexpr auto list = std::array{
      std::pair{scsi::LogPageControl::threshold, "threshold"},
      std::pair{scsi::LogPageControl::cumulative, "cumulative"},
      std::pair{scsi::LogPageControl::default_threshold, "defaultThreshold"},
      std::pair{scsi::LogPageControl::default_cumulative, "defaultCumulative"},
  };
};

template <>
struct Names<scsi::SelfTest> {
  static constexpr auto list = std::array{
      std::pair{scsi::SelfTest::default_test, "default"},
      std::pair{scsi::SelfTest::background_short, "backgroundShort"},
      std::pair{scsi::SelfTest::background_extended, "backgroundExtended"},
      std::pair{scsi::SelfTest::abort_background, "abortBackground"},
      std::pair{scsi::SelfTest::foreground_short, "foregroundShort"},
      std::pair{scsi::SelfTest::foreground_extended, "foregroundExtended"},
  };
};

template <>
struct Names<scsi::AttributeFormat> {
  static constexpr auto list = std::array{
      std::pair{scsi::AttributeFormat::binary, "binary"},
      std::pair{scsi::AttributeFormat::ascii, "ascii"},
      std::pair{scsi::AttributeFormat::text, "text"},
  };
};

template <>
struct Names<scsi::ReserveOutAction> {
  static constexpr auto list = std::array{
      std::pair{scsi::ReserveOutAction::register_key, "register"},
      std::pair{scsi::ReserveOutAction::reserve, "reserve"},
      std::pair{scsi::ReserveOutAction::release, "release"},
      std::pair{scsi::ReserveOutAction::clear, "clear"},
      std::pair{scsi::ReserveOutAction::preempt, "preempt"},
      std::pair{scsi::ReserveOutAction::preempt_and_abort, "preemptAndAbort"},
      std::pair{scsi::ReserveOutAction::register_and_ignore_existing_key,
                "registerAndIgnoreExistingKey"},
  };
};

template <>
struct Names<scsi::ReservationType> {
  static constexpr auto list = std::array{
      std::pair{scsi::ReservationType::write_exclusive, "writeExclusive"},
      std::pair{scsi::ReservationType::exclusive_access, "exclusiveAccess"},
      std::pair{scsi::ReservationType::write_exclusive_registrants_only,
                "writeExclusiveRegistrantsOnly"},
      std::pair{scsi::ReservationType::exclusive_access_registrants_only,
                "exclusiveAccessRegistrantsOnly"},
      std::pair{scsi::ReservationType::write_exclusive_all_registrants,
                "writeExclusiveAllRegistrants"},
      std::pair{scsi::ReservationType::exclusive_access_all_registrants,
                "exclusiveAccessAllRegistrants"},
  };
};

template <>
struct Names<scsi::CodeSet> {
  static constexpr auto list = std::array{
      std::pair{scsi::CodeSet::binary, "binary"},
      std::pair{scsi::CodeSet::ascii, "ascii"},
      std::pair{scsi::CodeSet::utf8, "utf8"},
  };
};

template <>
struct Names<scsi::Association> {
  static constexpr auto list = std::array{
      std::pair{scsi::Association::logical_unit, "logicalUnit"},
      std::pair{scsi::Association::target_port, "targetPort"},
      std::pair{scsi::Association::target_device, "targetDevice"},
  };
};

template <>
struct Names<scsi::PositionForm> {
  static constexpr auto list = std::array{
      std::pair{scsi::PositionForm::short_form, "short"},
      std::pair{scsi::PositionForm::long_form, "long"},
      std::pair{scsi::PositionForm::extended_form, "extended"},
  };
};

template <>
struct Names<scsi::SpaceCode> {
  static constexpr auto list = std::array{
      std::pair{scsi::SpaceCode::blocks, "blocks"},
      std::pair{scsi::SpaceCode::filemarks, "filemarks"},
      std::pair{scsi::SpaceCode::sequential_filemarks, "sequentialFilemarks"},
      std::pair{scsi::SpaceCode::end_of_data, "endOfData"},
  };
};

template <>
struct Names<scsi::LocateDestination> {
  static constexpr auto list = std::array{
      std::pair{scsi::LocateDestination::object, "object"},
      std::pair{scsi::LocateDestination::file, "file"},
      std::pair{scsi::LocateDestination::end_of_data, "endOfData"},
  };
};

template <>
struct Names<scsi::FormatMedium::Layout> {
  static constexpr auto list = std::array{
      std::pair{scsi::FormatMedium::Layout::single_partition, "singlePartition"},
      std::pair{scsi::FormatMedium::Layout::by_medium_partition_page, "byMediumPartitionPage"},
      std::pair{scsi::FormatMedium::Layout::both, "both"},
  };
};

template <>
struct Names<scsi::MediumPartitions::Unit> {
  static constexpr auto list = std::array{
      std::pair{scsi::MediumPartitions::Unit::bytes, "bytes"},
      std::pair{scsi::MediumPartitions::Unit::kilobytes, "kilobytes"},
      std::pair{scsi::MediumPartitions::Unit::megabytes, "megabytes"},
      std::pair{scsi::MediumPartitions::Unit::by_exponent, "byExponent"},
  };
};

template <>
struct Names<scsi::ControlDataProtection::Method> {
  static constexpr auto list = std::array{
      std::pair{scsi::ControlDataProtection::Method::none, "none"},
      std::pair{scsi::ControlDataProtection::Method::reed_solomon, "reedSolomon"},
      std::pair{scsi::ControlDataProtection::Method::crc32c, "crc32c"},
  };
};

template <>
struct Names<scsi::EncryptionMode> {
  static constexpr auto list = std::array{
      std::pair{scsi::EncryptionMode::off, "off"},
      std::pair{scsi::EncryptionMode::external, "external"},
      std::pair{scsi::EncryptionMode::encrypt, "encrypt"},
  };
};

template <>
struct Names<scsi::DecryptionMode> {
  static constexpr auto list = std::array{
      std::pair{scsi::DecryptionMode::off, "off"},
      std::pair{scsi::DecryptionMode::raw, "raw"},
      std::pair{scsi::DecryptionMode::decrypt, "decrypt"},
      std::pair{scsi::DecryptionMode::mixed, "mixed"},
  };
};

template <>
struct Names<scsi::EncryptionScope> {
  static constexpr auto list = std::array{
      std::pair{scsi::EncryptionScope::shared, "shared"},
      std::pair{scsi::EncryptionScope::local, "local"},
      std::pair{scsi::EncryptionScope::all_nexuses, "allNexuses"},
  };
};

template <>
struct Names<scsi::NextBlockEncryption::State> {
  static constexpr auto list = std::array{
      std::pair{scsi::NextBlockEncryption::State::cannot_tell, "cannotTell"},
      std::pair{scsi::NextBlockEncryption::State::not_read_yet, "notReadYet"},
      std::pair{scsi::NextBlockEncryption::State::not_a_block, "notABlock"},
      std::pair{scsi::NextBlockEncryption::State::not_encrypted, "notEncrypted"},
      std::pair{scsi::NextBlockEncryption::State::unknown_algorithm, "unknownAlgorithm"},
      std::pair{scsi::NextBlockEncryption::State::readable, "readable"},
      std::pair{scsi::NextBlockEncryption::State::other_key, "otherKey"},
  };
};

template <>
struct Names<scsi::AccessOrderProcess> {
  static constexpr auto list = std::array{
      std::pair{scsi::AccessOrderProcess::none, "none"},
      std::pair{scsi::AccessOrderProcess::estimate_in_order, "estimateInOrder"},
      std::pair{scsi::AccessOrderProcess::reorder, "reorder"},
      std::pair{scsi::AccessOrderProcess::estimate_from_beginning, "estimateFromBeginning"},
  };
};

template <>
struct Fields<Inquiry> {
  using T = Inquiry;
  static constexpr auto list = std::tuple{
      field("deviceType", &T::device_type),
      field("vendor", &T::vendor),
      field("product", &T::product),
      field("revision", &T::revision),
      field("qualifier", &T::qualifier),
      field("removable", &T::removable),
      field("version", &T::version),
      field("protect", &T::protect),
      field("versionDescriptors", &T::version_descriptors),
      field("serialNumber", &T::serial_number),
  };
};

template <>
struct Fields<ModeStatus> {
  using T = ModeStatus;
  static constexpr auto list = std::tuple{
      field("writeProtected", &T::write_protected), field("bufferedMode", &T::buffered_mode),
      field("blockBytes", &T::block_bytes),         field("density", &T::density),
      field("mediumType", &T::medium_type),         field("worm", &T::worm),
  };
};

template <>
struct Fields<Position> {
  using T = Position;
  static constexpr auto list = std::tuple{
      field("known", &T::known),
      field("partition", &T::partition),
      field("objectNumber", &T::object_number),
      field("fileNumber", &T::file_number),
      field("beginningOfPartition", &T::beginning_of_partition),
      field("endOfPartition", &T::end_of_partition),
      field("beyondProgrammableEarlyWarning", &T::beyond_programmable_early_warning),
      field("bytesInBuffer", &T::bytes_in_buffer),
  };
};

template <>
struct Fields<LocateTarget> {
  using T = LocateTarget;
  static constexpr auto list = std::tuple{
      field("destination", &T::destination),
      field("number", &T::number),
      field("partition", &T::partition),
  };
};

template <>
struct Fields<scsi::BlockLimits> {
  using T = scsi::BlockLimits;
  static constexpr auto list = std::tuple{
      field("maximumBytes", &T::maximum_bytes),
      field("minimumBytes", &T::minimum_bytes),
      field("granularity", &T::granularity),
  };
};

template <>
struct Fields<scsi::Sense> {
  using T = scsi::Sense;
  static constexpr auto list = std::tuple{
      field("deferred", &T::deferred),
      field("senseKey", &T::key),
      field("asc", &T::asc),
      field("ascq", &T::ascq),
      field("filemark", &T::filemark),
      field("endOfMedium", &T::end_of_medium),
      field("incorrectLength", &T::incorrect_length),
      field("information", &T::information),
      field("progress", &T::progress),
  };
};

template <>
struct Fields<scsi::Designator> {
  using T = scsi::Designator;
  static constexpr auto list = std::tuple{
      field("type", &T::type),
      field("codeSet", &T::code_set),
      field("association", &T::association),
      field("protocol", &T::protocol),
      field("value", &T::value),
  };
};

template <>
struct Fields<scsi::CommandTimeouts> {
  using T = scsi::CommandTimeouts;
  static constexpr auto list = std::tuple{
      field("nominalSeconds", &T::nominal_s),
      field("recommendedSeconds", &T::recommended_s),
  };
};

template <>
struct Fields<scsi::SupportedOperation> {
  using T = scsi::SupportedOperation;
  static constexpr auto list = std::tuple{
      field("operationCode", &T::operation_code),
      field("serviceAction", &T::service_action),
      field("cdbBytes", &T::cdb_bytes),
      field("timeouts", &T::timeouts),
  };
};

template <>
struct Fields<scsi::ModeSense> {
  using T = scsi::ModeSense;
  static constexpr auto list = std::tuple{
      field("page", &T::page),
      field("subpage", &T::subpage),
      field("control", &T::control),
      field("disableBlockDescriptors", &T::disable_block_descriptors),
  };
};

template <>
struct Fields<scsi::ModeBlockDescriptor> {
  using T = scsi::ModeBlockDescriptor;
  static constexpr auto list = std::tuple{
      field("density", &T::density),
      field("blocks", &T::blocks),
      field("blockBytes", &T::block_bytes),
  };
};

template <>
struct Fields<scsi::ModeParameters> {
  using T = scsi::ModeParameters;
  static constexpr auto list = std::tuple{
      field("mediumType", &T::medium_type),
      field("writeProtected", &T::write_protected),
      field("bufferedMode", &T::buffered_mode),
      field("speed", &T::speed),
      field("block", &T::block),
      field("pages", &T::pages),
  };
};

template <>
struct Fields<scsi::ModePage> {
  using T = scsi::ModePage;
  static constexpr auto list = std::tuple{
      field("code", &T::code),
      field("subpage", &T::subpage),
      field("saveable", &T::saveable),
      field("bytes", &T::bytes),
  };
};

template <>
struct Fields<scsi::LogPageCode> {
  using T = scsi::LogPageCode;
  static constexpr auto list = std::tuple{
      field("page", &T::page),
      field("subpage", &T::subpage),
  };
};

template <>
struct Fields<scsi::LogSense> {
  using T = scsi::LogSense;
  static constexpr auto list = std::tuple{
      field("page", &T::page),
      field("subpage", &T::subpage),
      field("control", &T::control),
      field("firstParameter", &T::first_parameter),
  };
};

template <>
struct Fields<scsi::LogParameter> {
  using T = scsi::LogParameter;
  static constexpr auto list = std::tuple{
      field("code", &T::code),
      field("control", &T::control),
      field("value", &T::value),
  };
};

template <>
struct Fields<scsi::LogPage> {
  using T = scsi::LogPage;
  static constexpr auto list = std::tuple{
      field("page", &T::page),
      field("subpage", &T::subpage),
      field("parameters", &T::parameters),
  };
};

template <>
struct Fields<scsi::Attribute> {
  using T = scsi::Attribute;
  static constexpr auto list = std::tuple{
      field("id", &T::id),
      field("format", &T::format),
      field("value", &T::value),
      field("readOnly", &T::read_only),
  };
};

template <>
struct Fields<scsi::ReservationKeys> {
  using T = scsi::ReservationKeys;
  static constexpr auto list = std::tuple{
      field("generation", &T::generation),
      field("keys", &T::keys),
  };
};

template <>
struct Fields<scsi::Reservation::Holder> {
  using T = scsi::Reservation::Holder;
  static constexpr auto list = std::tuple{
      field("key", &T::key),
      field("scope", &T::scope),
      field("type", &T::type),
  };
};

template <>
struct Fields<scsi::Reservation> {
  using T = scsi::Reservation;
  static constexpr auto list = std::tuple{
      field("generation", &T::generation),
      field("holder", &T::holder),
  };
};

template <>
struct Fields<scsi::ReservationCapabilities> {
  using T = scsi::ReservationCapabilities;
  static constexpr auto list = std::tuple{
      field("replaceLost", &T::replace_lost),
      field("compatibleReservationHandling", &T::compatible_reservation_handling),
      field("specifyInitiatorPorts", &T::specify_initiator_ports),
      field("allTargetPorts", &T::all_target_ports),
      field("persistCapable", &T::persist_capable),
      field("persistActive", &T::persist_active),
      field("allowCommands", &T::allow_commands),
      field("types", &T::types),
  };
};

template <>
struct Fields<scsi::Registration> {
  using T = scsi::Registration;
  static constexpr auto list = std::tuple{
      field("key", &T::key),
      field("holder", &T::holder),
      field("allTargetPorts", &T::all_target_ports),
      field("scope", &T::scope),
      field("type", &T::type),
      field("relativeTargetPort", &T::relative_target_port),
      field("transportId", &T::transport_id),
  };
};

template <>
struct Fields<scsi::FullReservationStatus> {
  using T = scsi::FullReservationStatus;
  static constexpr auto list = std::tuple{
      field("generation", &T::generation),
      field("registrations", &T::registrations),
  };
};

template <>
struct Fields<scsi::ReserveOutParameters> {
  using T = scsi::ReserveOutParameters;
  static constexpr auto list = std::tuple{
      field("ownKey", &T::own_key),
      field("actionKey", &T::action_key),
      field("allTargetPorts", &T::all_target_ports),
      field("persist", &T::persist),
  };
};

template <>
struct Fields<scsi::DataCompression> {
  using T = scsi::DataCompression;
  static constexpr auto list = std::tuple{
      field("compress", &T::compress),
      field("capable", &T::capable),
      field("decompress", &T::decompress),
      field("reportException", &T::report_exception),
      field("compressionAlgorithm", &T::compression_algorithm),
      field("decompressionAlgorithm", &T::decompression_algorithm),
  };
};

template <>
struct Fields<scsi::DeviceConfiguration> {
  using T = scsi::DeviceConfiguration;
  static constexpr auto list = std::tuple{
      field("activePartition", &T::active_partition),
      field("writeDelayTime", &T::write_delay_time),
      field("objectIdentifiers", &T::object_identifiers),
      field("reportEarlyWarning", &T::report_early_warning),
      field("synchronizeAtEarlyWarning", &T::synchronize_at_early_warning),
      field("softwareWriteProtect", &T::software_write_protect),
      field("bufferSizeAtEarlyWarning", &T::buffer_size_at_early_warning),
      field("selectCompression", &T::select_compression),
      field("onlyIfReserved", &T::only_if_reserved),
      field("rewindOnReset", &T::rewind_on_reset),
      field("associatedWriteProtect", &T::associated_write_protect),
      field("persistentWriteProtect", &T::persistent_write_protect),
      field("permanentWriteProtect", &T::permanent_write_protect),
  };
};

template <>
struct Fields<scsi::DeviceConfigurationExtension> {
  using T = scsi::DeviceConfigurationExtension;
  static constexpr auto list = std::tuple{
      field("writeMode", &T::write_mode),
      field("shortEraseMode", &T::short_erase_mode),
      field("programmableEarlyWarningMegabytes", &T::programmable_early_warning_mb),
      field("encryptedVolumeRequiresEncryption", &T::encrypted_volume_requires_encryption),
  };
};

template <>
struct Fields<scsi::MediumConfiguration> {
  using T = scsi::MediumConfiguration;
  static constexpr auto list = std::tuple{
      field("worm", &T::worm),
      field("wormLabelRestrictions", &T::worm_label_restrictions),
      field("wormFilemarkRestrictions", &T::worm_filemark_restrictions),
  };
};

template <>
struct Fields<scsi::MediumPartitions> {
  using T = scsi::MediumPartitions;
  static constexpr auto list = std::tuple{
      field("maximumAdditional", &T::maximum_additional),
      field("additional", &T::additional),
      field("fixed", &T::fixed),
      field("selected", &T::selected),
      field("initiatorDefined", &T::initiator_defined),
      field("unit", &T::unit),
      field("onFormatMedium", &T::on_format_medium),
      field("formatRecognition", &T::format_recognition),
      field("partitioningType", &T::partitioning_type),
      field("sizeExponent", &T::size_exponent),
      field("sizes", &T::sizes),
  };
};

template <>
struct Fields<scsi::ControlDataProtection> {
  using T = scsi::ControlDataProtection;
  static constexpr auto list = std::tuple{
      field("method", &T::method),        field("informationBytes", &T::information_bytes),
      field("onWrite", &T::on_write),     field("onRead", &T::on_read),
      field("onRecover", &T::on_recover),
  };
};

template <>
struct Fields<scsi::DensityDescriptor> {
  using T = scsi::DensityDescriptor;
  static constexpr auto list = std::tuple{
      field("primary", &T::primary),
      field("secondary", &T::secondary),
      field("writable", &T::writable),
      field("duplicate", &T::duplicate),
      field("isDefault", &T::is_default),
      field("bitsPerMm", &T::bits_per_mm),
      field("width", &T::width),
      field("tracks", &T::tracks),
      field("capacityMegabytes", &T::capacity_mb),
      field("organization", &T::organization),
      field("name", &T::name),
      field("description", &T::description),
  };
};

template <>
struct Fields<scsi::MediumTypeDescriptor> {
  using T = scsi::MediumTypeDescriptor;
  static constexpr auto list = std::tuple{
      field("mediumType", &T::medium_type),
      field("densities", &T::densities),
      field("width", &T::width),
      field("lengthMetres", &T::length_m),
      field("organization", &T::organization),
      field("name", &T::name),
      field("description", &T::description),
  };
};

template <>
struct Fields<scsi::DriveStatus> {
  using T = scsi::DriveStatus;
  static constexpr auto list = std::tuple{
      field("prevented", &T::prevented),
      field("hostInitiatedUnload", &T::host_initiated_unload),
      field("mediumAuxiliaryMemoryAccessible", &T::medium_auxiliary_memory_accessible),
      field("compression", &T::compression),
      field("writeProtected", &T::write_protected),
      field("cleaningRequested", &T::cleaning_requested),
      field("cleaningRequired", &T::cleaning_required),
      field("initialized", &T::initialized),
      field("inTransition", &T::in_transition),
      field("roboticAccessAllowed", &T::robotic_access_allowed),
      field("mediumPresent", &T::medium_present),
      field("mediumSeated", &T::medium_seated),
      field("mediumThreaded", &T::medium_threaded),
      field("mediumMounted", &T::medium_mounted),
      field("activity", &T::activity),
      field("diagnosticDataCreated", &T::diagnostic_data_created),
      field("encryptionParametersPresent", &T::encryption_parameters_present),
      field("encryptionServiceRequest", &T::encryption_service_request),
      field("recoveryRequested", &T::recovery_requested),
      field("interfaceChanged", &T::interface_changed),
      field("tapeAlertChanged", &T::tape_alert_changed),
  };
};

template <>
struct Fields<scsi::EncryptionAlgorithm> {
  using T = scsi::EncryptionAlgorithm;
  static constexpr auto list = std::tuple{
      field("index", &T::index),
      field("validForVolume", &T::valid_for_volume),
      field("supplementalKeys", &T::supplemental_keys),
      field("authenticationCode", &T::authentication_code),
      field("distinguishesBlocks", &T::distinguishes_blocks),
      field("decrypt", &T::decrypt),
      field("encrypt", &T::encrypt),
      field("unauthenticatedKadBytes", &T::unauthenticated_kad_bytes),
      field("authenticatedKadBytes", &T::authenticated_kad_bytes),
      field("keyBytes", &T::key_bytes),
      field("algorithm", &T::algorithm),
  };
};

template <>
struct Fields<scsi::EncryptionCapabilities> {
  using T = scsi::EncryptionCapabilities;
  static constexpr auto list = std::tuple{
      field("externalControl", &T::external_control),
      field("configurationPrevented", &T::configuration_prevented),
      field("algorithms", &T::algorithms),
  };
};

template <>
struct Fields<scsi::KeyAssociatedData> {
  using T = scsi::KeyAssociatedData;
  static constexpr auto list = std::tuple{
      field("type", &T::type),
      field("authenticated", &T::authenticated),
      field("value", &T::value),
  };
};

template <>
struct Fields<scsi::EncryptionStatus> {
  using T = scsi::EncryptionStatus;
  static constexpr auto list = std::tuple{
      field("nexusScope", &T::nexus_scope),
      field("keyScope", &T::key_scope),
      field("encryption", &T::encryption),
      field("decryption", &T::decryption),
      field("algorithmIndex", &T::algorithm_index),
      field("keyInstanceCounter", &T::key_instance_counter),
      field("parametersControl", &T::parameters_control),
      field("volumeHasEncryptedBlocks", &T::volume_has_encrypted_blocks),
      field("kadFormat", &T::kad_format),
      field("supplementalKeys", &T::supplemental_keys),
      field("kad", &T::kad),
  };
};

template <>
struct Fields<scsi::NextBlockEncryption> {
  using T = scsi::NextBlockEncryption;
  static constexpr auto list = std::tuple{
      field("objectNumber", &T::object_number),
      field("compression", &T::compression),
      field("state", &T::state),
      field("algorithmIndex", &T::algorithm_index),
      field("kadFormat", &T::kad_format),
      field("kad", &T::kad),
  };
};

template <>
struct Fields<scsi::LoadUnload> {
  using T = scsi::LoadUnload;
  static constexpr auto list = std::tuple{
      field("load", &T::load),
      field("retension", &T::retension),
      field("endOfTape", &T::end_of_tape),
      field("hold", &T::hold),
      field("immediate", &T::immediate),
  };
};

template <>
struct Fields<scsi::FormatMedium> {
  using T = scsi::FormatMedium;
  static constexpr auto list = std::tuple{
      field("layout", &T::layout),
      field("verify", &T::verify),
      field("immediate", &T::immediate),
  };
};

template <>
struct Fields<scsi::UserDataSegment> {
  using T = scsi::UserDataSegment;
  static constexpr auto list = std::tuple{
      field("name", &T::name),
      field("partition", &T::partition),
      field("firstObject", &T::first_object),
      field("lastObject", &T::last_object),
  };
};

template <>
struct Fields<scsi::AccessOrder> {
  using T = scsi::AccessOrder;
  static constexpr auto list = std::tuple{
      field("process", &T::process),
      field("status", &T::status),
      field("segments", &T::segments),
  };
};

template <>
struct Fields<scsi::AccessOrderLimits> {
  using T = scsi::AccessOrderLimits;
  static constexpr auto list = std::tuple{
      field("maximumSegments", &T::maximum_segments),
      field("maximumDescriptorBytes", &T::maximum_descriptor_bytes),
  };
};

template <>
struct Fields<scsi::ElementRange> {
  using T = scsi::ElementRange;
  static constexpr auto list = std::tuple{
      field("first", &T::first),
      field("count", &T::count),
  };
};

template <>
struct Fields<scsi::ElementAddresses> {
  using T = scsi::ElementAddresses;
  static constexpr auto list = std::tuple{
      field("transport", &T::transport),
      field("storage", &T::storage),
      field("importExport", &T::import_export),
      field("dataTransfer", &T::data_transfer),
  };
};

template <>
struct Fields<scsi::TransportGeometry> {
  using T = scsi::TransportGeometry;
  static constexpr auto list = std::tuple{
      field("rotates", &T::rotates),
      field("member", &T::member),
  };
};

template <>
struct Fields<scsi::ElementTypeSet> {
  using T = scsi::ElementTypeSet;
  static constexpr auto list = std::tuple{
      field("transport", &T::transport),
      field("storage", &T::storage),
      field("importExport", &T::import_export),
      field("dataTransfer", &T::data_transfer),
  };
};

template <>
struct Fields<scsi::ElementPaths> {
  using T = scsi::ElementPaths;
  static constexpr auto list = std::tuple{
      field("fromTransport", &T::from_transport),
      field("fromStorage", &T::from_storage),
      field("fromImportExport", &T::from_import_export),
      field("fromDataTransfer", &T::from_data_transfer),
  };
};

template <>
struct Fields<scsi::ChangerCapabilities> {
  using T = scsi::ChangerCapabilities;
  static constexpr auto list = std::tuple{
      field("stores", &T::stores),
      field("moves", &T::moves),
      field("exchanges", &T::exchanges),
  };
};

template <>
struct Fields<scsi::Element::Exception> {
  using T = scsi::Element::Exception;
  static constexpr auto list = std::tuple{
      field("asc", &T::asc),
      field("ascq", &T::ascq),
  };
};

template <>
struct Fields<scsi::Element> {
  using T = scsi::Element;
  static constexpr auto list = std::tuple{
      field("address", &T::address),
      field("type", &T::type),
      field("full", &T::full),
      field("exception", &T::exception),
      field("accessible", &T::accessible),
      field("placedByOperator", &T::placed_by_operator),
      field("sourceAddress", &T::source_address),
      field("volumeTag", &T::volume_tag),
      field("volumeTagField", &T::volume_tag_field),
      field("driveSerialNumber", &T::device_serial_number),
      field("exportEnabled", &T::export_enabled),
      field("importEnabled", &T::import_enabled),
      field("inverted", &T::inverted),
      field("disabled", &T::disabled),
      field("mediumType", &T::medium_type),
      field("alternateVolumeTag", &T::alternate_volume_tag),
  };
};

template <>
struct Fields<scsi::ElementStatusRange> {
  using T = scsi::ElementStatusRange;
  static constexpr auto list = std::tuple{
      field("first", &T::first),
      field("count", &T::count),
      field("fast", &T::fast),
      field("all", &T::all),
  };
};

template <>
struct Fields<scsi::MoveMedium> {
  using T = scsi::MoveMedium;
  static constexpr auto list = std::tuple{
      field("transport", &T::transport),
      field("source", &T::source),
      field("destination", &T::destination),
      field("invert", &T::invert),
  };
};

template <>
struct Fields<scsi::ExchangeMedium> {
  using T = scsi::ExchangeMedium;
  static constexpr auto list = std::tuple{
      field("transport", &T::transport),
      field("source", &T::source),
      field("firstDestination", &T::first_destination),
      field("secondDestination", &T::second_destination),
      field("invertFirst", &T::invert_first),
      field("invertSecond", &T::invert_second),
  };
};

template <>
struct Fields<scsi::PositionToElement> {
  using T = scsi::PositionToElement;
  static constexpr auto list = std::tuple{
      field("transport", &T::transport),
      field("destination", &T::destination),
      field("invert", &T::invert),
  };
};

}  // namespace tidemark
