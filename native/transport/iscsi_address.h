// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

/// A name and a secret of CHAP; neither ever stands in a message or a trace.
struct ChapCredentials {
  std::string user;
  std::string password;
};

/// Where a logical unit is, and as whom to log in.
struct IscsiAddress {
  /// `host:port`; an IPv6 address is in brackets.
  std::string portal;
  /// `iqn.`, `eui.` or `naa.` name.
  std::string target;
  std::uint16_t lun = 0;
  std::string initiator_name;
  /// Without it the target must let anybody in.
  std::optional<ChapCredentials> credentials;
  /// With it the target must prove itself too (mutual CHAP).
  std::optional<ChapCredentials> target_credentials;

  /// `host:port/target/lun`, for messages.
  [[nodiscard]] std::string text() const;
};

inline constexpr std::string_view iscsi_url_form =
    "iscsi://[user%password@]host[:port]/target-name/lun, each part of at most 223 bytes, the lun "
    "from 0 to 16383";

/// The variables that may hold what a URL should not: LIBISCSI_CHAP_USERNAME, ..._PASSWORD,
/// ..._TARGET_USERNAME, ..._TARGET_PASSWORD, as libiscsi's own tools know them.
struct ChapEnvironment {
  const char* user = nullptr;
  const char* password = nullptr;
  const char* target_user = nullptr;
  const char* target_password = nullptr;

  [[nodiscard]] static ChapEnvironment of_process();
};

/// Nothing where `url` has not the form above. libiscsi's own parser is not used: it copies the
/// whole URL, with the password, into its error messages.
[[nodiscard]] std::optional<IscsiAddress> parse_iscsi_url(std::string_view url,
                                                          const ChapEnvironment& environment);

/// The name of this computer as an initiator, where the caller gives none.
[[nodiscard]] std::string default_initiator_name();

}  // namespace tidemark
