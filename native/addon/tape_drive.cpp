// SPDX-License-Identifier: Apache-2.0
#include "addon/tape_drive.h"

#include <limits>
#include <utility>
#include <vector>

#include "addon/convert.h"
#include "addon/device_results.h"
#include "stream/block_scan.h"

namespace tidemark {
namespace {

constexpr std::int64_t largest_block = scsi::maximum_transfer_6;
/// Numbers of JavaScript are exact up to here.
constexpr std::int64_t largest_integer = (std::int64_t{1} << 53) - 1;

Napi::Object block_limits_to_js(Napi::Env env, const BlockLimitsOutcome& outcome) {
  auto object = with_result(env, outcome.result);
  if (outcome.limits) {
    object.Set("maximumBytes", outcome.limits->maximum_bytes);
    object.Set("minimumBytes", outcome.limits->minimum_bytes);
    object.Set("granularity", outcome.limits->granularity);
  }
  return object;
}

Napi::Object mode_to_js(Napi::Env env, const ModeOutcome& outcome) {
  auto object = with_result(env, outcome.result);
  if (outcome.status) {
    object.Set("writeProtected", outcome.status->write_protected);
    object.Set("bufferedMode", outcome.status->buffered_mode);
    object.Set("blockBytes", outcome.status->block_bytes);
    object.Set("worm", outcome.status->worm);
  }
  return object;
}

Napi::Object end_of_data_to_js(Napi::Env env, const EndOfDataOutcome& outcome) {
  auto object = with_result(env, outcome.result);
  if (outcome.valid) object.Set("valid", *outcome.valid);
  return object;
}

Napi::Object flags_to_js(Napi::Env env, const FlagsOutcome& outcome) {
  auto object = with_result(env, outcome.result);
  if (outcome.flags) {
    auto flags = Napi::Array::New(env, outcome.flags->size());
    for (std::uint32_t i = 0; i < outcome.flags->size(); ++i) {
      flags.Set(i, Napi::Number::New(env, (*outcome.flags)[i]));
    }
    object.Set("flags", flags);
  }
  return object;
}

Napi::Object attribute_to_js(Napi::Env env, const AttributeOutcome& outcome) {
  auto object = with_result(env, outcome.result);
  if (outcome.value) object.Set("value", to_buffer(env, *outcome.value));
  return object;
}

Napi::Object position_to_js(Napi::Env env, const PositionOutcome& outcome) {
  auto object = with_result(env, outcome.result);
  if (outcome.position) {
    const auto& position = *outcome.position;
    object.Set("known", position.known);
    object.Set("partition", position.partition);
    object.Set("objectNumber", to_bigint(env, position.object_number));
    object.Set("beginningOfPartition", position.beginning_of_partition);
    object.Set("endOfPartition", position.end_of_partition);
    if (position.bytes_in_buffer) {
      object.Set("bytesInBuffer", to_bigint(env, *position.bytes_in_buffer));
    }
  }
  return object;
}

const char* name_of(ReadKind kind) {
  switch (kind) {
    case ReadKind::block:
      return "block";
    case ReadKind::filemark:
      return "filemark";
    case ReadKind::end_of_data:
      return "endOfData";
    case ReadKind::end_of_medium:
      return "endOfMedium";
    case ReadKind::too_long:
      return "tooLong";
    case ReadKind::failed:
      break;
  }
  return "failed";
}

const char* name_of(WriteKind kind) {
  switch (kind) {
    case WriteKind::written:
      return "written";
    case WriteKind::failed:
      return "failed";
    case WriteKind::unknown:
      break;
  }
  return "unknown";
}

/// A read's outcome with the memory that it went to.
struct BlockRead {
  ReadOutcome outcome;
  std::shared_ptr<std::vector<std::uint8_t>> data;
};

Napi::Object read_to_js(Napi::Env env, const BlockRead& read) {
  auto object = Napi::Object::New(env);
  object.Set("kind", name_of(read.outcome.kind));
  if (read.outcome.kind == ReadKind::block) {
    object.Set("data", adopt_buffer(env, read.data, read.outcome.length));
  }
  if (read.outcome.kind == ReadKind::too_long) {
    object.Set("blockBytes", static_cast<double>(read.outcome.length));
  }
  object.Set("result", result_to_js(env, read.outcome.result));
  return object;
}

Napi::Object write_to_js(Napi::Env env, const WriteOutcome& outcome) {
  auto object = Napi::Object::New(env);
  object.Set("kind", name_of(outcome.kind));
  object.Set("accepted", static_cast<double>(outcome.accepted));
  object.Set("earlyWarning", outcome.early_warning);
  object.Set("result", result_to_js(env, outcome.result));
  return object;
}

Napi::Object scan_to_js(Napi::Env env, const BlockScan& scan) {
  auto object = with_result(env, scan.result);
  object.Set("digests", to_buffer(env, scan.digests));
  object.Set("lengths", to_buffer(env, scan.lengths));
  object.Set("stoppedAt", name_of(scan.stopped_at));
  return object;
}

Napi::Object bytes_scan_to_js(Napi::Env env, const ByteScan& scan) {
  auto object = with_result(env, scan.result);
  if (scan.digest) object.Set("digest", to_buffer(env, *scan.digest));
  return object;
}

Napi::Object copy_to_js(Napi::Env env, const TapeFileCopy& copy) {
  auto object = with_result(env, copy.result);
  object.Set("bytes", to_bigint(env, copy.bytes));
  object.Set("blocks", to_bigint(env, copy.blocks));
  object.Set("stoppedAt", name_of(copy.stopped_at));
  if (copy.write_error_number != 0) object.Set("writeErrno", copy.write_error_number);
  return object;
}

}  // namespace

Napi::Function TapeDriveObject::define(Napi::Env env) {
  using Self = TapeDriveObject;
  return DefineClass(env, "TapeDrive",
                     {InstanceMethod<&Self::inquiry>("inquiry"),
                      InstanceMethod<&Self::test_unit_ready>("testUnitReady"),
                      InstanceMethod<&Self::read_block_limits>("readBlockLimits"),
                      InstanceMethod<&Self::mode_status>("modeStatus"),
                      InstanceMethod<&Self::set_variable_blocks>("setVariableBlocks"),
                      InstanceMethod<&Self::end_of_data_valid>("endOfDataValid"),
                      InstanceMethod<&Self::tape_alerts>("tapeAlerts"),
                      InstanceMethod<&Self::read_attribute>("readAttribute"),
                      InstanceMethod<&Self::position>("position"),
                      InstanceMethod<&Self::rewind>("rewind"),
                      InstanceMethod<&Self::locate>("locate"),
                      InstanceMethod<&Self::space_filemarks>("spaceFilemarks"),
                      InstanceMethod<&Self::space_to_end_of_data>("spaceToEndOfData"),
                      InstanceMethod<&Self::load>("load"),
                      InstanceMethod<&Self::unload>("unload"),
                      InstanceMethod<&Self::prevent_removal>("preventRemoval"),
                      InstanceMethod<&Self::allow_overwrite>("allowOverwrite"),
                      InstanceMethod<&Self::read_block>("readBlock"),
                      InstanceMethod<&Self::write_block>("writeBlock"),
                      InstanceMethod<&Self::write_filemarks>("writeFilemarks"),
                      InstanceMethod<&Self::digest_blocks>("digestBlocks"),
                      InstanceMethod<&Self::digest_bytes>("digestBytes"),
                      InstanceMethod<&Self::copy_tape_file>("copyTapeFile"),
                      InstanceMethod<&Self::close>("close")});
}

TapeDriveObject::TapeDriveObject(const Napi::CallbackInfo& info)
    : ObjectWrap(info), device_(info, "TapeDrive") {
  info.This().As<Napi::Object>().TypeTag(&type_tag);
}

Napi::Value TapeDriveObject::inquiry(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.inquiry(); }, inquiry_to_js);
}

Napi::Value TapeDriveObject::test_unit_ready(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.test_unit_ready(); }, result_to_js);
}

Napi::Value TapeDriveObject::read_block_limits(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.read_block_limits(); }, block_limits_to_js);
}

Napi::Value TapeDriveObject::mode_status(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.mode_status(); }, mode_to_js);
}

Napi::Value TapeDriveObject::set_variable_blocks(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.set_variable_blocks(); }, result_to_js);
}

Napi::Value TapeDriveObject::end_of_data_valid(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.end_of_data_valid(); }, end_of_data_to_js);
}

Napi::Value TapeDriveObject::tape_alerts(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.tape_alerts(); }, flags_to_js);
}

Napi::Value TapeDriveObject::read_attribute(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "TapeDrive.readAttribute");
  const auto id = static_cast<std::uint16_t>(check.integer(info[0], "id", 0, 0xFFFF));
  if (!check.ok()) return rejected(info.Env(), check.error());
  return device_.run(
      info, [id](TapeDrive& drive) { return drive.read_attribute(id); }, attribute_to_js);
}

Napi::Value TapeDriveObject::position(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.read_position(); }, position_to_js);
}

Napi::Value TapeDriveObject::rewind(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.rewind(); }, result_to_js);
}

Napi::Value TapeDriveObject::locate(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "TapeDrive.locate");
  const auto number = check.bigint(info[0], "objectNumber");
  if (!check.ok()) return rejected(info.Env(), check.error());
  return device_.run(
      info, [number](TapeDrive& drive) { return drive.locate(number); }, result_to_js);
}

Napi::Value TapeDriveObject::space_filemarks(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "TapeDrive.spaceFilemarks");
  const auto count =
      static_cast<std::int32_t>(check.integer(info[0], "count", -0x7FFFFF, 0x7FFFFF));
  if (!check.ok()) return rejected(info.Env(), check.error());
  return device_.run(
      info, [count](TapeDrive& drive) { return drive.space_filemarks(count); }, result_to_js);
}

Napi::Value TapeDriveObject::space_to_end_of_data(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.space_to_end_of_data(); }, result_to_js);
}

Napi::Value TapeDriveObject::load(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.load(); }, result_to_js);
}

Napi::Value TapeDriveObject::unload(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](TapeDrive& drive) { return drive.unload(); }, result_to_js);
}

Napi::Value TapeDriveObject::prevent_removal(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "TapeDrive.preventRemoval");
  const bool prevent = check.boolean(info[0], "prevent");
  if (!check.ok()) return rejected(info.Env(), check.error());
  return device_.run(
      info, [prevent](TapeDrive& drive) { return drive.prevent_removal(prevent); }, result_to_js);
}

Napi::Value TapeDriveObject::allow_overwrite(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "TapeDrive.allowOverwrite");
  const auto number = check.bigint(info[0], "objectNumber");
  if (!check.ok()) return rejected(info.Env(), check.error());
  return device_.run(
      info, [number](TapeDrive& drive) { return drive.allow_overwrite(number); }, result_to_js);
}

Napi::Value TapeDriveObject::read_block(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "TapeDrive.readBlock");
  const auto bytes =
      static_cast<std::size_t>(check.integer(info[0], "maximumBytes", 1, largest_block));
  if (!check.ok()) return rejected(info.Env(), check.error());
  const auto work = [bytes](TapeDrive& drive) {
    BlockRead read;
    read.data = std::make_shared<std::vector<std::uint8_t>>(bytes);
    read.outcome = drive.read_block(*read.data);
    return read;
  };
  return device_.run(info, work, read_to_js);
}

Napi::Value TapeDriveObject::write_block(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "TapeDrive.writeBlock");
  const auto bytes = check.bytes(info[0], "data");
  if (check.ok() && (bytes.empty() || bytes.size() > scsi::maximum_transfer_6)) {
    check.fail("data", "a Buffer of 1 to " + std::to_string(scsi::maximum_transfer_6) + " bytes");
  }
  if (!check.ok()) return rejected(info.Env(), check.error());
  // A copy: the caller may change its buffer before the command is sent. Bulk data does not come
  // this way.
  const auto data = std::make_shared<std::vector<std::uint8_t>>(bytes.begin(), bytes.end());
  return device_.run(
      info, [data](TapeDrive& drive) { return drive.write_block(*data); }, write_to_js);
}

Napi::Value TapeDriveObject::write_filemarks(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "TapeDrive.writeFilemarks");
  const auto count =
      static_cast<std::uint32_t>(check.integer(info[0], "count", 0, scsi::maximum_transfer_6));
  const bool immediate = check.boolean(info[1], "immediate");
  if (!check.ok()) return rejected(info.Env(), check.error());
  return device_.run(
      info,
      [count, immediate](TapeDrive& drive) { return drive.write_filemarks(count, immediate); },
      write_to_js);
}

Napi::Value TapeDriveObject::digest_blocks(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "TapeDrive.digestBlocks");
  const auto count =
      static_cast<std::uint64_t>(check.integer(info[0], "count", 0, largest_integer));
  const auto bytes =
      static_cast<std::size_t>(check.integer(info[1], "maximumBytes", 1, largest_block));
  if (!check.ok()) return rejected(info.Env(), check.error());
  return device_.run(
      info,
      [count, bytes](TapeDrive& drive) { return tidemark::digest_blocks(drive, count, bytes); },
      scan_to_js);
}

Napi::Value TapeDriveObject::digest_bytes(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "TapeDrive.digestBytes");
  const auto skip = static_cast<std::size_t>(check.integer(info[0], "skip", 0, largest_block));
  const auto count = check.bigint(info[1], "bytes");
  const auto bytes =
      static_cast<std::size_t>(check.integer(info[2], "maximumBytes", 1, largest_block));
  if (!check.ok()) return rejected(info.Env(), check.error());
  return device_.run(
      info,
      [skip, count, bytes](TapeDrive& drive) {
        return tidemark::digest_bytes(drive, skip, count, bytes);
      },
      bytes_scan_to_js);
}

Napi::Value TapeDriveObject::copy_tape_file(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "TapeDrive.copyTapeFile");
  const auto descriptor =
      static_cast<int>(check.integer(info[0], "fd", 0, std::numeric_limits<std::int32_t>::max()));
  const auto bytes =
      static_cast<std::size_t>(check.integer(info[1], "maximumBytes", 1, largest_block));
  if (!check.ok()) return rejected(info.Env(), check.error());
  return device_.run(
      info,
      [descriptor, bytes](TapeDrive& drive) {
        return tidemark::copy_tape_file(drive, descriptor, bytes);
      },
      copy_to_js);
}

Napi::Value TapeDriveObject::close(const Napi::CallbackInfo& info) { return device_.close(info); }

}  // namespace tidemark
