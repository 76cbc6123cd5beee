// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "transport/iscsi_address.h"
#include "transport/transport.h"

namespace tidemark {

/// One login to a target, from its beginning to its loss. It is never mended: a library that mends
/// sessions sends the unanswered commands again, and a tape has them twice.
class IscsiSession {
 public:
  IscsiSession() = default;
  IscsiSession(const IscsiSession&) = delete;
  IscsiSession& operator=(const IscsiSession&) = delete;
  virtual ~IscsiSession() = default;

  /// Answers what the target sent of its own accord (NOP-In, RFC 7143 11.19). False: it is lost.
  virtual bool attend() = 0;
  /// `not_sent` only where no byte of the command can have left.
  virtual Result execute(const Command& command) = 0;
  /// Ends the session in good order, within a few seconds. Destroying one only cuts it.
  virtual void log_out() = 0;
  /// Nothing but destroying it makes sense any more.
  [[nodiscard]] virtual bool is_lost() const = 0;
};

struct IscsiLogin {
  /// Null where it failed.
  std::unique_ptr<IscsiSession> session;
  int error_number = 0;
  /// Why it failed; without credentials.
  std::string detail;
};

/// Logs in to a target. `initiator_session` (the random part of the ISID) must be the same for all
/// logins of one transport: then the target ends the old session, and the commands in it, before
/// the new one begins (session reinstatement, RFC 7143 6.3.5).
using IscsiConnector = std::function<IscsiLogin(
    const IscsiAddress& address, std::uint32_t initiator_session, std::uint32_t timeout_ms)>;

/// The connector over libiscsi. In a build without it, it says so.
[[nodiscard]] IscsiLogin log_in_through_libiscsi(const IscsiAddress& address,
                                                 std::uint32_t initiator_session,
                                                 std::uint32_t timeout_ms);

}  // namespace tidemark
