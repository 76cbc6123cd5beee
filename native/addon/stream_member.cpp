// SPDX-License-Identifier: Apache-2.0
#include "addon/stream_member.h"

#include "addon/convert.h"

namespace tidemark {

Napi::Value member_to_js(Napi::Env env, const std::optional<IndexedMember>& member) {
  if (!member) return env.Undefined();
  auto object = Napi::Object::New(env);
  object.Set("path", Napi::Buffer<char>::Copy(env, member->path.data(), member->path.size()));
  object.Set("headerOffset", to_bigint(env, member->header_offset));
  object.Set("dataOffset", to_bigint(env, member->data_offset));
  object.Set("endOffset", to_bigint(env, member->end_offset));
  object.Set("archivedBytes", to_bigint(env, member->archived_bytes));
  if (member->sparse_real_bytes) {
    object.Set("sparseRealBytes", to_bigint(env, *member->sparse_real_bytes));
  }
  if (member->first_data_end_offset) {
    object.Set("firstDataEndOffset", to_bigint(env, *member->first_data_end_offset));
  }
  return object;
}

}  // namespace tidemark
