// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

#include "transport/iscsi_address.h"
#include "transport/iscsi_session.h"
#include "transport/nexus_fence.h"
#include "transport/transport.h"

namespace tidemark {

/// The way to a logical unit of an iSCSI target. It logs in with the first command, and anew with
/// the next one after a session was lost; what a lost session means stands in NexusFence.
///
/// A timeout drops the session. No task management function is ever sent: it would say nothing
/// about whether the command was executed, and LUN RESET wedges libiscsi 1.19.
class IscsiTransport : public Transport {
 public:
  /// Targets ask whether the initiator lives (NOP-In) and drop a session that does not answer: one
  /// that idles is attended to so often. Each question should get its answer before the next one
  /// comes: tgt 1.0.85 drops a session that answers two at once.
  static constexpr std::chrono::milliseconds usual_attention{1000};

  explicit IscsiTransport(IscsiAddress address, IscsiConnector connector = log_in_through_libiscsi,
                          std::chrono::milliseconds attention = usual_attention);
  ~IscsiTransport() override;

  Result execute(const Command& command) override;
  /// Logs out.
  void close() override;

 private:
  class Attendant;
  /// False, and the reason in `result`, where there is no session.
  bool reach_session(const Command& command, Result& result);

  IscsiAddress address_;
  IscsiConnector connector_;
  std::uint32_t initiator_session_;
  NexusFence fence_;
  /// A session is used by one thread at a time: this transport's, or the attendant.
  std::mutex mutex_;
  std::unique_ptr<IscsiSession> session_;
  std::unique_ptr<Attendant> attendant_;
  std::chrono::milliseconds attention_;
};

}  // namespace tidemark
