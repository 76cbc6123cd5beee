// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "changer_parsers.h"
#include "mode_parsers.h"
#include "primary_parsers.h"
#include "tape_parsers.h"

/// Answers that no device should give, and what the decoders make of them, are in the folder
/// bad_answers: one file a parser, one case a line. README.md there tells their form.
namespace {

using namespace tidemark::scsi;

struct Case {
  std::string name;
  std::string bytes;
  std::string expected;
};

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<Case> read_cases(const std::filesystem::path& path) {
  std::vector<Case> cases;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto first = line.find('|');
    const auto second = line.find('|', first + 1);
    REQUIRE_MESSAGE(second != std::string::npos, path.string(), ": ", line);
    cases.push_back({trimmed(line.substr(0, first)),
                     trimmed(line.substr(first + 1, second - first - 1)),
                     trimmed(line.substr(second + 1))});
  }
  return cases;
}

/// Hexadecimal digits; `00*24` is a byte 24 times.
std::vector<std::uint8_t> bytes_of(const std::string& text) {
  std::vector<std::uint8_t> bytes;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto star = word.find('*');
    const auto digits = word.substr(0, star);
    const auto times = star == std::string::npos ? 1 : std::stoul(word.substr(star + 1));
    for (unsigned long i = 0; i < times; ++i) {
      for (std::size_t at = 0; at + 2 <= digits.size(); at += 2) {
        const auto byte = std::strtoul(digits.substr(at, 2).c_str(), nullptr, 16);
        bytes.push_back(static_cast<std::uint8_t>(byte));
      }
    }
  }
  return bytes;
}

std::vector<Parser> all_parsers() {
  std::vector<Parser> parsers;
  const auto add = [&](std::span<const Parser> some) {
    parsers.insert(parsers.end(), some.begin(), some.end());
  };
  add(sense_parsers);
  add(inquiry_parsers);
  add(log_parsers);
  add(attribute_parsers);
  add(reservation_parsers);
  add(operation_parsers);
  add(logical_unit_parsers);
  add(mode_parsers);
  add(position_parsers);
  add(density_parsers);
  add(encryption_parsers);
  add(access_order_parsers);
  add(element_status_parsers);
  return parsers;
}

const std::filesystem::path folder = TIDEMARK_TEST_FOLDER "/bad_answers";

}  // namespace

TEST_CASE("every bad answer is decoded as its case says") {
  for (const auto& parser : all_parsers()) {
    const auto cases = read_cases(folder / (std::string(parser.name) + ".txt"));
    CHECK_MESSAGE(cases.size() >= 8, parser.name);
    for (const auto& each : cases) {
      CAPTURE(parser.name);
      CAPTURE(each.name);
      const auto bytes = bytes_of(each.bytes);
      // An exact heap allocation: the address sanitizer sees a read of one byte too many.
      const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
      std::copy(bytes.begin(), bytes.end(), exact.get());
      const Bytes answer(exact.get(), bytes.size());
      CHECK(parser.text(answer) == each.expected);
      CHECK(parser.round_trips(answer));
    }
  }
}

TEST_CASE("there are at least 500 bad answers, each of a parser, and none twice") {
  std::set<std::string> names;
  for (const auto& parser : all_parsers()) names.insert(std::string(parser.name));
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    CHECK_MESSAGE(names.count(entry.path().stem().string()) == 1, entry.path().string());
    std::set<std::string> seen;
    for (const auto& each : read_cases(entry.path())) {
      CHECK_MESSAGE(seen.insert(each.name).second, entry.path().string(), ": ", each.name);
      ++count;
    }
  }
  CHECK(count >= 500);
}
