// A place in a source file: std::source_location, which clang 14 does not have yet.
#pragma once
#include <string>

namespace gan::emulation {

struct Location {
  const char* file = "";
  int line = 0;

  static constexpr Location current(const char* file = __builtin_FILE(),
                                    int line = __builtin_LINE()) {
    return {file, line};
  }
  friend bool operator==(const Location&, const Location&) = default;
};

// "file.cu:12"
inline std::string to_string(const Location& at) {
  const std::string file = at.file;
  return file.substr(file.rfind('/') + 1) + ":" + std::to_string(at.line);
}

}  // namespace gan::emulation
