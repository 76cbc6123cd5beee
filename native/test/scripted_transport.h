// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "transport/transport.h"

namespace tidemark::test {

/// What a device answers, one after the other, and what it was sent.
struct Script {
  struct Answer {
    Result result;
    std::vector<std::uint8_t> data;
  };
  std::deque<Answer> answers;
  std::vector<std::vector<std::uint8_t>> cdbs;
  std::vector<std::vector<std::uint8_t>> data_out;

  Script& good(std::vector<std::uint8_t> data = {}) {
    Result result;
    result.outcome = Outcome::completed;
    answers.push_back({std::move(result), std::move(data)});
    return *this;
  }
  Script& check(const scsi::Sense& sense) {
    Result result;
    result.outcome = Outcome::completed;
    result.scsi_status = scsi_status::check_condition;
    const auto bytes = scsi::encode_fixed_sense(sense);
    std::copy(bytes.begin(), bytes.end(), result.sense.begin());
    result.sense_length = static_cast<std::uint8_t>(bytes.size());
    answers.push_back({std::move(result), {}});
    return *this;
  }
  Script& check(std::uint8_t key, std::uint8_t asc, std::uint8_t ascq) {
    scsi::Sense sense;
    sense.key = key;
    sense.asc = asc;
    sense.ascq = ascq;
    return check(sense);
  }
};

class ScriptedTransport : public Transport {
 public:
  explicit ScriptedTransport(Script& script) : script_(script) {}

  Result execute(const Command& command) override {
    const auto cdb = command.cdb.view();
    script_.cdbs.emplace_back(cdb.begin(), cdb.end());
    script_.data_out.emplace_back(command.data_out.begin(), command.data_out.end());
    if (script_.answers.empty()) return {};
    auto answer = std::move(script_.answers.front());
    script_.answers.pop_front();
    const auto length = std::min(answer.data.size(), command.data_in.size());
    std::copy_n(answer.data.begin(), length, command.data_in.begin());
    answer.result.command = command.cdb.name;
    answer.result.residual = static_cast<std::int64_t>(command.data_in.size() - length);
    return answer.result;
  }

 private:
  Script& script_;
};

}  // namespace tidemark::test
