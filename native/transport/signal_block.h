// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace tidemark {

/// Blocks all signals in this thread while it lives.
///
/// A handled signal during SG_IO makes the kernel send the command again (SA_RESTART) or give up
/// waiting for one that is executed (EINTR): a WRITE is on the tape twice, or its outcome is
/// unknown. The thread of a device blocks all signals already; a transport that is used from
/// another one, as in a test, must not depend on that.
class SignalBlock {
 public:
  SignalBlock() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalBlock(const SignalBlock&) = delete;
  SignalBlock& operator=(const SignalBlock&) = delete;
  ~SignalBlock() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace tidemark
