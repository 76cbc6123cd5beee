// SPDX-License-Identifier: Apache-2.0
#include "stream/problem.h"

#include <system_error>

namespace tidemark {

std::string errno_problem(std::string_view what, int error_number) {
  return "cannot " + std::string(what) + ": " + std::generic_category().message(error_number);
}

}  // namespace tidemark
