// SPDX-License-Identifier: Apache-2.0
#include "transport/iscsi_address.h"

#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace tidemark {
namespace {

constexpr std::string_view scheme = "iscsi://";
constexpr std::string_view default_port = ":3260";
/// RFC 7143 4.2.7.1: names have at most 223 bytes. libiscsi cuts longer ones off without a word.
constexpr std::size_t longest_part = 223;
/// Peripheral and flat space addressing (SAM-6 4.8.1) reach no further.
constexpr std::uint16_t largest_lun = 0x3FFF;

std::optional<std::uint16_t> parse_number(std::string_view text, std::uint16_t maximum) {
  std::uint16_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number > maximum) return std::nullopt;
  return number;
}

std::string_view or_empty(const char* text) { return text == nullptr ? "" : text; }

/// libiscsi's rule: a part of the credentials that the URL does not give comes from the
/// environment.
std::optional<ChapCredentials> credentials(std::string_view user, std::string_view password) {
  if (user.empty() || password.empty()) return std::nullopt;
  return ChapCredentials{std::string(user), std::string(password)};
}

bool is_portal(std::string_view portal) {
  const auto bracket = portal.rfind(']');
  const auto colon = portal.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  const auto host = has_port ? portal.substr(0, colon) : portal;
  if (host.empty() || host.size() > longest_part) return false;
  if (host.find_first_of(" ,?#") != std::string_view::npos) return false;
  // Without brackets the last group of an IPv6 address would be taken for the port.
  if (host.front() != '[' && host.find(':') != std::string_view::npos) return false;
  if (!has_port) return true;
  const auto port = parse_number(portal.substr(colon + 1), 0xFFFF);
  return port.value_or(0) != 0;
}

bool has_port(std::string_view portal) {
  const auto bracket = portal.rfind(']');
  return portal.find(':', bracket == std::string_view::npos ? 0 : bracket) !=
         std::string_view::npos;
}

}  // namespace

ChapEnvironment ChapEnvironment::of_process() {
  return {std::getenv("LIBISCSI_CHAP_USERNAME"), std::getenv("LIBISCSI_CHAP_PASSWORD"),
          std::getenv("LIBISCSI_CHAP_TARGET_USERNAME"),
          std::getenv("LIBISCSI_CHAP_TARGET_PASSWORD")};
}

std::string IscsiAddress::text() const { return portal + "/" + target + "/" + std::to_string(lun); }

std::optional<IscsiAddress> parse_iscsi_url(std::string_view url,
                                            const ChapEnvironment& environment) {
  if (!url.starts_with(scheme)) return std::nullopt;
  url.remove_prefix(scheme.size());
  auto user = or_empty(environment.user);
  auto password = or_empty(environment.password);
  // The last @: a password may hold one, what follows it may not, and nothing of a password may be
  // taken for a host.
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    user = url.substr(0, at);
    url.remove_prefix(at + 1);
    if (const auto percent = user.find_first_of("%:"); percent != std::string_view::npos) {
      password = user.substr(percent + 1);
      user = user.substr(0, percent);
    }
    if (user.empty() || password.empty()) return std::nullopt;
  }
  const auto first = url.find('/');
  const auto last = url.rfind('/');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const auto portal = url.substr(0, first);
  const auto target = url.substr(first + 1, last - first - 1);
  const auto lun = parse_number(url.substr(last + 1), largest_lun);
  const bool is_name = !target.empty() && target.size() <= longest_part &&
                       target.find_first_of("/ ?#%") == std::string_view::npos;
  if (!is_portal(portal) || !is_name || !lun) return std::nullopt;
  if (user.size() > longest_part || password.size() > longest_part) return std::nullopt;

  IscsiAddress address;
  address.portal = std::string(portal) + std::string(has_port(portal) ? "" : default_port);
  address.target = target;
  address.lun = *lun;
  address.initiator_name = default_initiator_name();
  address.credentials = credentials(user, password);
  if (address.credentials) {
    address.target_credentials =
        credentials(or_empty(environment.target_user), or_empty(environment.target_password));
  }
  return address;
}

std::string default_initiator_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  std::string name = "iqn.2026-01.local.tidemark:";
  // RFC 7143 4.2.7.2 allows only these in a name.
  for (const char* at = host.data(); *at != '\0'; ++at) {
    const char lower = *at >= 'A' && *at <= 'Z' ? static_cast<char>(*at - 'A' + 'a') : *at;
    const bool allowed = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') ||
                         lower == '-' || lower == '.';
    name += allowed ? lower : '-';
  }
  return name.substr(0, longest_part);
}

}  // namespace tidemark
