// SPDX-License-Identifier: Apache-2.0
#include "transport/iscsi_session.h"

#ifdef TIDEMARK_ISCSI

#include <fcntl.h>
#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace tidemark {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t logout_timeout_ms = 5000;
constexpr std::uint32_t no_timeout_ms = 24U * 3600U * 1000U;

/// Flat space addressing for the numbers that peripheral addressing cannot hold (SAM-6 4.8.1).
int encoded_lun(std::uint16_t lun) { return lun < 256 ? lun : 0x4000 | lun; }

/// A write on a connection that was cut raises SIGPIPE in this thread: libiscsi uses writev, which
/// cannot be told not to. Where the thread does not block it already, it is kept off for the time
/// of a call and taken away.
class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;
  ~SigpipeGuard() {
    const timespec at_once{};
    if (!was_pending_) {
      while (sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

struct ContextDeleter {
  void operator()(iscsi_context* context) const { iscsi_destroy_context(context); }
};
using Context = std::unique_ptr<iscsi_context, ContextDeleter>;

struct TaskDeleter {
  void operator()(scsi_task* task) const { scsi_free_scsi_task(task); }
};
using Task = std::unique_ptr<scsi_task, TaskDeleter>;

/// libiscsi's last words, without what the sentence around them says already.
std::string library_error(iscsi_context* context) {
  const char* const text = iscsi_get_error(context);
  std::string error = text == nullptr ? "" : text;
  for (const std::string_view prefix :
       {"iscsi_service: ", "Failed to log in to target. Status: "}) {
    if (error.starts_with(prefix)) error.erase(0, prefix.size());
  }
  while (!error.empty() && (error.back() == '.' || error.back() == '\n')) error.pop_back();
  return error;
}

std::string colon(std::string text) { return text.empty() ? text : ": " + std::move(text); }

/// What a callback of libiscsi leaves behind.
struct Ending {
  explicit Ending(iscsi_context* context) : before(library_error(context)) {}

  bool done = false;
  int status = SCSI_STATUS_ERROR;
  /// What libiscsi said of something else.
  std::string before;
  /// Taken at once: libiscsi goes on to say something else. Empty where it says nothing, as when
  /// the other side has closed the connection.
  std::string error;

  static void set(iscsi_context* context, int status, void*, void* ending) {
    auto* const self = static_cast<Ending*>(ending);
    self->done = true;
    self->status = status;
    if (status == SCSI_STATUS_GOOD) return;
    self->error = library_error(context);
    if (self->error == self->before) self->error.clear();
  }
};

enum class Served : std::uint8_t { done, lost, timed_out };

/// Runs the context until the callback has come. The deadline is monotonic: libiscsi's own timeout
/// counts whole seconds of the wall clock and would fire when somebody sets it.
/// `may_have_sent` becomes true with the first moment in which libiscsi could write.
Served serve(iscsi_context* context, const Ending& ending, Clock::time_point deadline,
             bool& may_have_sent) {
  while (!ending.done) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return Served::timed_out;
    pollfd waited{iscsi_get_fd(context), static_cast<short>(iscsi_which_events(context)), 0};
    if (waited.fd < 0) return Served::lost;
    const int ready = ::poll(&waited, 1, static_cast<int>(std::min<long>(left, 1L << 30)));
    if (ready < 0 && errno != EINTR) return Served::lost;
    if (ready <= 0) continue;
    // What came in first: a connection that was closed before anything was sent shows itself here.
    const int incoming = waited.revents & ~POLLOUT;
    if (incoming != 0 && iscsi_service(context, incoming) != 0) return Served::lost;
    if (ending.done || (waited.revents & POLLOUT) == 0) continue;
    may_have_sent = true;
    if (iscsi_service(context, POLLOUT) != 0) return Served::lost;
  }
  return Served::done;
}

Clock::time_point deadline_in(std::uint32_t timeout_ms) {
  return Clock::now() + std::chrono::milliseconds(timeout_ms == 0 ? no_timeout_ms : timeout_ms);
}

int transfer_direction(Direction direction) {
  switch (direction) {
    case Direction::to_device:
      return SCSI_XFER_WRITE;
    case Direction::from_device:
      return SCSI_XFER_READ;
    case Direction::none:
      break;
  }
  return SCSI_XFER_NONE;
}

/// The data segment of a SCSI Response PDU: two bytes of length, then the sense data (RFC 7143
/// 11.4.7). libiscsi decodes neither INFORMATION nor the stream bits.
void take_sense(const scsi_task& task, Result& result) {
  const scsi::Bytes segment(task.datain.data,
                            static_cast<std::size_t>(std::max(task.datain.size, 0)));
  if (segment.size() < 2) return;
  const auto sense = segment.subspan(2);
  const auto length = std::min(
      {sense.size(), static_cast<std::size_t>(scsi::load_be16(segment, 0)), result.sense.size()});
  std::copy_n(sense.begin(), length, result.sense.begin());
  result.sense_length = static_cast<std::uint8_t>(length);
}

void take_answer(const scsi_task& task, int status, Result& result) {
  result.outcome = Outcome::completed;
  result.scsi_status = static_cast<std::uint8_t>(status);
  if (task.residual_status == SCSI_RESIDUAL_UNDERFLOW) {
    result.residual = static_cast<std::int64_t>(task.residual);
  } else if (task.residual_status == SCSI_RESIDUAL_OVERFLOW) {
    result.residual = -static_cast<std::int64_t>(task.residual);
  }
  if (status == SCSI_STATUS_CHECK_CONDITION) take_sense(task, result);
}

class LibiscsiSession : public IscsiSession {
 public:
  LibiscsiSession(Context context, int lun, std::string portal)
      : context_(std::move(context)), lun_(lun), portal_(std::move(portal)) {}

  bool attend() override;
  Result execute(const Command& command) override;
  void log_out() override;
  [[nodiscard]] bool is_lost() const override { return context_ == nullptr; }

 private:
  /// Cuts the connection. The callbacks of what was pending run in it.
  void drop() { context_.reset(); }

  Context context_;
  int lun_;
  std::string portal_;
};

bool LibiscsiSession::attend() {
  if (is_lost()) return false;
  const SigpipeGuard guard;
  // As many rounds as a burst of messages may need; the end of the connection takes two.
  for (int round = 0; round < 64; ++round) {
    const auto wanted = static_cast<short>(iscsi_which_events(context_.get()));
    pollfd waited{iscsi_get_fd(context_.get()), wanted, 0};
    if (waited.fd < 0) break;
    const int ready = ::poll(&waited, 1, 0);
    if (ready == 0 || (ready < 0 && errno == EINTR)) return true;
    if (ready < 0 || iscsi_service(context_.get(), waited.revents) != 0) break;
  }
  drop();
  return false;
}

Result LibiscsiSession::execute(const Command& command) {
  Result result;
  result.command = command.cdb.name;
  const SigpipeGuard guard;
  auto bytes = command.cdb.bytes;
  const auto length = std::max(command.data_in.size(), command.data_out.size());
  Task task(scsi_create_task(command.cdb.length, bytes.data(),
                             transfer_direction(command.cdb.direction), static_cast<int>(length)));
  if (!task) {
    result.error_number = ENOMEM;
    result.detail = "no memory for the command";
    return result;
  }
  // Sent from, and received into, the caller's memory.
  scsi_iovec out{const_cast<std::uint8_t*>(command.data_out.data()), command.data_out.size()};
  scsi_iovec in{command.data_in.data(), command.data_in.size()};
  if (out.iov_len > 0) scsi_task_set_iov_out(task.get(), &out, 1);
  if (in.iov_len > 0) scsi_task_set_iov_in(task.get(), &in, 1);

  Ending ending(context_.get());
  if (iscsi_scsi_command_async(context_.get(), lun_, task.get(), &Ending::set, nullptr, &ending) !=
      0) {
    result.detail =
        "the command could not be queued to " + portal_ + colon(library_error(context_.get()));
    drop();
    return result;
  }
  bool may_have_sent = false;
  const auto served = serve(context_.get(), ending, deadline_in(command.timeout_ms), may_have_sent);
  // Statuses of libiscsi's own, for tasks that have no answer, are above all those of SCSI.
  if (served == Served::done && ending.status >= 0 && ending.status <= 0xFF) {
    take_answer(*task, ending.status, result);
    return result;
  }
  result.outcome = may_have_sent ? Outcome::unknown : Outcome::not_sent;
  result.residual = static_cast<std::int64_t>(length);
  if (served == Served::timed_out) {
    result.error_number = ETIMEDOUT;
    result.detail = "no answer from " + portal_ + " within " + std::to_string(command.timeout_ms) +
                    " ms; the session was dropped";
  } else {
    result.error_number = ECONNRESET;
    result.detail = "the session with " + portal_ + " was lost" + colon(ending.error);
  }
  drop();  // before the task goes: what is pending is cancelled in it
  return result;
}

void LibiscsiSession::log_out() {
  if (is_lost()) return;
  const SigpipeGuard guard;
  Ending ending(context_.get());
  bool may_have_sent = false;
  if (iscsi_logout_async(context_.get(), &Ending::set, &ending) == 0) {
    serve(context_.get(), ending, deadline_in(logout_timeout_ms), may_have_sent);
  }
  drop();
}

IscsiLogin failed(int error_number, std::string detail) {
  return {nullptr, error_number, std::move(detail)};
}

void set_up(iscsi_context* context, const IscsiAddress& address, std::uint32_t initiator_session) {
  // Before everything else: with it, libiscsi would send unanswered commands again.
  iscsi_set_noautoreconnect(context, 1);
  iscsi_set_session_type(context, ISCSI_SESSION_NORMAL);
  iscsi_set_targetname(context, address.target.c_str());
  iscsi_set_isid_random(context, initiator_session, 0);
  if (address.credentials) {
    iscsi_set_initiator_username_pwd(context, address.credentials->user.c_str(),
                                     address.credentials->password.c_str());
  }
  if (address.target_credentials) {
    iscsi_set_target_username_pwd(context, address.target_credentials->user.c_str(),
                                  address.target_credentials->password.c_str());
  }
}

/// Why a step of the login ended without success; nothing where it succeeded. `error_number` is
/// for failures that have none of their own.
std::optional<IscsiLogin> step_failure(iscsi_context* context, Served served, const Ending& ending,
                                       int error_number, const std::string& attempt) {
  if (served == Served::timed_out) return failed(ETIMEDOUT, attempt + ": no answer in time");
  if (served == Served::done && ending.status == SCSI_STATUS_GOOD) return std::nullopt;
  if (ending.status == SCSI_STATUS_REDIRECT) {
    return failed(error_number, attempt + ": it refers to " + iscsi_get_target_address(context) +
                                    ", which is the address to use");
  }
  return failed(
      error_number,
      attempt + ": " + (ending.error.empty() ? "the connection was closed" : ending.error));
}

}  // namespace

IscsiLogin log_in_through_libiscsi(const IscsiAddress& address, std::uint32_t initiator_session,
                                   std::uint32_t timeout_ms) {
  const SigpipeGuard guard;
  Context context(iscsi_create_context(address.initiator_name.c_str()));
  if (!context) return failed(ENOMEM, "no memory for an iSCSI session");
  set_up(context.get(), address, initiator_session);
  const auto deadline = deadline_in(timeout_ms);
  bool may_have_sent = false;

  // Not iscsi_full_connect: it sends TEST UNIT READY and swallows the unit attentions.
  const std::string reaching = "cannot reach " + address.portal;
  Ending connected(context.get());
  if (iscsi_connect_async(context.get(), address.portal.c_str(), &Ending::set, &connected) != 0) {
    return failed(EHOSTUNREACH, reaching + colon(library_error(context.get())));
  }
  // The descriptor must not live on in programs that this process starts.
  ::fcntl(iscsi_get_fd(context.get()), F_SETFD, FD_CLOEXEC);
  auto served = serve(context.get(), connected, deadline, may_have_sent);
  if (auto failure = step_failure(context.get(), served, connected, ECONNREFUSED, reaching)) {
    return std::move(*failure);
  }
  const std::string logging_in = "cannot log in to " + address.text();
  Ending logged_in(context.get());
  if (iscsi_login_async(context.get(), &Ending::set, &logged_in) != 0) {
    return failed(EACCES, logging_in + colon(library_error(context.get())));
  }
  served = serve(context.get(), logged_in, deadline, may_have_sent);
  if (auto failure = step_failure(context.get(), served, logged_in, EACCES, logging_in)) {
    return std::move(*failure);
  }
  IscsiLogin login;
  login.session = std::make_unique<LibiscsiSession>(std::move(context), encoded_lun(address.lun),
                                                    address.portal);
  return login;
}

}  // namespace tidemark

#else

#include <cerrno>

namespace tidemark {

IscsiLogin log_in_through_libiscsi(const IscsiAddress&, std::uint32_t, std::uint32_t) {
  return {nullptr, ENOSYS,
          "this build has no iSCSI support: install libiscsi-dev and build the addon again"};
}

}  // namespace tidemark

#endif
