// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "addon/device_fields.h"
#include "addon/tape_drive.h"
#include "stream/block_scan.h"
#include "stream/sample_blocks.h"

namespace tidemark {
namespace {

constexpr std::int64_t largest_block = scsi::maximum_transfer_6;
/// Numbers of JavaScript are exact up to here.
constexpr std::int64_t largest_integer = (std::int64_t{1} << 53) - 1;

/// Size of a buffer for one block.
struct BlockSize {
  std::size_t bytes = 0;

  static BlockSize from_js(ArgumentCheck& check, const Napi::Value& value,
                           const std::string& name) {
    return {static_cast<std::size_t>(check.integer(value, name.c_str(), 1, largest_block))};
  }
};

/// A block to write; a copy, as the caller may change its buffer before the command is sent. Bulk
/// data does not come this way.
struct BlockData {
  std::vector<std::uint8_t> bytes;

  static BlockData from_js(ArgumentCheck& check, const Napi::Value& value,
                           const std::string& name) {
    const auto bytes = check.bytes(value, name.c_str());
    if (check.ok() && (bytes.empty() || bytes.size() > scsi::maximum_transfer_6)) {
      check.fail(name.c_str(),
                 "a Buffer of 1 to " + std::to_string(scsi::maximum_transfer_6) + " bytes");
    }
    if (!check.ok()) return {};  // not a copy of gigabytes
    return {{bytes.begin(), bytes.end()}};
  }
};

/// A count that JavaScript gives as a number.
struct Count {
  std::uint64_t value = 0;

  static Count from_js(ArgumentCheck& check, const Napi::Value& value, const std::string& name) {
    return {static_cast<std::uint64_t>(check.integer(value, name.c_str(), 0, largest_integer))};
  }
};

/// A read's outcome with the memory that it went to.
struct BlockRead {
  ReadOutcome outcome;
  std::shared_ptr<std::vector<std::uint8_t>> data;

  [[nodiscard]] Napi::Object to_js(Napi::Env env) const {
    auto object = Napi::Object::New(env);
    object.Set("kind", enumerator_name(outcome.kind));
    if (outcome.kind == ReadKind::block) {
      object.Set("data", adopt_buffer(env, data, outcome.length));
    }
    if (outcome.kind == ReadKind::too_long) {
      object.Set("blockBytes", static_cast<double>(outcome.length));
    }
    object.Set("result", result_to_js(env, outcome.result));
    return object;
  }
};

BlockRead read_block(TapeDrive& drive, BlockSize size) {
  BlockRead read;
  read.data = std::make_shared<std::vector<std::uint8_t>>(size.bytes);
  read.outcome = drive.read_block(*read.data);
  return read;
}

struct WriteAnswer {
  WriteOutcome outcome;

  [[nodiscard]] Napi::Object to_js(Napi::Env env) const {
    auto object = Napi::Object::New(env);
    object.Set("kind", enumerator_name(outcome.kind));
    object.Set("accepted", static_cast<double>(outcome.accepted));
    object.Set("earlyWarning", outcome.early_warning);
    object.Set("programmableEarlyWarning", outcome.programmable_early_warning);
    object.Set("result", result_to_js(env, outcome.result));
    return object;
  }
};

constexpr std::array sample_names{std::pair(SampleData::incompressible, "incompressible"),
                                  std::pair(SampleData::compressible, "compressible")};

/// What blocks to measure with are made of.
struct SampleKind {
  SampleData data = SampleData::incompressible;

  static SampleKind from_js(ArgumentCheck& check, const Napi::Value& value,
                            const std::string& name) {
    return {check.enumerator<SampleData>(value, name.c_str(), sample_names)};
  }
};

struct SampleAnswer {
  SampleRun run;

  [[nodiscard]] Napi::Object to_js(Napi::Env env) const {
    auto object = WriteAnswer{run.last}.to_js(env);
    object.Set("blocks", static_cast<double>(run.blocks));
    object.Set("durationsUs", to_buffer(env, run.durations_us));
    return object;
  }
};

struct ScanAnswer {
  BlockScan scan;

  [[nodiscard]] Napi::Object to_js(Napi::Env env) const {
    auto object = with_result(env, scan.result);
    object.Set("digests", to_buffer(env, scan.digests));
    object.Set("lengths", to_buffer(env, scan.lengths));
    object.Set("stoppedAt", name_of(scan.stopped_at));
    return object;
  }
};

struct CopyAnswer {
  TapeFileCopy copy;

  [[nodiscard]] Napi::Object to_js(Napi::Env env) const {
    auto object = with_result(env, copy.result);
    object.Set("bytes", to_bigint(env, copy.bytes));
    object.Set("blocks", to_bigint(env, copy.blocks));
    object.Set("stoppedAt", name_of(copy.stopped_at));
    if (copy.write_error_number != 0) object.Set("writeErrno", copy.write_error_number);
    return object;
  }
};

/// Blocks of one length, in fixed-block mode.
struct BlocksRead {
  ReadOutcome outcome;
  std::shared_ptr<std::vector<std::uint8_t>> data;

  [[nodiscard]] Napi::Object to_js(Napi::Env env) const {
    auto object = Napi::Object::New(env);
    object.Set("kind", enumerator_name(outcome.kind));
    object.Set("data", adopt_buffer(env, data, std::min(outcome.length, data->size())));
    object.Set("result", result_to_js(env, outcome.result));
    return object;
  }
};

BlocksRead read_blocks(TapeDrive& drive, const Count& count, BlockSize size) {
  BlocksRead read;
  constexpr std::size_t largest_read = std::size_t{1} << 28;
  const auto blocks = std::min<std::size_t>(count.value, largest_read / size.bytes);
  read.data = std::make_shared<std::vector<std::uint8_t>>(blocks * size.bytes);
  read.outcome = drive.read_blocks(*read.data, static_cast<std::uint32_t>(size.bytes));
  return read;
}

/// Encryption parameters with a key, which is wiped with the last copy of this.
struct EncryptionSetting {
  std::shared_ptr<scsi::SetDataEncryption> parameters;

  static EncryptionSetting from_js(ArgumentCheck& check, const Napi::Value& value,
                                   const std::string& name) {
    auto parameters = std::make_shared<scsi::SetDataEncryption>();
    const auto object = check.object(value, name.c_str());
    const auto take = [&](const char* property, auto& member) {
      const Napi::Value given = object.Get(property);
      if (!check.ok() || given.IsUndefined()) return;
      member =
          tidemark::from_js<std::decay_t<decltype(member)>>(check, given, name + "." + property);
    };
    take("scope", parameters->scope);
    take("lock", parameters->lock);
    take("clearOnDemount", parameters->clear_on_demount);
    take("encryption", parameters->encryption);
    take("decryption", parameters->decryption);
    take("algorithmIndex", parameters->algorithm_index);
    take("rawDecryptionControl", parameters->raw_decryption_control);
    take("kadFormat", parameters->kad_format);
    take("kad", parameters->kad);
    if (const Napi::Value key = object.Get("key"); check.ok() && !key.IsUndefined()) {
      // Straight into memory that is wiped: no copy of a key may lie about.
      parameters->key = scsi::SecretBytes(check.bytes(key, (name + ".key").c_str()));
    }
    return {std::move(parameters)};
  }
};

void add_status_methods(DeviceMethods<DrivePort>& methods) {
  methods.add("readBlockLimits", &TapeDrive::read_block_limits)
      .add("maximumObjectNumber", &TapeDrive::maximum_object_number)
      .add("modeStatus", &TapeDrive::mode_status)
      .add("setBlockBytes", &TapeDrive::set_block_bytes, {"bytes"})
      .add("compression", &TapeDrive::compression)
      .add("setCompression", &TapeDrive::set_compression, {"on"})
      .add("deviceConfiguration", &TapeDrive::device_configuration)
      .add("deviceConfigurationExtension", &TapeDrive::device_configuration_extension)
      .add("setAppendOnly", &TapeDrive::set_append_only, {"on"})
      .add("setProgrammableEarlyWarning", &TapeDrive::set_programmable_early_warning, {"megabytes"})
      .add("mediumConfiguration", &TapeDrive::medium_configuration)
      .add("partitions", &TapeDrive::partitions)
      .add("setPartitions", &TapeDrive::set_partitions, {"partitions"})
      .add("blockProtection", &TapeDrive::block_protection)
      .add("setBlockProtection", &TapeDrive::set_block_protection, {"on"})
      .add("densities", &TapeDrive::densities, {"currentMedium"})
      .add("mediumTypes", &TapeDrive::medium_types, {"currentMedium"})
      .add("driveStatus", &TapeDrive::drive_status)
      .add("endOfDataValid", &TapeDrive::end_of_data_valid)
      .add("tapeAlerts", &TapeDrive::tape_alerts)
      .add("tapeAlertResponse", &TapeDrive::tape_alert_response)
      .add("position", &TapeDrive::read_position)
      .add("positionForm", &TapeDrive::read_position_form, {"form"})
      .add("encryptionCapabilities", &TapeDrive::encryption_capabilities)
      .add("encryptionStatus", &TapeDrive::encryption_status)
      .add("nextBlockEncryption", &TapeDrive::next_block_encryption)
      .add(
          "setEncryption",
          [](TapeDrive& drive, const EncryptionSetting& setting) {
            return drive.set_encryption(*setting.parameters);
          },
          std::array{"parameters"});
}

void add_motion_methods(DeviceMethods<DrivePort>& methods) {
  using Locate = Result (TapeDrive::*)(const LocateTarget&);
  methods.add("rewind", &TapeDrive::rewind, {"immediate"})
      .add("locate", static_cast<Locate>(&TapeDrive::locate), {"target"})
      .add("space", &TapeDrive::space, {"code", "count"})
      .add("loadUnload", &TapeDrive::load_unload, {"wanted"})
      .add("recommendedAccessOrder", &TapeDrive::recommended_access_order, {"segments"})
      .add("accessOrderLimits", &TapeDrive::access_order_limits)
      .add("erase", &TapeDrive::erase, {"entire", "immediate"})
      .add("formatMedium", &TapeDrive::format_medium, {"wanted"})
      .add("setCapacity", &TapeDrive::set_capacity, {"proportion"})
      .add("allowOverwrite", &TapeDrive::allow_overwrite, {"objectNumber"})
      .add("verify", &TapeDrive::verify, {"bytes"});
}

void add_data_methods(DeviceMethods<DrivePort>& methods) {
  methods
      .add(
          "readBlock",
          [](TapeDrive& drive, const BlockSize& size) { return read_block(drive, size); },
          std::array{"maximumBytes"})
      .add(
          "writeBlock",
          [](TapeDrive& drive, const BlockData& data) {
            return WriteAnswer{drive.write_block(data.bytes)};
          },
          std::array{"data"})
      .add(
          "readBlocks",
          [](TapeDrive& drive, const Count& count, const BlockSize& size) {
            return read_blocks(drive, count, size);
          },
          std::array{"count", "blockBytes"})
      .add(
          "writeBlocks",
          [](TapeDrive& drive, const std::vector<std::uint8_t>& data, const BlockSize& size) {
            return WriteAnswer{drive.write_blocks(data, static_cast<std::uint32_t>(size.bytes))};
          },
          std::array{"data", "blockBytes"})
      .add(
          "writeSamples",
          [](TapeDrive& drive, const SampleKind& kind, std::uint64_t first, const Count& count,
             const BlockSize& size) {
            return SampleAnswer{write_samples(drive, kind.data, first, count.value, size.bytes)};
          },
          std::array{"data", "first", "count", "blockBytes"})
      .add(
          "writeFilemarks",
          [](TapeDrive& drive, std::uint32_t count, bool immediate) {
            return WriteAnswer{drive.write_filemarks(count, immediate)};
          },
          std::array{"count", "immediate"})
      .add(
          "digestBlocks",
          [](TapeDrive& drive, const Count& count, const BlockSize& size) {
            return ScanAnswer{digest_blocks(drive, count.value, size.bytes)};
          },
          std::array{"count", "maximumBytes"})
      .add(
          "digestBytes",
          [](TapeDrive& drive, const Count& skip, std::uint64_t bytes, const BlockSize& size) {
            auto scan =
                digest_bytes(drive, static_cast<std::size_t>(skip.value), bytes, size.bytes);
            return Response<Digest128>{scan.digest, std::move(scan.result)};
          },
          std::array{"skip", "bytes", "maximumBytes"})
      .add(
          "copyTapeFile",
          [](TapeDrive& drive, std::int32_t descriptor, const BlockSize& size) {
            return CopyAnswer{copy_tape_file(drive, descriptor, size.bytes)};
          },
          std::array{"fd", "maximumBytes"});
}

}  // namespace

void add_tape_methods(DeviceMethods<DrivePort>& methods) {
  add_status_methods(methods);
  add_motion_methods(methods);
  add_data_methods(methods);
}

}  // namespace tidemark
