// What every target shares: an input as a file, and what a reader may do with it.
#pragma once
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace gan {

// A file that holds the bytes, one for this process in $TMPDIR: it is overwritten every time.
inline std::filesystem::path fuzz_file(const std::uint8_t* data, std::size_t size,
                                       const std::string& ending) {
  static const std::string stem =
      std::filesystem::temp_directory_path() / ("gan_fuzz_" + std::to_string(::getpid()));
  std::filesystem::path path = stem + ending;
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  return path;
}

// A reader may refuse its input with a std::runtime_error of one line, and nothing else.
template <class Reader>
int survives(Reader read) {
  try {
    read();
  } catch (const std::runtime_error& error) {
    if (std::strchr(error.what(), '\n') != nullptr) std::abort();
  }
  return 0;
}

}  // namespace gan
