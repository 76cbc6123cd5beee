// SPDX-License-Identifier: Apache-2.0
#include "addon/system_error.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace tidemark {
namespace {

struct Code {
  int number;
  const char* name;
};

/// What opening, making and locking files can end with. Node-API itself has no names for them.
constexpr std::array codes{
    Code{EPERM, "EPERM"},     Code{ENOENT, "ENOENT"},
    Code{EIO, "EIO"},         Code{EBADF, "EBADF"},
    Code{ENOMEM, "ENOMEM"},   Code{EACCES, "EACCES"},
    Code{EEXIST, "EEXIST"},   Code{EXDEV, "EXDEV"},
    Code{ENOTDIR, "ENOTDIR"}, Code{EISDIR, "EISDIR"},
    Code{EINVAL, "EINVAL"},   Code{ENFILE, "ENFILE"},
    Code{EMFILE, "EMFILE"},   Code{EFBIG, "EFBIG"},
    Code{ENOSPC, "ENOSPC"},   Code{EROFS, "EROFS"},
    Code{ELOOP, "ELOOP"},     Code{ENAMETOOLONG, "ENAMETOOLONG"},
    Code{EDQUOT, "EDQUOT"},   Code{ESTALE, "ESTALE"},
    Code{ENOLCK, "ENOLCK"},   Code{EWOULDBLOCK, "EWOULDBLOCK"},
};

}  // namespace

Napi::Error system_error(Napi::Env env, int error_number, const std::string& message) {
  auto error = Napi::Error::New(env, message);
  const auto* const code = std::find_if(
      codes.begin(), codes.end(), [&](const Code& each) { return each.number == error_number; });
  if (code != codes.end()) error.Set("code", Napi::String::New(env, code->name));
  error.Set("errno", Napi::Number::New(env, error_number));
  return error;
}

}  // namespace tidemark
