// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "addon/device_fields.h"
#include "addon/tape_drive.h"
#include "stream/block_scan.h"

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

}  // namespace

void add_tape_methods(DeviceMethods<DrivePort>& methods) {
  methods.add("readBlockLimits", &TapeDrive::read_block_limits)
      .add("modeStatus", &TapeDrive::mode_status)
      .add("setVariableBlocks", &TapeDrive::set_variable_blocks)
      .add("endOfDataValid", &TapeDrive::end_of_data_valid)
      .add("tapeAlerts", &TapeDrive::tape_alerts)
      .add("readAttribute", &TapeDrive::read_attribute, {"id"})
      .add("position", &TapeDrive::read_position)
      .add("rewind", &TapeDrive::rewind)
      .add("locate", &TapeDrive::locate, {"objectNumber"})
      .add("spaceFilemarks", &TapeDrive::space_filemarks, {"count"})
      .add("spaceToEndOfData", &TapeDrive::space_to_end_of_data)
      .add("load", &TapeDrive::load)
      .add("unload", &TapeDrive::unload)
      .add("preventRemoval", &TapeDrive::prevent_removal, {"prevent"})
      .add("allowOverwrite", &TapeDrive::allow_overwrite, {"objectNumber"});
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
            return Response<std::decay_t<decltype(*scan.digest)>>{scan.digest,
                                                                  std::move(scan.result)};
          },
          std::array{"skip", "bytes", "maximumBytes"})
      .add(
          "copyTapeFile",
          [](TapeDrive& drive, std::int32_t descriptor, const BlockSize& size) {
            return CopyAnswer{copy_tape_file(drive, descriptor, size.bytes)};
          },
          std::array{"fd", "maximumBytes"});
}

}  // namespace tidemark
