// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scsi/element_status.h"
#include "scsi/volume_tag.h"
#include "simulator/fault_plan.h"
#include "simulator/library.h"
#include "simulator/logical_unit.h"

namespace tidemark::simulator {

/// The changer of a simulated library. Where the cartridges are stands in the inventory, which all
/// processes share; reservations and attentions live with this object, as if each process had a
/// changer of its own.
class Changer : public LogicalUnit {
 public:
  explicit Changer(std::shared_ptr<const Library> library) : library_(std::move(library)) {}

  [[nodiscard]] Answer execute_until_in_transport(const Request& request) override;
  void suffer(const FaultEffect& effect, InitiatorId initiator) override;

 protected:
  [[nodiscard]] FaultOccasion occasion_of(const Request& request) override;
  [[nodiscard]] bool needs_readiness(const CommandEntry& command) const override;
  void refresh() override;
  [[nodiscard]] std::span<const CommandEntry> command_table() const override;
  [[nodiscard]] Answer ready() override;
  [[nodiscard]] scsi::InquiryData inquiry_data() const override;
  [[nodiscard]] std::string serial_number() const override;
  [[nodiscard]] std::uint64_t world_wide_name() const override;
  [[nodiscard]] bool uses_descriptor_sense() const override {
    return library_->quirks().descriptor_sense;
  }

 private:
  static const CommandEntry known_commands[];

  [[nodiscard]] Answer initialize_element_status(const Request& request);
  [[nodiscard]] Answer initialize_element_status_with_range(const Request& request);
  [[nodiscard]] Answer mode_sense_6(const Request& request);
  [[nodiscard]] Answer mode_sense_10(const Request& request);
  [[nodiscard]] Answer log_sense(const Request& request);
  [[nodiscard]] Answer prevent_allow(const Request& request);
  [[nodiscard]] Answer read_element_status(const Request& request);
  [[nodiscard]] Answer move_medium(const Request& request);
  [[nodiscard]] Answer exchange_medium(const Request& request);
  [[nodiscard]] Answer position_to_element(const Request& request);
  [[nodiscard]] Answer open_close_import_export(const Request& request);
  [[nodiscard]] Answer send_volume_tag(const Request& request);
  [[nodiscard]] Answer request_volume_element_address(const Request& request);

  [[nodiscard]] std::optional<std::vector<std::uint8_t>> mode_pages(const Request& request) const;
  [[nodiscard]] std::vector<scsi::Element> elements_of(scsi::ElementType type,
                                                       const Inventory& inventory) const;
  /// Pages of the elements from `first` on, `count` at most; of all types where `type` is 0.
  struct Pages {
    std::vector<std::uint8_t> bytes;
    std::uint16_t first_address = 0;
    std::uint16_t count = 0;
  };
  [[nodiscard]] Pages element_pages(std::uint8_t type, std::uint16_t first, std::uint16_t count,
                                    const scsi::ElementPageParts& parts,
                                    const std::vector<scsi::Element>& elements) const;
  [[nodiscard]] std::vector<scsi::Element> all_elements(const Inventory& inventory) const;
  /// Why this cartridge cannot be taken from where it is.
  [[nodiscard]] std::optional<Answer> refuse_to_take(const Inventory& inventory,
                                                     std::uint16_t source) const;
  [[nodiscard]] Answer move(Inventory& inventory, std::uint16_t source,
                            std::uint16_t destination) const;
  [[nodiscard]] Answer exchange(Inventory& inventory, std::uint16_t source, std::uint16_t first,
                                std::uint16_t second) const;
  /// Picks a cartridge up, and no more.
  [[nodiscard]] Answer pick(Inventory& inventory, std::uint16_t source) const;
  /// Puts a cartridge down.
  void put(Inventory& inventory, Cartridge cartridge, std::uint16_t source,
           std::uint16_t destination) const;
  [[nodiscard]] Answer change_inventory(const std::function<Answer(Inventory&)>& change);
  [[nodiscard]] bool has_element(std::uint16_t address) const;
  [[nodiscard]] bool is_transport(std::uint16_t address) const;

  /// The elements as READ ELEMENT STATUS is to tell them; takes the lie that it tells.
  [[nodiscard]] std::vector<scsi::Element> told_elements(const Inventory& inventory);

  std::shared_ptr<const Library> library_;
  /// What SEND VOLUME TAG has found, for REQUEST VOLUME ELEMENT ADDRESS.
  struct Search {
    scsi::VolumeTagAction action = scsi::VolumeTagAction::translate_primary_and_alternate;
    std::string wanted;
  };
  std::optional<Search> search_;
  bool removal_prevented_ = false;
  /// A fault: moves end where the robot has the cartridge in its hand.
  bool stops_in_transport_ = false;
  InventoryLie lie_ = InventoryLie::none;
  /// Where the cartridges were in front of the last move that this changer was told.
  std::optional<Inventory> before_last_move_;
  /// Barcodes that the operator has put in, as last seen.
  std::optional<std::set<std::string>> inserted_;
};

}  // namespace tidemark::simulator
