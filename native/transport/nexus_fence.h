// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "transport/transport.h"

namespace tidemark {

/// Makes a session that was lost and made anew impossible to overlook.
///
/// A target establishes a unit attention for the loss of the I_T nexus (SAM-6 5.14, 6.3.4) - or it
/// does not, or another initiator's question takes it away. The position on the tape, its block
/// length, its reservation and its encryption key may be gone in either case. So the initiator
/// raises the same unit attention itself, 6/29/07: the first command of a new session that does
/// more than ask who is there and whether it is ready ends with it and is not sent.
///
/// Unlike a target's, this unit attention is not taken away by TEST UNIT READY. Those who only look
/// (a status display, a loop that waits for a drive to be ready) send that command, throw unit
/// attentions away, and may share the device with a writer: it is the writer who must be told. For
/// the same reason a unit attention that the target reports itself does not lower the fence: who
/// got it is not known. A caller may therefore see two in a row, which is so with real devices too.
class NexusFence {
 public:
  /// To be told of each login.
  void logged_in();

  /// The answer that takes the place of sending the command, once.
  [[nodiscard]] std::optional<Result> answer(const Command& command);

  /// Number of logins so far.
  [[nodiscard]] std::uint32_t nexus() const { return nexus_; }

 private:
  std::uint32_t nexus_ = 0;
  bool raised_ = false;
};

}  // namespace tidemark
