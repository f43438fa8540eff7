#include "tests/emulation/checker/source_line.h"

#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <unordered_map>

namespace gan::emulation {
namespace {

struct ClosePipe {
  void operator()(std::FILE* pipe) const { pclose(pipe); }
};

// addr2line names the innermost function first, then those it was inlined into.
std::string ask_addr2line(const char* program, std::uintptr_t offset) {
  char command[1024];
  std::snprintf(command, sizeof command, "addr2line -i -e '%s' %#lx 2>/dev/null", program,
                static_cast<unsigned long>(offset));
  const std::unique_ptr<std::FILE, ClosePipe> pipe(popen(command, "r"));
  if (pipe == nullptr) return "?";
  std::string innermost = "?";
  char line[1024];
  while (std::fgets(line, sizeof line, pipe.get()) != nullptr) {
    std::string place = line;
    place.resize(place.find_first_of("\n ") == std::string::npos ? place.size()
                                                                 : place.find_first_of("\n "));
    std::string name = place.substr(place.rfind('/') + 1);
    if (innermost == "?") innermost = name;
    const bool is_emulation = place.find("/tests/emulation/device/") != std::string::npos ||
                              place.find("/tests/emulation/include/") != std::string::npos;
    if (!is_emulation) return name;
  }
  return innermost;
}

}  // namespace

std::string source_line(const void* code) {
  static std::unordered_map<const void*, std::string> known;
  const auto found = known.find(code);
  if (found != known.end()) return found->second;
  Dl_info info;
  std::string line = "?";
  if (dladdr(code, &info) != 0) {
    const auto offset =
        reinterpret_cast<std::uintptr_t>(code) - reinterpret_cast<std::uintptr_t>(info.dli_fbase);
    line = ask_addr2line(info.dli_fname, offset - 1);
  }
  return known[code] = line;
}

}  // namespace gan::emulation
