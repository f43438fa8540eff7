#pragma once
#include <filesystem>
#include <string_view>

#include "host/base/file.h"

namespace gan::base {

// A file that grows by whole records while a program runs.  When somebody removes or replaces it
// meanwhile, all that was written is still there, and restore() puts it back.  Errors are
// std::runtime_error and name the file.
class LogFile {
 public:
  // Opens a file that is there.
  explicit LogFile(const std::filesystem::path& path);

  void append(std::string_view record) { file_.append(record); }  // all of it, or an error

  // Writes the file again if it is no longer at its place; tells whether that was so.
  bool restore();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  File file_;
};

}  // namespace gan::base
