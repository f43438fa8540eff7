// Files that appear whole or not at all, whatever interrupts the program.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "host/base/file.h"

namespace gan::base {

// Writes to a temporary name in the target's folder; commit() puts the file in the target's place.
// Without commit() the target stays as it was and the temporary file is removed. Errors are
// std::runtime_error and name the target.
class AtomicFile {
 public:
  // Refuses a target that exists and is not a regular file: /dev/null must not be replaced.
  explicit AtomicFile(std::filesystem::path target);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::span<const std::byte> bytes) { file_.write(bytes); }
  void write(std::string_view text) { file_.write(text); }

  // Returns when the complete file has its name and both are on the disk. Call it once, last.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty once committed
  File file_;
};

// Removes from a folder, which need not be there, the temporary files of programs that were killed.
// For a caller who holds the folder and has no such file open.
void remove_leftovers(const std::filesystem::path& folder);

// The whole file at once, atomically.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace gan::base
