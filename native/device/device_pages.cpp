// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "device/device.h"

/// Mode pages, log pages and attributes of any device.
namespace tidemark {
namespace {

constexpr std::uint16_t log_bytes = 16384;
constexpr std::uint16_t mode_bytes_10 = 4096;
constexpr std::uint8_t mode_bytes_6 = 255;
constexpr std::uint32_t attribute_bytes = 65536;

bool has_no_such_command(const Result& result) {
  const auto sense = result.decoded_sense();
  return is_rejected(result) && sense->asc == 0x20;
}

}  // namespace

Response<scsi::ModeParameters> Device::mode_sense(const scsi::ModeSense& wanted) {
  if (!has_no_mode_sense_10_) {
    auto answer = ask(scsi::mode_sense_10(wanted, mode_bytes_10), mode_bytes_10,
                      scsi::decode_mode_parameters_10);
    has_no_mode_sense_10_ = has_no_such_command(answer.result);
    if (!has_no_mode_sense_10_) return answer;
  }
  return ask(scsi::mode_sense_6(wanted, mode_bytes_6), mode_bytes_6,
             scsi::decode_mode_parameters_6);
}

Response<std::vector<scsi::ModePage>> Device::mode_pages(scsi::ModePageControl control) {
  scsi::ModeSense wanted{.page = scsi::mode_page::all,
                         .subpage = scsi::mode_subpage::all,
                         .control = control,
                         .disable_block_descriptors = true};
  auto mode = mode_sense(wanted);
  if (is_rejected(mode.result)) {
    // Before SPC-3 there were no subpages.
    wanted.subpage = 0;
    mode = mode_sense(wanted);
  }
  Response<std::vector<scsi::ModePage>> answer;
  if (mode.value) answer.value = scsi::decode_mode_pages(mode.value->pages);
  answer.result = std::move(mode.result);
  return answer;
}

Result Device::mode_select(const scsi::ModeParameters& parameters) {
  if (!has_no_mode_sense_10_ && !has_no_mode_select_10_) {
    const auto list = scsi::encode_mode_select_10(parameters);
    auto result = execute_out(scsi::mode_select_10(static_cast<std::uint16_t>(list.size())), list);
    has_no_mode_select_10_ = has_no_such_command(result);
    if (!has_no_mode_select_10_) return result;
  }
  const auto list = scsi::encode_mode_select_6(parameters);
  return execute_out(scsi::mode_select_6(static_cast<std::uint8_t>(list.size())), list);
}

Result Device::change_mode(std::uint8_t page, std::uint8_t subpage,
                           const std::function<void(scsi::ModeParameters&)>& change) {
  auto mode = mode_sense({.page = page, .subpage = subpage});
  if (!mode.value) return std::move(mode.result);
  change(*mode.value);
  return mode_select(*mode.value);
}

Response<std::vector<scsi::LogPageCode>> Device::supported_log_pages() {
  constexpr std::uint8_t with_subpages = 0xFF;
  const auto query = [&](std::uint8_t subpage) {
    return ask(
        scsi::log_sense({.page = scsi::log_page::supported_pages, .subpage = subpage}, log_bytes),
        log_bytes, scsi::decode_supported_log_pages);
  };
  auto answer = query(with_subpages);
  if (is_rejected(answer.result)) answer = query(0);
  return answer;
}

Response<scsi::LogPage> Device::log_page(const scsi::LogSense& wanted) {
  auto answer = ask(scsi::log_sense(wanted, log_bytes), log_bytes,
                    [](scsi::Bytes bytes) { return scsi::decode_log_page(bytes); });
  // Another page than the one that was asked for is no answer.
  if (answer.value && answer.value->page != wanted.page) answer.value.reset();
  return answer;
}

Result Device::reset_log(std::uint8_t page, std::uint8_t subpage) {
  return execute(scsi::log_select({.page = page, .subpage = subpage, .reset = true}, 0));
}

Response<std::vector<std::uint16_t>> Device::attribute_list(std::uint8_t partition) {
  return ask(
      scsi::read_attribute({.action = scsi::ReadAttributeAction::list, .partition = partition},
                           attribute_bytes),
      attribute_bytes, scsi::decode_attribute_list);
}

Response<std::vector<scsi::Attribute>> Device::attributes(std::uint8_t partition) {
  return ask(scsi::read_attribute({.partition = partition}, attribute_bytes), attribute_bytes,
             scsi::decode_attributes);
}

Response<std::vector<std::uint8_t>> Device::read_attribute(std::uint16_t id) {
  // The answer goes on with all attributes behind the one asked for; only that one matters.
  auto all = ask(scsi::read_attribute({.first_attribute = id}, attribute_bytes), attribute_bytes,
                 scsi::decode_attributes);
  Response<std::vector<std::uint8_t>> answer;
  if (all.value) {
    const auto found = std::find_if(all.value->begin(), all.value->end(),
                                    [&](const scsi::Attribute& each) { return each.id == id; });
    if (found != all.value->end()) answer.value = std::move(found->value);
  }
  answer.result = std::move(all.result);
  return answer;
}

Result Device::write_attributes(std::uint8_t partition,
                                const std::vector<scsi::Attribute>& attributes) {
  const auto list = scsi::encode_attributes_to_write(attributes);
  return execute_out(
      scsi::write_attribute({.partition = partition}, static_cast<std::uint32_t>(list.size())),
      list);
}

}  // namespace tidemark
