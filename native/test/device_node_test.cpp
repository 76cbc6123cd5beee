// SPDX-License-Identifier: Apache-2.0
#include "transport/device_node.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "temporary_folder.h"
#include "transport/scsi_generic.h"

using namespace tidemark;
namespace fs = std::filesystem;

namespace {

/// The sysfs of a computer on which /dev/null (1:3) is a tape drive.
struct Sysfs {
  test::TemporaryFolder folder;
  fs::path device = fs::path(folder.path()) / "dev/char/1:3/device";

  void add(const std::string& name) const { fs::create_directories(device / name); }
  [[nodiscard]] DeviceNode find(const std::string& path) const {
    return find_device_node(path, folder.path(), "/dev");
  }
};

}  // namespace

TEST_CASE("the nodes of a drive are found by number, through any link") {
  const Sysfs sysfs;
  sysfs.add("scsi_generic/sg12");
  for (const char* name : {"st3", "st3a", "nst3", "nst3a", "nst3l", "nst3m"}) {
    sysfs.add(std::string("scsi_tape/") + name);
  }
  const auto link = fs::path(sysfs.folder.path()) / "by-id";
  fs::create_symlink("/dev/null", link);
  for (const std::string& path : {std::string("/dev/null"), link.string()}) {
    const auto node = sysfs.find(path);
    CHECK(node.generic == "/dev/sg12");
    CHECK(node.tape == "/dev/nst3");
  }
}

TEST_CASE("a changer has no tape node") {
  const Sysfs sysfs;
  sysfs.add("scsi_generic/sg0");
  CHECK(sysfs.find("/dev/null").generic == "/dev/sg0");
  CHECK(sysfs.find("/dev/null").tape.empty());
}

TEST_CASE("what is no SCSI device is said to be none") {
  const Sysfs sysfs;
  const auto null = sysfs.find("/dev/null");
  CHECK(null.generic.empty());
  CHECK(null.error_number == ENODEV);
  CHECK(null.detail.find("/dev/null has no SCSI generic node") == 0);
  const auto file = sysfs.find(sysfs.folder.path());
  CHECK(file.error_number == ENOTTY);
  CHECK(file.detail.find("is no character device") != std::string::npos);
  const auto missing = sysfs.find("/dev/no-such-tape");
  CHECK(missing.error_number == ENOENT);
  CHECK(missing.detail == "cannot open /dev/no-such-tape: No such file or directory");
}

TEST_CASE("permission denied names the group that would help") {
  const test::TemporaryFolder folder;
  const auto node = folder.path() + "/sg0";
  std::ofstream(node) << "";
  ::chmod(node.c_str(), 0600);
  CHECK(permission_advice(node).find("CAP_DAC_OVERRIDE") != std::string::npos);
  ::chmod(node.c_str(), 0660);
  if (::geteuid() != 0) return;  // only root can give a file to another group
  REQUIRE(::chown(node.c_str(), 0, 26) == 0);
  CHECK(permission_advice(node).find("members of the group tape may") != std::string::npos);
}

TEST_CASE("a command to what is no device is not sent, with the reason") {
  ScsiGenericTransport transport("/dev/no-such-tape", {});
  const auto result = transport.execute({.cdb = scsi::test_unit_ready()});
  CHECK(result.outcome == Outcome::not_sent);
  CHECK(result.error_number == ENOENT);
  CHECK(result.detail.find("/dev/no-such-tape") != std::string::npos);
  CHECK_FALSE(transport.maximum_transfer_bytes());
}
