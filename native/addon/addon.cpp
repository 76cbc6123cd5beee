// SPDX-License-Identifier: Apache-2.0
#include <napi.h>

#include "addon/completion.h"
#include "addon/convert.h"
#include "addon/digest.h"
#include "addon/extractor.h"
#include "addon/file_lock.h"
#include "addon/medium_changer.h"
#include "addon/packer.h"
#include "addon/record_sieve.h"
#include "addon/ring.h"
#include "addon/simulated_library.h"
#include "addon/simulated_power.h"
#include "addon/stream_reader.h"
#include "addon/tape_drive.h"
#include "addon/tape_writer.h"

namespace tidemark {
namespace {

Napi::Value count_of_crossings(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(crossings()));
}

/// Runs once for each environment that loads the addon: main thread and workers alike.
Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  CompletionChannel::install(env);
  exports.Set("TapeDrive", TapeDriveObject::define(env));
  exports.Set("MediumChanger", MediumChangerObject::define(env));
  exports.Set("Extractor", ExtractorObject::define(env));
  exports.Set("Ring", RingObject::define(env));
  exports.Set("Packer", PackerObject::define(env));
  exports.Set("TapeWriter", TapeWriterObject::define(env));
  exports.Set("StreamReader", StreamReaderObject::define(env));
  exports.Set("RecordSieve", RecordSieveObject::define(env));
  exports.Set("checkContinued", Napi::Function::New(env, check_continued, "checkContinued"));
  exports.Set("drainRing", Napi::Function::New(env, drain_ring_to_descriptor, "drainRing"));
  exports.Set("createSimulatedLibrary",
              Napi::Function::New(env, create_simulated_library, "createSimulatedLibrary"));
  exports.Set("planSimulatedFaults",
              Napi::Function::New(env, plan_simulated_faults, "planSimulatedFaults"));
  exports.Set("cutSimulatedPower",
              Napi::Function::New(env, cut_simulated_power, "cutSimulatedPower"));
  exports.Set("isSimulatedPowerCut",
              Napi::Function::New(env, is_simulated_power_cut, "isSimulatedPowerCut"));
  exports.Set("restoreSimulatedPower",
              Napi::Function::New(env, restore_simulated_power, "restoreSimulatedPower"));
  exports.Set("simulatedTime", Napi::Function::New(env, simulated_time, "simulatedTime"));
  exports.Set("passSimulatedTime",
              Napi::Function::New(env, pass_simulated_time, "passSimulatedTime"));
  exports.Set("simulatedTrace", Napi::Function::New(env, simulated_trace, "simulatedTrace"));
  exports.Set("lockFile", Napi::Function::New(env, lock_file, "lockFile"));
  exports.Set("xxh3_64", Napi::Function::New(env, digest_xxh3_64, "xxh3_64"));
  exports.Set("xxh3_128", Napi::Function::New(env, digest_xxh3_128, "xxh3_128"));
  exports.Set("crossings", Napi::Function::New(env, count_of_crossings, "crossings"));
  return exports;
}

}  // namespace
}  // namespace tidemark

Napi::Object initialize_addon(Napi::Env env, Napi::Object exports) {
  return tidemark::initialize(env, exports);
}

NODE_API_MODULE(tidemark, initialize_addon)
