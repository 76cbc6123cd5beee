// SPDX-License-Identifier: Apache-2.0
#include "transport/trace_line.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <utility>

#include "transport/json_cursor.h"

namespace tidemark {
namespace {

constexpr std::uint8_t security_protocol_out = 0xB5;
/// In a trace, longer data is counted only, whatever the command.
constexpr std::size_t longest_shown = 65536;

constexpr std::array<const char*, 3> outcome_names{"completed", "notSent", "unknown"};

bool carries_files(std::uint8_t operation) {
  switch (operation) {
    case scsi::operation::read_6:
    case scsi::operation::write_6:
    case 0x0F:  // READ REVERSE(6)
    case 0x81:  // READ REVERSE(16)
    case 0x88:  // READ(16)
    case 0x8A:  // WRITE(16)
      return true;
    default:
      return false;
  }
}

void append_text(std::string& line, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  line += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') line += '\\';
    if (byte >= 0x20) {
      line += c;
    } else {
      line += "\\u00";
      line += digits[byte >> 4];
      line += digits[byte & 15];
    }
  }
  line += '"';
}

void append_field(std::string& line, const char* name) {
  if (line.size() > 1) line += ',';
  append_text(line, name);
  line += ':';
}

void append_number(std::string& line, const char* name, std::int64_t value) {
  if (value == 0) return;
  append_field(line, name);
  line += std::to_string(value);
}

void append_data(std::string& line, const char* name, std::span<const std::uint8_t> bytes,
                 bool shown) {
  if (bytes.empty()) return;
  append_field(line, name);
  if (shown) {
    line += '"' + hexadecimal(bytes) + '"';
  } else {
    line += "{\"bytes\":" + std::to_string(bytes.size()) + "}";
  }
}

/// The bytes of a data-in buffer that the transport says it filled.
std::span<const std::uint8_t> filled(const Command& command, const Result& result) {
  if (result.outcome != Outcome::completed) return {};
  const auto size = static_cast<std::int64_t>(command.data_in.size());
  return command.data_in.first(
      static_cast<std::size_t>(size - std::clamp<std::int64_t>(result.residual, 0, size)));
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// Reads the fields of one line.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : cursor_(text) {}

  TraceLineOutcome read() {
    cursor_.object([this](const std::string& name) { field(name); });
    if (cursor_.ok()) cursor_.end();
    for (const char* name : {"command", "cdb", "outcome"}) {
      if (cursor_.ok() && !seen_.contains(name)) cursor_.fail(std::string(name) + " is missing");
    }
    if (!cursor_.ok()) return {std::nullopt, cursor_.problem()};
    return {std::move(line_), {}};
  }

 private:
  void field(const std::string& name) {
    if (!seen_.insert(name).second) return cursor_.fail(name + " is there twice");
    if (name == "command") {
      line_.command = cursor_.string();
    } else if (name == "cdb") {
      line_.cdb = bytes(16);
      if (cursor_.ok() && line_.cdb.size() < 6) cursor_.fail("a cdb has 6 to 16 bytes");
    } else if (name == "dataOut") {
      line_.data_out = data();
    } else if (name == "dataIn") {
      line_.data_in = data();
    } else if (name == "outcome") {
      outcome();
    } else if (name == "sense") {
      const auto sense = bytes(line_.result.sense.size());
      std::copy(sense.begin(), sense.end(), line_.result.sense.begin());
      line_.result.sense_length = static_cast<std::uint8_t>(sense.size());
    } else if (name == "detail") {
      line_.result.detail = cursor_.string();
    } else {
      number(name);
    }
  }

  void number(const std::string& name) {
    auto& result = line_.result;
    if (name == "scsiStatus") {
      take(result.scsi_status);
    } else if (name == "hostStatus") {
      take(result.host_status);
    } else if (name == "driverStatus") {
      take(result.driver_status);
    } else if (name == "errno") {
      take(result.error_number);
    } else if (name == "residual") {
      take(result.residual);
    } else if (name == "nexus") {
      take(result.nexus);
    } else if (name == "durationUs") {
      take(result.duration_us);
    } else {
      cursor_.fail("unknown field " + name);
    }
  }

  template <typename Integer>
  void take(Integer& target) {
    const auto value = cursor_.integer();
    if (!std::in_range<Integer>(value)) return cursor_.fail("a number out of range");
    target = static_cast<Integer>(value);
  }

  void outcome() {
    const auto name = cursor_.string();
    for (std::size_t i = 0; i < outcome_names.size(); ++i) {
      if (name != outcome_names[i]) continue;
      line_.result.outcome = static_cast<Outcome>(i);
      return;
    }
    cursor_.fail("an outcome is completed, notSent or unknown");
  }

  TracedData data() {
    TracedData traced;
    if (cursor_.at_object()) {
      cursor_.object([&](const std::string& name) {
        if (name != "bytes") return cursor_.fail("unknown field " + name);
        take(traced.length);
      });
    } else {
      traced.bytes = bytes(std::numeric_limits<std::size_t>::max());
      traced.length = traced.bytes->size();
    }
    return traced;
  }

  std::vector<std::uint8_t> bytes(std::size_t maximum) {
    const auto text = cursor_.string();
    std::vector<std::uint8_t> decoded;
    if (text.size() % 2 != 0 || text.size() / 2 > maximum) {
      cursor_.fail("bytes are pairs of hexadecimal digits");
      return decoded;
    }
    decoded.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
      const int high = digit(text[i]);
      const int low = digit(text[i + 1]);
      if (high < 0 || low < 0) {
        cursor_.fail("bytes are pairs of hexadecimal digits");
        return {};
      }
      decoded.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return decoded;
  }

  JsonCursor cursor_;
  TraceLine line_;
  std::set<std::string> seen_;
};

}  // namespace

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  return text;
}

std::string encode_trace_line(const Command& command, const Result& result, TraceData data) {
  const auto operation = command.cdb.bytes[0];
  const auto is_shown = [&](std::size_t bytes) {
    return data == TraceData::all || (!carries_files(operation) && bytes <= longest_shown);
  };
  std::string line = "{";
  append_field(line, "command");
  append_text(line, command.cdb.name);
  append_field(line, "cdb");
  line += '"' + hexadecimal(command.cdb.view()) + '"';
  append_data(line, "dataOut", command.data_out,
              operation != security_protocol_out && is_shown(command.data_out.size()));
  // With a check condition a buffer may hold what was in the kernel's memory before: only a
  // recording, which must give the same again, has it.
  if (data == TraceData::all || result.scsi_status != scsi_status::check_condition) {
    const auto bytes = filled(command, result);
    append_data(line, "dataIn", bytes, is_shown(bytes.size()));
  }
  append_field(line, "outcome");
  append_text(line, outcome_names[static_cast<std::size_t>(result.outcome)]);
  append_number(line, "scsiStatus", result.scsi_status);
  append_number(line, "hostStatus", result.host_status);
  append_number(line, "driverStatus", result.driver_status);
  append_number(line, "errno", result.error_number);
  append_data(line, "sense", std::span(result.sense).first(result.sense_length), true);
  append_number(line, "residual", result.residual);
  append_number(line, "nexus", result.nexus);
  append_number(line, "durationUs", static_cast<std::int64_t>(result.duration_us));
  if (!result.detail.empty()) {
    append_field(line, "detail");
    append_text(line, result.detail);
  }
  return line + "}\n";
}

TraceLineOutcome decode_trace_line(std::string_view text) { return LineReader(text).read(); }

}  // namespace tidemark
