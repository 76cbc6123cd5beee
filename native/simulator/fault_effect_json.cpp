// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault_effect_json.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "scsi/log_page.h"
#include "simulator/library.h"

namespace tidemark::simulator {
namespace {

using Kind = FaultEffect::Kind;

constexpr std::uint64_t largest_residual = 1 << 24;
constexpr std::uint64_t largest_errno = 4095;

constexpr std::array foreign_actions{
    std::pair("rewind", ForeignAction::rewind),
    std::pair("spaceToEndOfData", ForeignAction::space_to_end_of_data),
    std::pair("write", ForeignAction::write),
    std::pair("modeSelect", ForeignAction::mode_select),
    std::pair("reserve", ForeignAction::reserve),
    std::pair("preempt", ForeignAction::preempt),
    std::pair("clear", ForeignAction::clear),
    std::pair("unload", ForeignAction::unload)};
constexpr std::array inventory_lies{std::pair("noVolumeTags", InventoryLie::no_volume_tags),
                                    std::pair("swappedTags", InventoryLie::swapped_tags),
                                    std::pair("allEmpty", InventoryLie::all_empty),
                                    std::pair("allFull", InventoryLie::all_full),
                                    std::pair("stale", InventoryLie::stale)};
constexpr std::array positions{std::pair("kept", false), std::pair("bop", true)};
constexpr std::array ends_of_data{std::pair("invalid", true)};

/// Those that come instead of what the command would have been answered, whether it was carried out
/// or not.
bool may_be_executed(Kind kind) {
  switch (kind) {
    case Kind::sense:
    case Kind::host_status:
    case Kind::crash:
    case Kind::power_cut:
    case Kind::scsi_status:
    case Kind::error_number:
      return true;
    default:
      return false;
  }
}

class EffectReader {
 public:
  explicit EffectReader(StrictJson& json) : json_(json) {}

  FaultEffect read() {
    auto known = answers();
    known.merge(incidents());
    known.merge(
        StrictJson::Members{{"polls", [&] { polls_ = json_.integer("polls", 1, largest_count); }},
                            {"afterwards", [&] { afterwards_ = codes(unit_attention); }},
                            {"executed", [&] { executed_ = json_.cursor().boolean(); }},
                            {"inTransport", [&] { in_transport_ = json_.cursor().boolean(); }}});
    check(json_.members("effect", known));
    if (effect_.kind == Kind::not_ready) effect_.number = polls_;
    if (effect_.kind == Kind::not_ready && afterwards_) effect_.attentions = {*afterwards_};
    if (executed_) effect_.execution = FaultExecution::whole;
    if (in_transport_) effect_.execution = FaultExecution::in_transport;
    return std::move(effect_);
  }

 private:
  void is(Kind kind) {
    effect_.kind = kind;
    ++kinds_;
  }
  std::function<void()> numbered(Kind kind, const char* name, std::uint64_t minimum,
                                 std::uint64_t maximum) {
    return [=, this] {
      is(kind);
      effect_.number = json_.integer(name, minimum, maximum);
    };
  }
  std::function<void()> flag(Kind kind, const char* name) {
    return [=, this] { is(kind), json_.only_true(name); };
  }

  /// Effects that answer the command, or alter what is transferred.
  StrictJson::Members answers() {
    return {{"sense", [&] { is(Kind::sense), effect_.sense = sense(); }},
            {"dropBuffer", numbered(Kind::drop_buffer, "dropBuffer", 0, largest_count)},
            {"hostStatus", numbered(Kind::host_status, "hostStatus", 1, 0xFFFF)},
            {"scsiStatus", numbered(Kind::scsi_status, "scsiStatus", 4, 0xFF)},
            {"errno", numbered(Kind::error_number, "errno", 1, largest_errno)},
            {"flipBit", numbered(Kind::flip_bit, "flipBit", 0, largest_count)},
            {"residual",
             [&] {
               is(Kind::residual);
               effect_.residual =
                   static_cast<std::int64_t>(json_.integer("residual", 1, largest_residual));
             }},
            {"crash", flag(Kind::crash, "crash")},
            {"powerCut", [&] { is(Kind::power_cut), effect_.power_cut = power_cut(); }},
            {"hostLoss", flag(Kind::power_cut, "hostLoss")}};
  }

  /// Effects that happen before the command.
  StrictJson::Members incidents() {
    return {{"hardwareFailure", flag(Kind::hardware_failure, "hardwareFailure")},
            {"unitAttention",
             [&] { is(Kind::unit_attention), effect_.attentions = {codes(unit_attention)}; }},
            {"unitAttentions", [&] { is(Kind::unit_attention), attentions(); }},
            {"tapeAlert", numbered(Kind::tape_alert, "tapeAlert", 1, scsi::tape_alert_flags)},
            {"notReady",
             [&] { is(Kind::not_ready), effect_.sense = codes(scsi::sense_key::not_ready); }},
            {"reset", [&] { is(Kind::reset), effect_.reset = reset(); }},
            {"initiator",
             [&] {
               is(Kind::other_initiator);
               effect_.other = json_.choice<ForeignAction>("initiator", foreign_actions);
             }},
            {"inventory",
             [&] {
               is(Kind::inventory_lie);
               effect_.lie = json_.choice<InventoryLie>("inventory", inventory_lies);
             }},
            {"swap", [&] { is(Kind::swap), effect_.text = barcode(); }}};
  }

  void check(const std::set<std::string>& given) {
    auto& cursor = json_.cursor();
    if (kinds_ != 1) cursor.fail("a fault has one effect");
    const bool says_execution = given.contains("executed") || given.contains("inTransport");
    if (says_execution && !may_be_executed(effect_.kind)) {
      cursor.fail("\"executed\" and \"inTransport\" go with effects that answer the command");
    }
    if (executed_ && in_transport_) cursor.fail("a move in transport is not executed");
    if (given.contains("polls") != (effect_.kind == Kind::not_ready)) {
      cursor.fail("\"notReady\" and \"polls\" go together");
    }
    if (afterwards_ && effect_.kind != Kind::not_ready)
      cursor.fail("\"afterwards\" goes with \"notReady\"");
  }

  /// `[asc, ascq]`.
  scsi::Sense codes(std::uint8_t sense_key) {
    scsi::Sense sense;
    sense.key = sense_key;
    int given = 0;
    json_.cursor().array([&] {
      const auto value = json_.byte("an additional sense code");
      (given == 0 ? sense.asc : sense.ascq) = value;
      ++given;
    });
    if (given != 2) {
      json_.cursor().fail("an additional sense code and its qualifier are two numbers");
    }
    return sense;
  }

  void attentions() {
    json_.cursor().array([&] { effect_.attentions.push_back(codes(unit_attention)); });
    if (effect_.attentions.empty()) json_.cursor().fail("unitAttentions has at least one");
  }

  std::string barcode() {
    auto text = json_.cursor().string();
    if (!is_barcode(text)) json_.cursor().fail("swap is a barcode");
    return text;
  }

  scsi::Sense sense() {
    auto& cursor = json_.cursor();
    scsi::Sense sense;
    const auto given =
        json_.members("sense", {{"key", [&] { sense.key = json_.byte("key", 15); }},
                                {"asc", [&] { sense.asc = json_.byte("asc"); }},
                                {"ascq", [&] { sense.ascq = json_.byte("ascq"); }},
                                {"deferred", [&] { sense.deferred = cursor.boolean(); }},
                                {"endOfMedium", [&] { sense.end_of_medium = cursor.boolean(); }},
                                {"information", [&] { sense.information = cursor.integer(); }}});
    if (!given.contains("key") || !given.contains("asc") || !given.contains("ascq")) {
      cursor.fail("sense has the members \"key\", \"asc\" and \"ascq\"");
    }
    return sense;
  }

  PowerCut power_cut() {
    PowerCut cut;
    const auto given = json_.members(
        "powerCut",
        {{"survivors", [&] { cut.survivors = json_.integer("survivors", 0, largest_count); }},
         {"endOfData",
          [&] { cut.end_of_data_is_lost = json_.choice<bool>("endOfData", ends_of_data); }}});
    if (!given.contains("survivors")) {
      json_.cursor().fail("powerCut has the member \"survivors\"");
    }
    return cut;
  }

  DriveReset reset() {
    DriveReset reset;
    const auto given = json_.members(
        "reset",
        {{"survivors", [&] { reset.survivors = json_.integer("survivors", 0, largest_count); }},
         {"position", [&] { reset.rewinds = json_.choice<bool>("position", positions); }},
         {"ascq", [&] { reset.ascq = json_.byte("ascq"); }}});
    if (!given.contains("survivors") || !given.contains("position")) {
      json_.cursor().fail("reset has the members \"survivors\" and \"position\"");
    }
    return reset;
  }

  static constexpr std::uint8_t unit_attention = scsi::sense_key::unit_attention;

  StrictJson& json_;
  FaultEffect effect_;
  int kinds_ = 0;
  bool executed_ = false;
  bool in_transport_ = false;
  std::uint64_t polls_ = 0;
  std::optional<scsi::Sense> afterwards_;
};

}  // namespace

FaultEffect read_fault_effect(StrictJson& json) { return EffectReader(json).read(); }

}  // namespace tidemark::simulator
