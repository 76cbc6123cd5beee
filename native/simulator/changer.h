// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "scsi/element_status.h"
#include "simulator/library.h"
#include "simulator/logical_unit.h"

namespace tidemark::simulator {

/// The changer of a simulated library. It keeps nothing: all there is stands in the inventory.
class Changer : public LogicalUnit {
 public:
  explicit Changer(std::shared_ptr<const Library> library) : library_(std::move(library)) {}

 protected:
  [[nodiscard]] Answer dispatch(const Request& request) override;
  [[nodiscard]] scsi::InquiryData inquiry_data() const override;
  [[nodiscard]] std::string serial_number() const override;

 private:
  [[nodiscard]] Answer mode_sense(const Request& request) const;
  [[nodiscard]] Answer read_element_status(const Request& request) const;
  [[nodiscard]] std::vector<scsi::Element> elements_of(scsi::ElementType type,
                                                       const Inventory& inventory) const;
  [[nodiscard]] Answer move_medium(const Request& request);
  /// Changes the inventory, or says why not.
  [[nodiscard]] Answer move(Inventory& inventory, std::uint16_t source,
                            std::uint16_t destination) const;
  [[nodiscard]] bool has_element(std::uint16_t address) const;

  std::shared_ptr<const Library> library_;
};

}  // namespace tidemark::simulator
