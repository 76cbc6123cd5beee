// SPDX-License-Identifier: Apache-2.0
#include "transport/iscsi.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <future>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace tidemark;

namespace {

/// What the sessions of one transport see, across logins.
struct Network {
  std::vector<std::string> sent;
  std::set<std::uint32_t> initiator_sessions;
  int logins = 0;
  int logouts = 0;
  bool reachable = true;
  /// The session is gone before the next command; found when it is attended to.
  bool cut_while_idle = false;
  /// The session goes with the next command, whose outcome is this.
  std::optional<Outcome> cut_during_command;
  std::promise<void>* attended = nullptr;
};

class FakeSession : public IscsiSession {
 public:
  explicit FakeSession(Network& network) : network_(network) {}

  bool attend() override {
    if (network_.attended != nullptr) {
      network_.attended->set_value();
      network_.attended = nullptr;
    }
    lost_ = lost_ || std::exchange(network_.cut_while_idle, false);
    return !lost_;
  }
  Result execute(const Command& command) override {
    network_.sent.emplace_back(command.cdb.name);
    Result result;
    result.command = command.cdb.name;
    result.outcome = Outcome::completed;
    if (network_.cut_during_command) {
      result.outcome = *std::exchange(network_.cut_during_command, std::nullopt);
      lost_ = true;
    }
    return result;
  }
  void log_out() override { ++network_.logouts; }
  [[nodiscard]] bool is_lost() const override { return lost_; }

 private:
  Network& network_;
  bool lost_ = false;
};

IscsiConnector connector(Network& network) {
  return [&network](const IscsiAddress& address, std::uint32_t initiator_session, std::uint32_t) {
    IscsiLogin login;
    if (!network.reachable) {
      login.error_number = ECONNREFUSED;
      login.detail = "cannot reach " + address.portal;
      return login;
    }
    ++network.logins;
    network.initiator_sessions.insert(initiator_session);
    login.session = std::make_unique<FakeSession>(network);
    return login;
  };
}

IscsiAddress address() {
  IscsiAddress made;
  made.portal = "h:3260";
  made.target = "iqn.x";
  return made;
}

Result run(IscsiTransport& transport, const scsi::Cdb& cdb) {
  return transport.execute({.cdb = cdb, .timeout_ms = 1000});
}

bool is_nexus_loss(const Result& result) {
  const auto sense = result.decoded_sense();
  return result.outcome == Outcome::completed &&
         result.scsi_status == scsi_status::check_condition && sense && sense->is(6, 0x29, 0x07);
}

}  // namespace

TEST_CASE("the first login loses nothing") {
  Network network;
  IscsiTransport transport(address(), connector(network));
  const auto result = run(transport, scsi::rewind());
  CHECK(result.outcome == Outcome::completed);
  CHECK(result.scsi_status == scsi_status::good);
  CHECK(result.nexus == 1);
  CHECK(network.logins == 1);
}

TEST_CASE("T6: after a lost session the first command that does more than look is not sent") {
  Network network;
  IscsiTransport transport(address(), connector(network));
  run(transport, scsi::rewind());
  network.cut_during_command = Outcome::unknown;
  const auto lost = run(transport, scsi::write_6(512));
  CHECK(lost.outcome == Outcome::unknown);
  CHECK(lost.nexus == 1);
  // Those who only look neither meet the unit attention nor take it away.
  for (const auto& cdb : {scsi::inquiry(96), scsi::test_unit_ready(), scsi::test_unit_ready(),
                          scsi::request_sense(false, 252)}) {
    const auto result = run(transport, cdb);
    CHECK(result.scsi_status == scsi_status::good);
    CHECK(result.nexus == 2);
  }
  const auto sent = network.sent.size();
  const auto fenced = run(transport, scsi::write_6(512));
  CHECK(is_nexus_loss(fenced));
  CHECK(fenced.nexus == 2);
  CHECK(std::string(fenced.command) == "WRITE(6)");
  CHECK(network.sent.size() == sent);
  CHECK(run(transport, scsi::write_6(512)).scsi_status == scsi_status::good);
  CHECK(network.logins == 2);
  CHECK(network.initiator_sessions.size() == 1);
}

TEST_CASE("T6: a session that was lost between two commands shows itself before the second") {
  Network network;
  IscsiTransport transport(address(), connector(network));
  run(transport, scsi::rewind());
  network.cut_while_idle = true;
  CHECK(is_nexus_loss(run(transport, scsi::write_6(512))));
  CHECK(network.sent == std::vector<std::string>{"REWIND"});
}

TEST_CASE("closing logs out, destroying only cuts; a session of its own end raises the fence too") {
  Network network;
  {
    IscsiTransport transport(address(), connector(network));
    run(transport, scsi::rewind());
    transport.close();
    CHECK(network.logouts == 1);
    CHECK(is_nexus_loss(run(transport, scsi::rewind())));
  }
  CHECK(network.logins == 2);
  CHECK(network.logouts == 1);
}

TEST_CASE("a second loss raises the fence again") {
  Network network;
  IscsiTransport transport(address(), connector(network));
  run(transport, scsi::rewind());
  for (int i = 0; i < 2; ++i) {
    network.cut_while_idle = true;
    CHECK(is_nexus_loss(run(transport, scsi::read_position(scsi::PositionForm::long_form))));
    CHECK(run(transport, scsi::rewind()).scsi_status == scsi_status::good);
  }
}

TEST_CASE("a target that cannot be reached means not sent, with the reason; it may come back") {
  Network network;
  network.reachable = false;
  IscsiTransport transport(address(), connector(network));
  const auto refused = run(transport, scsi::test_unit_ready());
  CHECK(refused.outcome == Outcome::not_sent);
  CHECK(refused.error_number == ECONNREFUSED);
  CHECK(refused.detail == "cannot reach h:3260");
  network.reachable = true;
  CHECK(run(transport, scsi::rewind()).scsi_status == scsi_status::good);
}

TEST_CASE("a session that idles is attended to, and its loss is noticed there") {
  Network network;
  std::promise<void> attended;
  IscsiTransport transport(address(), connector(network), std::chrono::milliseconds(1));
  // Set before the attendant begins, which is when the first command has logged in.
  network.cut_while_idle = true;
  network.attended = &attended;
  run(transport, scsi::rewind());
  attended.get_future().wait();
  CHECK(is_nexus_loss(run(transport, scsi::rewind())));
}
