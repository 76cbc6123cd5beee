// SPDX-License-Identifier: Apache-2.0
#include "stream/pax_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <string>

#include <sys/sysmacros.h>

namespace tidemark {
namespace {

/// Fields of a ustar header (POSIX.1-2017, pax, "ustar Interchange Format"): offset and width.
struct Field {
  std::size_t offset;
  std::size_t width;
};
constexpr Field name_field{0, 100};
constexpr Field mode_field{100, 8};
constexpr Field uid_field{108, 8};
constexpr Field gid_field{116, 8};
constexpr Field size_field{124, 12};
constexpr Field mtime_field{136, 12};
constexpr Field checksum_field{148, 8};
constexpr std::size_t type_offset = 156;
constexpr Field link_name_field{157, 100};
constexpr std::size_t magic_offset = 257;
constexpr Field device_major_field{329, 8};
constexpr Field device_minor_field{337, 8};

/// The largest numbers that 7 and 11 octal digits hold.
constexpr std::uint64_t largest_id = (1u << 21) - 1;
constexpr std::uint64_t largest_octal_11 = (1ull << 33) - 1;

constexpr std::string_view extended_header_name = "PaxHeaders/member";
constexpr std::string_view comment_keyword = "comment";
constexpr std::string_view sparse_folder = "GNUSparseFile.0/";

std::size_t padded(std::size_t bytes) {
  return (bytes + PaxHeaderBuilder::block - 1) / PaxHeaderBuilder::block * PaxHeaderBuilder::block;
}

/// Eight octal digits of 24 bits at once, one in each byte, the first in the highest.
constexpr std::uint64_t octal_digits(std::uint64_t value) {
  value = (value & 0xff'f000) << 20 | (value & 0xfff);
  value = (value & 0xfc0'0000'0fc0) << 10 | (value & 0x3f'0000'003f);
  return (value & 0x38'0038'0038'0038) << 5 | (value & 0x7'0007'0007'0007);
}
static_assert(octal_digits(076543210) == 0x07'06'05'04'03'02'01'00);

constexpr std::uint32_t sum_of_digits(std::uint64_t digits) {
  return static_cast<std::uint32_t>(digits * 0x01'01'01'01'01'01'01'01 >> 56);
}

/// The text of the last `count` digits, and one NUL.
void put_digits(std::uint8_t* to, std::uint64_t digits, std::size_t count) {
  std::uint64_t text = (digits | 0x30'30'30'30'30'30'30'30) << (8 - count) * 8;
  if constexpr (std::endian::native == std::endian::little) text = __builtin_bswap64(text);
  std::memcpy(to, &text, count);
  to[count] = 0;
}

/// Octal, zero padded, followed by one NUL; digits that do not fit are left out. Returns the sum of
/// the digits' values. Of a field with 7 digits, or 11.
std::uint32_t put_octal(std::uint8_t* header, Field field, std::uint64_t value) {
  std::uint8_t* const at = header + field.offset;
  if (field.width == 8) {
    const std::uint64_t digits = octal_digits(value & 07777777);
    put_digits(at, digits, 7);
    return sum_of_digits(digits);
  }
  const std::uint64_t first = octal_digits(value >> 9);
  const std::uint64_t last = octal_digits(value & 0777);
  put_digits(at, first, 8);
  put_digits(at + 8, last, 3);
  return sum_of_digits(first) + sum_of_digits(last);
}

/// The sum of the bytes, eight at a time: two sums of four 16-bit lanes cannot overflow in 512
/// bytes.
std::uint32_t sum_of_bytes(std::span<const std::uint8_t> bytes) {
  constexpr std::uint64_t lanes = 0x00ff'00ff'00ff'00ff;
  std::uint64_t even = 0;
  std::uint64_t odd = 0;
  const auto add = [&](const std::uint8_t* from, std::size_t count) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, count);
    even += word & lanes;
    odd += word >> 8 & lanes;
  };
  const std::size_t whole = bytes.size() / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) add(bytes.data() + i, 8);
  if (whole < bytes.size()) add(bytes.data() + whole, bytes.size() - whole);
  std::uint64_t sum = 0;
  for (int shift = 0; shift < 64; shift += 16)
    sum += (even >> shift & 0xffff) + (odd >> shift & 0xffff);
  return static_cast<std::uint32_t>(sum);
}

/// As much of a text as fits its field. Returns the sum of those bytes.
std::uint32_t put_text(std::uint8_t* header, Field field, std::string_view text) {
  if (text.empty()) return 0;
  const std::size_t size = std::min(text.size(), field.width);
  std::memcpy(header + field.offset, text.data(), size);
  return sum_of_bytes({header + field.offset, size});
}

/// Six digits, NUL; the field's last byte stays a space.
void put_checksum(std::uint8_t* header, std::uint32_t sum) {
  put_digits(header + checksum_field.offset, octal_digits(sum), 6);
}

/// The checksum is summed with its own field as spaces.
void begin_header(std::uint8_t* header, char type) {
  std::memset(header, 0, PaxHeaderBuilder::block);
  header[type_offset] = static_cast<std::uint8_t>(type);
  std::memcpy(header + magic_offset, "ustar\00000", 8);
  std::memset(header + checksum_field.offset, ' ', checksum_field.width);
}

/// An `x` or `g` header without data, and its sum. Of all of its numbers only the size says
/// anything.
struct ExtendedHeader {
  explicit ExtendedHeader(char type) {
    begin_header(bytes.data(), type);
    put_text(bytes.data(), name_field, extended_header_name);
    put_octal(bytes.data(), mode_field, 0644);
    for (const Field field : {uid_field, gid_field, size_field, mtime_field}) {
      put_octal(bytes.data(), field, 0);
    }
    sum = sum_of_bytes(bytes);
  }
  std::array<std::uint8_t, PaxHeaderBuilder::block> bytes;
  std::uint32_t sum;
};

void put_extended_header(std::uint8_t* header, char type, std::uint64_t data_bytes) {
  static const ExtendedHeader of_member('x');
  static const ExtendedHeader global('g');
  const ExtendedHeader& extended = type == 'x' ? of_member : global;
  std::memcpy(header, extended.bytes.data(), extended.bytes.size());
  put_checksum(header, extended.sum + put_octal(header, size_field, data_bytes));
}

bool mtime_fits_ustar(const timespec& time) {
  return time.tv_nsec == 0 && time.tv_sec >= 0 &&
         static_cast<std::uint64_t>(time.tv_sec) <= largest_octal_11;
}

/// A member's header with all numbers nought and without names, and its sum.
struct BlankHeader {
  BlankHeader() {
    begin_header(bytes.data(), 0);
    for (const Field field : {mode_field, uid_field, gid_field, size_field, mtime_field,
                              device_major_field, device_minor_field}) {
      put_octal(bytes.data(), field, 0);
    }
    sum = sum_of_bytes(bytes);
  }
  std::array<std::uint8_t, PaxHeaderBuilder::block> bytes;
  std::uint32_t sum;
};

void put_member_header(std::uint8_t* header, const MemberDescription& member,
                       std::string_view path) {
  static const BlankHeader blank;
  const struct stat& status = *member.status;
  const bool device = member.type == '3' || member.type == '4';
  const auto seconds = static_cast<std::uint64_t>(status.st_mtim.tv_sec);
  std::memcpy(header, blank.bytes.data(), blank.bytes.size());
  const auto type = static_cast<std::uint8_t>(member.type);
  header[type_offset] = type;
  std::uint32_t sum = blank.sum + type;
  sum += put_text(header, name_field, path);
  sum += put_octal(header, mode_field, status.st_mode & 07777);
  sum += put_octal(header, uid_field, status.st_uid <= largest_id ? status.st_uid : 0);
  sum += put_octal(header, gid_field, status.st_gid <= largest_id ? status.st_gid : 0);
  sum += put_octal(header, size_field,
                   member.archived_bytes <= largest_octal_11 ? member.archived_bytes : 0);
  // Seconds before 1970 wrap to more than the field holds.
  sum += put_octal(header, mtime_field, seconds <= largest_octal_11 ? seconds : 0);
  sum += put_text(header, link_name_field, member.link_target);
  if (device) {
    sum += put_octal(header, device_major_field, major(status.st_rdev));
    sum += put_octal(header, device_minor_field, minor(status.st_rdev));
  }
  put_checksum(header, sum);
}

bool fits_ustar(std::string_view name, Field field) {
  return name.size() <= field.width && is_ascii(name);
}

std::size_t decimal_digits(std::size_t value) {
  std::size_t digits = 1;
  while (value >= 10) {
    value /= 10;
    ++digits;
  }
  return digits;
}

}  // namespace

bool is_ascii(std::string_view text) {
  std::uint8_t all = 0;
  for (const char c : text) all = static_cast<std::uint8_t>(all | static_cast<std::uint8_t>(c));
  return all < 0x80;
}

bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t first = byte(i);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first >= 0x80 && (first < 0xc2 || first > 0xf4)) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    }
    const std::uint8_t second = byte(i + 1);
    if (first == 0xe0 && second < 0xa0) return false;
    if (first == 0xed && second > 0x9f) return false;
    if (first == 0xf0 && second < 0x90) return false;
    if (first == 0xf4 && second > 0x8f) return false;
    i += length;
  }
  return true;
}

std::size_t pax_record(std::uint8_t* to, std::string_view keyword, std::string_view value) {
  const std::size_t rest = keyword.size() + value.size() + 3;
  std::size_t length = rest + decimal_digits(rest);
  // One digit more may be needed for having counted the digits.
  length = rest + decimal_digits(length);
  if (to == nullptr) return length;
  char* at =
      std::to_chars(reinterpret_cast<char*>(to), reinterpret_cast<char*>(to) + 20, length).ptr;
  *at++ = ' ';
  at = std::copy(keyword.begin(), keyword.end(), at);
  *at++ = '=';
  at = std::copy(value.begin(), value.end(), at);
  *at = '\n';
  return length;
}

void write_filler(std::span<std::uint8_t> bytes) {
  const std::size_t data = bytes.size() - PaxHeaderBuilder::block;
  put_extended_header(bytes.data(), 'g', data);
  if (data == 0) return;
  // The record is as long as the data, so its digits are known: 512 and more never change their
  // number.
  const std::size_t value = data - decimal_digits(data) - comment_keyword.size() - 3;
  std::uint8_t* at = bytes.data() + PaxHeaderBuilder::block;
  at = reinterpret_cast<std::uint8_t*>(
      std::to_chars(reinterpret_cast<char*>(at), reinterpret_cast<char*>(at) + 20, data).ptr);
  *at++ = ' ';
  at = std::copy(comment_keyword.begin(), comment_keyword.end(), at);
  *at++ = '=';
  std::memset(at, ' ', value);
  at[value] = '\n';
}

PaxHeaderBuilder::PaxHeaderBuilder() : capacity_(16u << 10) {
  buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(capacity_);
}

std::span<const std::uint8_t> PaxHeaderBuilder::build(const MemberDescription& member) {
  make_room(member);
  std::string sparse_path;
  if (member.sparse) {
    const std::size_t slash = member.path.rfind('/');
    const std::size_t folder = slash == std::string_view::npos ? 0 : slash + 1;
    sparse_path.append(member.path.substr(0, folder));
    sparse_path.append(sparse_folder);
    sparse_path.append(member.path.substr(folder));
  }
  const std::string_view path = member.sparse ? std::string_view(sparse_path) : member.path;
  std::uint8_t* const header = buffer_.get();
  at_ = header + block;
  add_records(member, path);
  const auto records = static_cast<std::size_t>(at_ - header) - block;
  if (records == 0) {
    put_member_header(header, member, path);
    return {header, block};
  }
  const std::size_t data = padded(records);
  std::memset(at_, 0, data - records);
  put_extended_header(header, 'x', records);
  put_member_header(header + block + data, member, path);
  return {header, data + 2 * block};
}

void PaxHeaderBuilder::make_room(const MemberDescription& member) {
  // The path may come twice (GNU.sparse.name); the rest is keywords and numbers.
  const std::size_t needed = 3 * member.path.size() + member.link_target.size() +
                             member.attribute_records.size() + 8 * block;
  if (needed <= capacity_) return;
  capacity_ = needed;
  buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(capacity_);
}

void PaxHeaderBuilder::add_records(const MemberDescription& member, std::string_view path) {
  const struct stat& status = *member.status;
  const bool path_needs = !fits_ustar(path, name_field);
  const bool link_needs = !fits_ustar(member.link_target, link_name_field);
  if ((path_needs && !is_utf8(path)) || (link_needs && !is_utf8(member.link_target))) {
    add_record("hdrcharset", "BINARY");
  }
  if (path_needs) add_record("path", path);
  if (link_needs) add_record("linkpath", member.link_target);
  if (member.archived_bytes > largest_octal_11) add_number("size", member.archived_bytes);
  if (!mtime_fits_ustar(status.st_mtim)) add_time(status.st_mtim);
  if (status.st_uid > largest_id) add_number("uid", status.st_uid);
  if (status.st_gid > largest_id) add_number("gid", status.st_gid);
  if (member.sparse) {
    add_record("GNU.sparse.major", "1");
    add_record("GNU.sparse.minor", "0");
    add_record("GNU.sparse.name", member.path);
    add_number("GNU.sparse.realsize", static_cast<std::uint64_t>(status.st_size));
  }
  at_ = std::copy(member.attribute_records.begin(), member.attribute_records.end(), at_);
}

void PaxHeaderBuilder::add_record(std::string_view keyword, std::string_view value) {
  at_ += pax_record(at_, keyword, value);
}

void PaxHeaderBuilder::add_number(std::string_view keyword, std::uint64_t value) {
  char digits[20];
  const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  add_record(keyword, {digits, static_cast<std::size_t>(end - digits)});
}

/// Seconds with a decimal fraction. A time before 1970 is a negative number whose fraction counts
/// away from zero, where the kernel's counts towards the future.
void PaxHeaderBuilder::add_time(const timespec& time) {
  std::int64_t seconds = time.tv_sec;
  auto nanoseconds = static_cast<std::uint32_t>(time.tv_nsec);
  char text[40];
  char* at = text;
  if (seconds < 0) {
    *at++ = '-';
    if (nanoseconds != 0) {
      nanoseconds = 1'000'000'000u - nanoseconds;
      ++seconds;
    }
  }
  const std::uint64_t whole =
      seconds < 0 ? 0 - static_cast<std::uint64_t>(seconds) : static_cast<std::uint64_t>(seconds);
  at = std::to_chars(at, text + sizeof text, whole).ptr;
  if (nanoseconds != 0) {
    *at++ = '.';
    for (int i = 8; i >= 0; --i) {
      at[i] = static_cast<char>('0' + nanoseconds % 10);
      nanoseconds /= 10;
    }
    at += 9;
  }
  add_record("mtime", {text, static_cast<std::size_t>(at - text)});
}

}  // namespace tidemark
