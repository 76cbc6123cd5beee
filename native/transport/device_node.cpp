// SPDX-License-Identifier: Apache-2.0
#include "transport/device_node.h"

#include <grp.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace tidemark {
namespace {

namespace fs = std::filesystem;

constexpr unsigned int scsi_generic_major = 21;

bool is_numbered(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || name.size() == prefix.size()) return false;
  name.remove_prefix(prefix.size());
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The name of the form prefix and number in a folder of sysfs; empty where there is none. `nst0`
/// is wanted, `nst0a` is the same drive with another mode.
std::string numbered_entry(const fs::path& folder, std::string_view prefix) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    auto name = entry->path().filename().string();
    if (is_numbered(name, prefix)) return name;
  }
  return {};
}

DeviceNode failed(int error_number, std::string detail) {
  DeviceNode node;
  node.error_number = error_number;
  node.detail = std::move(detail);
  return node;
}

}  // namespace

DeviceNode find_device_node(const std::string& path, const std::string& sysfs,
                            const std::string& devices) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return failed(errno, "cannot open " + path + ": " + std::strerror(errno));
  }
  if (!S_ISCHR(status.st_mode)) {
    return failed(ENOTTY, path +
                              " is no character device: a tape drive or a changer is one, such "
                              "as /dev/sg1 or /dev/nst0");
  }
  const auto number =
      std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
  const fs::path device = fs::path(sysfs) / "dev" / "char" / number / "device";
  DeviceNode node;
  if (const auto tape = numbered_entry(device / "scsi_tape", "nst"); !tape.empty()) {
    node.tape = devices + "/" + tape;
  }
  if (const auto generic = numbered_entry(device / "scsi_generic", "sg"); !generic.empty()) {
    node.generic = devices + "/" + generic;
  } else if (major(status.st_rdev) == scsi_generic_major) {
    node.generic = path;  // without sysfs it is still what it is
  } else {
    node.error_number = ENODEV;
    node.detail = path +
                  " has no SCSI generic node: it is no SCSI device, or the sg module is not "
                  "loaded (modprobe sg)";
  }
  return node;
}

std::string permission_advice(const std::string& node) {
  const std::string denied = "cannot open " + node + ": permission denied";
  struct stat status {};
  if (::stat(node.c_str(), &status) != 0) return denied;
  const bool group_may = (status.st_mode & (S_IRGRP | S_IWGRP)) == (S_IRGRP | S_IWGRP);
  std::array<char, 4096> memory{};
  group entry{};
  group* found = nullptr;
  ::getgrgid_r(status.st_gid, &entry, memory.data(), memory.size(), &found);
  if (group_may && status.st_gid != 0 && found != nullptr) {
    return denied + "; members of the group " + found->gr_name +
           " may: add this user to it (usermod -a -G " + found->gr_name + " USER) and log in again";
  }
  return denied + "; it belongs to " + (found != nullptr ? found->gr_name : "another group") +
         " alone: let a udev rule give it to the group tape, with read and write permission, or "
         "grant the capability CAP_DAC_OVERRIDE";
}

}  // namespace tidemark
