// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stream/object_sink.h"

namespace tidemark {

/// Holds the headers on the tape against what the catalog knows, and creates nothing. The digests
/// of the data are compared by whoever hands it over.
class ObjectVerifier : public ObjectSink {
 public:
  [[nodiscard]] Problem begin_file(const ExpectedObject& object,
                                   const MemberHeader& header) override;
  [[nodiscard]] Problem write(std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] Problem end_file(const MemberHeader& header) override;
  void abandon_file() override {}
  [[nodiscard]] Problem create(const ExpectedObject& object, const MemberHeader& header) override;
  [[nodiscard]] Problem finish_directory(const ExpectedDirectory& directory) override;
};

}  // namespace tidemark
