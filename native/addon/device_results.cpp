// SPDX-License-Identifier: Apache-2.0
#include "addon/device_results.h"

#include "addon/convert.h"

namespace tidemark {

Napi::Object inquiry_to_js(Napi::Env env, const InquiryOutcome& outcome) {
  auto object = with_result(env, outcome.result);
  if (outcome.inquiry) {
    const auto& inquiry = *outcome.inquiry;
    object.Set("deviceType", inquiry.data.device_type);
    object.Set("vendor", inquiry.data.vendor);
    object.Set("product", inquiry.data.product);
    object.Set("revision", inquiry.data.revision);
    object.Set("serialNumber", inquiry.serial_number);
  }
  return object;
}

}  // namespace tidemark
