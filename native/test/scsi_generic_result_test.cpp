// SPDX-License-Identifier: Apache-2.0
#include "transport/scsi_generic_result.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "device/classify.h"

using namespace tidemark;

namespace {

using Sense = std::array<std::uint8_t, 252>;

constexpr std::array<std::uint8_t, 18> early_warning{0x70, 0, 0x40, 0, 0, 0,    0,    10, 0,
                                                     0,    0, 0,    0, 2, 0x00, 0x00, 0,  0};

struct Answer {
  sg_io_hdr header{};
  Sense sense{};

  Answer() = default;
  explicit Answer(std::uint8_t status) { header.status = status; }
  Answer& with_sense(std::span<const std::uint8_t> bytes) {
    std::copy(bytes.begin(), bytes.end(), sense.begin());
    header.sb_len_wr = static_cast<unsigned char>(bytes.size());
    return *this;
  }
};

const std::vector<std::uint8_t> block(512);

Command write_command() { return {.cdb = scsi::write_6(512), .data_out = block}; }

Result judged(const Answer& answer, int error_number = 0) {
  return scsi_generic_result(write_command(), answer.header, answer.sense, error_number,
                             "/dev/sg7");
}

}  // namespace

TEST_CASE("the header of a write: version 3, to the device, the whole buffer") {
  Sense sense{};
  auto command = write_command();
  command.timeout_ms = 1234;
  const auto header = scsi_generic_header(command, sense);
  CHECK(header.interface_id == 'S');
  CHECK(header.dxfer_direction == SG_DXFER_TO_DEV);
  CHECK(header.cmd_len == 6);
  CHECK(header.cmdp[0] == 0x0A);
  CHECK(header.mx_sb_len == 252);
  CHECK(header.dxfer_len == 512);
  CHECK(header.dxferp == block.data());
  CHECK(header.sbp == sense.data());
  CHECK(header.timeout == 1234);
  CHECK(header.flags == 0);
}

TEST_CASE("the direction is the command's, whatever buffers there are") {
  Sense sense{};
  std::array<std::uint8_t, 96> data{};
  auto header = scsi_generic_header({.cdb = scsi::inquiry(96), .data_in = data}, sense);
  CHECK(header.dxfer_direction == SG_DXFER_FROM_DEV);
  CHECK(header.dxfer_len == 96);
  header = scsi_generic_header({.cdb = scsi::rewind(), .data_in = data}, sense);
  CHECK(header.dxfer_direction == SG_DXFER_NONE);
  CHECK(header.dxfer_len == 0);
  CHECK(header.dxferp == nullptr);
}

TEST_CASE("GOOD") {
  const auto result = judged(Answer(0));
  CHECK(result.outcome == Outcome::completed);
  CHECK(classify_write(result, 512).kind == WriteKind::written);
  CHECK(std::string(result.command) == "WRITE(6)");
}

TEST_CASE("T4: a residual is carried") {
  Answer answer(0);
  answer.header.resid = 12;
  CHECK(judged(answer).residual == 12);
  CHECK(classify_write(judged(answer), 512).kind == WriteKind::unknown);
}

TEST_CASE("sense data is carried as far as it was written, with DRIVER_SENSE") {
  auto answer = Answer(2).with_sense(early_warning);
  answer.header.driver_status = 8;
  const auto result = judged(answer);
  CHECK(result.outcome == Outcome::completed);
  CHECK(result.sense_length == 18);
  CHECK(result.sense[2] == 0x40);
  CHECK(classify_write(result, 512).early_warning);
  answer.header.sb_len_wr = 3;
  CHECK(judged(answer).sense_length == 3);
  answer.header.sb_len_wr = 255;  // more than there was room for
  CHECK(judged(answer).sense_length == 252);
}

TEST_CASE("sense data without the status byte is a check condition all the same") {
  auto answer = Answer(0).with_sense(early_warning);
  answer.header.driver_status = 8;
  CHECK(judged(answer).scsi_status == scsi_status::check_condition);
}

TEST_CASE("T2, T3: what the host adapter or the driver reports comes before the status") {
  for (const std::uint16_t host : {1, 2, 3, 4, 5, 6, 7, 8, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F}) {
    Answer answer(0);
    answer.header.host_status = host;
    const auto result = judged(answer);
    CAPTURE(host);
    CHECK(result.outcome == Outcome::unknown);
    CHECK(result.host_status == host);
    CHECK(result.detail.find("/dev/sg7") != std::string::npos);
    CHECK(classify_write(result, 512).kind == WriteKind::unknown);
  }
  Answer answer(0);
  answer.header.host_status = 3;
  CHECK(judged(answer).detail == "/dev/sg7: timeout (host status 3, driver status 0)");
  for (const std::uint16_t driver : {1, 6, 0x0E}) {
    Answer faulty(0);
    faulty.header.driver_status = driver;
    CHECK(judged(faulty).outcome == Outcome::unknown);
    CHECK(judged(faulty).driver_status == driver);
  }
}

TEST_CASE("T1: an error before anything was queued means not sent, any other one unknown") {
  for (const int error : {EPERM, EACCES, EBADF, ENOTTY, EINVAL, ENOMEM, EOPNOTSUPP}) {
    CAPTURE(error);
    const auto result = judged(Answer(), error);
    CHECK(result.outcome == Outcome::not_sent);
    CHECK(result.error_number == error);
    CHECK(result.residual == 512);
    CHECK_FALSE(result.detail.empty());
    CHECK(classify_write(result, 512).kind == WriteKind::failed);
  }
  for (const int error : {EINTR, ENODEV, ENXIO, EIO, EFAULT, EBUSY, ETIMEDOUT, EAGAIN, 9999}) {
    CAPTURE(error);
    const auto result = judged(Answer(), error);
    CHECK(result.outcome == Outcome::unknown);
    CHECK(result.error_number == error);
    CHECK(result.detail.find("/dev/sg7") != std::string::npos);
    CHECK(classify_write(result, 512).kind == WriteKind::unknown);
  }
}

TEST_CASE("an ioctl that failed has no answer, whatever stands in the header") {
  auto answer = Answer(2).with_sense(early_warning);
  const auto result = judged(answer, EINTR);
  CHECK(result.scsi_status == 0);
  CHECK(result.sense_length == 0);
}

TEST_CASE("the sentences say what to do") {
  CHECK(judged(Answer(), ENODEV).detail ==
        "/dev/sg7 is gone: it was removed, or its path was lost");
  CHECK(judged(Answer(), EPERM).detail.find("CAP_SYS_RAWIO") != std::string::npos);
  CHECK(judged(Answer(), EINVAL).detail.find("512 bytes") != std::string::npos);
}
