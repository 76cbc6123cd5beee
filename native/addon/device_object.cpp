// SPDX-License-Identifier: Apache-2.0
#include "addon/device_object.h"

#include "transport/simulated.h"

namespace tidemark {

std::unique_ptr<Transport> open_transport(const Napi::Value& address, ArgumentCheck& check,
                                          std::string& name) {
  const auto object = check.object(address, "address");
  if (!check.ok()) return nullptr;
  const auto kind = check.string(object.Get("kind"), "address.kind");
  if (check.ok() && kind != "simulated") check.fail("address.kind", "\"simulated\"");
  auto folder = check.string(object.Get("folder"), "address.folder");
  auto unit = check.string(object.Get("unit"), "address.unit");
  if (check.ok() && folder.empty()) check.fail("address.folder", "the path of a folder");
  if (check.ok() && !SimulatedTransport::is_unit(unit)) {
    check.fail("address.unit", "\"changer\", or \"drive-\" and a number");
  }
  if (!check.ok()) return nullptr;
  name = unit;
  return std::make_unique<SimulatedTransport>(std::move(folder), std::move(unit));
}

}  // namespace tidemark
