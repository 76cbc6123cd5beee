// SPDX-License-Identifier: Apache-2.0
/// Gives one fuzz target the inputs in a folder, or one input: `tidemark_fuzz_replay NAME PATH`.
/// libFuzzer is not needed, so the compiler and the sanitizers of the other tests serve.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "targets.h"

/// Of the sanitizers' run time; null where there is none.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

std::string present_input;

/// A sanitizer tells where in the code it stopped, but not for which input.
void name_present_input() { std::fprintf(stderr, "the input was %s\n", present_input.c_str()); }

/// A target that finds an answer wrong aborts.
void on_abort(int number) {
  name_present_input();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

std::vector<std::filesystem::path> inputs_of(const std::filesystem::path& path) {
  if (std::filesystem::is_regular_file(path)) return {path};
  std::vector<std::filesystem::path> inputs;
  if (!std::filesystem::is_directory(path)) return inputs;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.is_regular_file()) inputs.push_back(entry.path());
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

void replay(FuzzTarget* target, const std::filesystem::path& input) {
  present_input = input.string();
  std::ifstream file(input, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  // Of exactly the input's size, so that a read of one byte more is one beyond the memory.
  const std::vector<std::uint8_t> bytes(content.begin(), content.end());
  target(bytes.data(), bytes.size());
}

}  // namespace

int main(int count, char** arguments) {
  const char* name = count == 3 ? arguments[1] : "";
  const auto* const found =
      std::find_if(fuzz_targets.begin(), fuzz_targets.end(),
                   [&](const NamedFuzzTarget& each) { return std::strcmp(each.name, name) == 0; });
  if (found == fuzz_targets.end()) {
    std::fprintf(stderr, "usage: tidemark_fuzz_replay NAME PATH, with NAME one of");
    for (const auto& each : fuzz_targets) std::fprintf(stderr, " %s", each.name);
    std::fprintf(stderr, "\n");
    return 2;
  }
  const auto inputs = inputs_of(arguments[2]);
  if (inputs.empty()) {
    std::fprintf(stderr, "there are no inputs for %s at %s\n", name, arguments[2]);
    return 1;
  }
  std::signal(SIGABRT, on_abort);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(name_present_input);
  for (const auto& input : inputs) replay(found->run, input);
  std::printf("fuzz inputs: %zu of %s replayed\n", inputs.size(), name);
  return 0;
}
