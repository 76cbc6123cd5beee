// SPDX-License-Identifier: Apache-2.0
#include "device/classify.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

using namespace tidemark;

namespace {

constexpr std::uint32_t block = 524288;

Result status(std::uint8_t scsi_status) {
  Result result;
  result.outcome = Outcome::completed;
  result.scsi_status = scsi_status;
  return result;
}

Result check(const scsi::Sense& sense) {
  auto result = status(scsi_status::check_condition);
  const auto bytes = scsi::encode_fixed_sense(sense);
  std::copy(bytes.begin(), bytes.end(), result.sense.begin());
  result.sense_length = static_cast<std::uint8_t>(bytes.size());
  return result;
}

scsi::Sense sense(std::uint8_t key, std::uint8_t asc = 0, std::uint8_t ascq = 0,
                  std::optional<std::int64_t> information = std::nullopt) {
  scsi::Sense made;
  made.key = key;
  made.asc = asc;
  made.ascq = ascq;
  made.information = information;
  return made;
}

scsi::Sense end_of_medium(scsi::Sense made) {
  made.end_of_medium = true;
  return made;
}

scsi::Sense deferred(scsi::Sense made) {
  made.deferred = true;
  return made;
}

WriteOutcome write(Result result) { return classify_write(std::move(result), block); }

}  // namespace

TEST_CASE("WRITE: done means accepted") {
  CHECK(write(status(scsi_status::good)).kind == WriteKind::written);
  CHECK(write(status(scsi_status::good)).accepted == block);
  CHECK(write(check(sense(1, 0x0C, 0x00))).kind == WriteKind::written);
  CHECK(write(check(sense(0, 0x00, 0x17))).accepted == block);
}

TEST_CASE("W1: early warning is judged by the bit, and the command is done") {
  for (const auto& made : {sense(0, 0x00, 0x02), sense(0, 0x00, 0x00), sense(1, 0x00, 0x02),
                           sense(0, 0x00, 0x02, 0)}) {
    const auto outcome = write(check(end_of_medium(made)));
    CHECK(outcome.kind == WriteKind::written);
    CHECK(outcome.accepted == block);
    CHECK(outcome.early_warning);
    CHECK_FALSE(outcome.programmable_early_warning);
  }
}

TEST_CASE("W2: programmable early warning is something else") {
  const auto outcome = write(check(end_of_medium(sense(0, 0x00, 0x07))));
  CHECK(outcome.kind == WriteKind::written);
  CHECK(outcome.programmable_early_warning);
  CHECK_FALSE(outcome.early_warning);
}

TEST_CASE("a residue at early warning is subtracted, and the block is not written") {
  const auto outcome = write(check(end_of_medium(sense(0, 0x00, 0x02, block))));
  CHECK(outcome.kind == WriteKind::failed);
  CHECK(outcome.accepted == 0);
  CHECK(outcome.early_warning);
}

TEST_CASE("W3: volume overflow accepts nothing, whatever the residue says") {
  const auto outcome = write(check(end_of_medium(sense(0xD, 0x00, 0x02, 0))));
  CHECK(outcome.kind == WriteKind::failed);
  CHECK(outcome.accepted == 0);
}

TEST_CASE("W4: a deferred error means that this command was not executed") {
  for (const std::uint8_t key : {0x0, 0x1, 0x3, 0xB}) {
    const auto outcome = write(check(deferred(sense(key, 0x0C, 0x00))));
    CHECK(outcome.kind == WriteKind::failed);
    CHECK(outcome.accepted == 0);
  }
}

TEST_CASE("W5, W6, W7: errors that belong to the command accept nothing") {
  for (const std::uint8_t key : {0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8}) {
    const auto outcome = write(check(sense(key, 0x0C, 0x00)));
    CHECK(outcome.kind == WriteKind::failed);
    CHECK(outcome.accepted == 0);
  }
}

TEST_CASE("T2, T4: what may have been executed is unknown") {
  auto lost = status(scsi_status::good);
  lost.outcome = Outcome::unknown;
  CHECK(write(lost).kind == WriteKind::unknown);
  auto timeout = status(scsi_status::good);
  timeout.host_status = 3;  // judged before the SCSI status, which is GOOD here
  CHECK(write(timeout).kind == WriteKind::unknown);
  auto driver = status(scsi_status::good);
  driver.driver_status = 6;
  CHECK(write(driver).kind == WriteKind::unknown);
  auto short_write = status(scsi_status::good);
  short_write.residual = 512;
  CHECK(write(short_write).kind == WriteKind::unknown);
  CHECK(write(check(sense(0xB, 0x4B, 0x00))).kind == WriteKind::unknown);
  CHECK(write(status(scsi_status::task_aborted)).kind == WriteKind::unknown);
  CHECK(write(status(scsi_status::check_condition)).kind == WriteKind::unknown);  // no sense data
}

TEST_CASE("the kernel's note that there is sense data is no fault") {
  auto result = check(end_of_medium(sense(0, 0x00, 0x02)));
  result.driver_status = 8;
  CHECK(write(result).kind == WriteKind::written);
  CHECK(succeeded(result));
}

TEST_CASE("what was not sent, or was refused, was not executed") {
  CHECK(write(Result{}).kind == WriteKind::failed);
  CHECK(write(status(scsi_status::busy)).kind == WriteKind::failed);
  CHECK(write(status(scsi_status::reservation_conflict)).kind == WriteKind::failed);
  CHECK(write(status(scsi_status::task_set_full)).kind == WriteKind::failed);
}

TEST_CASE("READ: GOOD gives the block, as long as the transport counted it") {
  auto result = status(scsi_status::good);
  CHECK(classify_read(result, block).kind == ReadKind::block);
  CHECK(classify_read(result, block).length == block);
  result.residual = 1000;
  CHECK(classify_read(result, block).length == block - 1000);
  result.residual = std::int64_t{block} * 2;
  CHECK(classify_read(result, block).length == 0);
}

TEST_CASE("R1, R3: filemark and end of data are results") {
  auto mark = sense(0, 0x00, 0x01, block);
  mark.filemark = true;
  CHECK(classify_read(check(mark), block).kind == ReadKind::filemark);
  CHECK(classify_read(check(sense(8, 0x00, 0x05)), block).kind == ReadKind::end_of_data);
  CHECK(classify_read(check(end_of_medium(sense(8))), block).kind == ReadKind::end_of_data);
  CHECK(classify_read(check(end_of_medium(sense(3, 0x00, 0x02))), block).kind ==
        ReadKind::end_of_medium);
}

TEST_CASE("R4: end of data not found is a failure") {
  CHECK(classify_read(check(sense(8, 0x14, 0x03)), block).kind == ReadKind::failed);
}

TEST_CASE("R2: the length comes from the signed residue, not from the transport") {
  auto ili = sense(0, 0, 0, 524288 - 80);
  ili.incorrect_length = true;
  const auto shorter = classify_read(check(ili), block);
  CHECK(shorter.kind == ReadKind::block);
  CHECK(shorter.length == 80);
  ili.information = -100;
  const auto longer = classify_read(check(ili), block);
  CHECK(longer.kind == ReadKind::too_long);
  CHECK(longer.length == block + 100);
  ili.information.reset();
  CHECK(classify_read(check(ili), block).kind == ReadKind::failed);
  ili.information = std::int64_t{block} + 1;
  CHECK(classify_read(check(ili), block).kind == ReadKind::failed);
}

TEST_CASE("R2: what did not arrive is not data, whatever length the sense data tells") {
  auto ili = sense(0, 0, 0, 100);
  ili.incorrect_length = true;
  auto result = check(ili);
  result.residual = 100;
  CHECK(classify_read(result, block).kind == ReadKind::block);
  result.residual = 101;
  CHECK(classify_read(result, block).kind == ReadKind::too_long);
  CHECK(classify_read(result, block).length == block - 100);
  result.residual = 0;  // some adapters never count one here
  CHECK(classify_read(result, block).kind == ReadKind::block);
  result.residual = -5;
  CHECK(classify_read(result, block).kind == ReadKind::block);
}

TEST_CASE("R5 and deferred errors: no data") {
  CHECK(classify_read(check(sense(3, 0x11, 0x00)), block).kind == ReadKind::failed);
  CHECK(classify_read(check(deferred(sense(0))), block).kind == ReadKind::failed);
  CHECK(classify_read(check(sense(1, 0x17, 0x01)), block).kind == ReadKind::block);
  CHECK(classify_read(Result{}, block).kind == ReadKind::failed);
}

TEST_CASE("R3, R5: a read error that only looks like the tape's end in part is a failure") {
  // 14/xx at BLANK CHECK is the end of data unless it is 14/03; 00/02 is the end of the medium.
  CHECK(classify_read(check(sense(8, 0x14, 0x00)), block).kind == ReadKind::end_of_data);
  CHECK(classify_read(check(sense(3, 0x00, 0x00)), block).kind == ReadKind::failed);
  CHECK(classify_read(check(sense(0xD, 0x00, 0x00)), block).kind == ReadKind::end_of_medium);
}

TEST_CASE("an answer that cannot be understood gives no data") {
  CHECK(classify_read(status(scsi_status::check_condition), block).kind == ReadKind::failed);
  CHECK(classify_read(status(scsi_status::busy), block).kind == ReadKind::failed);
  auto failed = status(scsi_status::good);
  failed.host_status = 3;
  CHECK(classify_read(failed, block).kind == ReadKind::failed);
}

TEST_CASE("a negative residue of a WRITE is none") {
  CHECK(write(check(end_of_medium(sense(0, 0x00, 0x02, -1)))).accepted == block);
}

TEST_CASE("a command succeeded where it was done, and nowhere else") {
  CHECK(succeeded(status(scsi_status::good)));
  CHECK(succeeded(check(sense(1, 0x17, 0x01))));
  CHECK_FALSE(succeeded(Result{}));
  auto failed = status(scsi_status::good);
  failed.host_status = 3;
  CHECK_FALSE(succeeded(failed));
  CHECK_FALSE(succeeded(status(scsi_status::busy)));
  CHECK_FALSE(succeeded(status(scsi_status::check_condition)));
  CHECK_FALSE(succeeded(check(sense(3, 0x11, 0x00))));
  CHECK_FALSE(succeeded(check(deferred(sense(1, 0x0C, 0x00)))));
}

TEST_CASE("R2: in fixed blocks INFORMATION counts blocks") {
  const auto read = [](const Result& result) { return classify_fixed_read(result, 10, 512); };
  CHECK(read(status(scsi_status::good)).length == 5120);
  CHECK(read(status(scsi_status::check_condition)).kind == ReadKind::failed);
  CHECK(read(check(deferred(sense(1, 0x0C, 0x00, 3)))).kind == ReadKind::failed);
  CHECK(read(check(sense(1, 0x17, 0x01))).length == 5120);
  auto mark = sense(0, 0x00, 0x01, 3);
  mark.filemark = true;
  CHECK(read(check(mark)).kind == ReadKind::filemark);
  CHECK(read(check(mark)).length == 7 * 512);
  auto other_length = sense(0, 0x00, 0x00, 4);
  other_length.incorrect_length = true;
  CHECK(read(check(other_length)).kind == ReadKind::wrong_length);
  CHECK(read(check(other_length)).length == 6 * 512);
  CHECK(read(check(sense(1, 0x17, 0x01, 0))).kind == ReadKind::block);
  // A count that the blocks asked for cannot have: nothing is known of what was read.
  CHECK(read(check(sense(1, 0x17, 0x01, 11))).kind == ReadKind::wrong_length);
  CHECK(read(check(sense(1, 0x17, 0x01, 11))).length == 0);
  auto less_arrived = check(sense(1, 0x17, 0x01, -1));
  CHECK(read(less_arrived).kind == ReadKind::wrong_length);
  less_arrived.residual = 100;
  CHECK(read(less_arrived).kind == ReadKind::wrong_length);
}
