#include "host/base/log_file.h"

#include "host/base/atomic_file.h"

namespace gan::base {

LogFile::LogFile(const std::filesystem::path& path)
    : path_(path), file_(File::open_to_append(path)) {}

bool LogFile::restore() {
  if (file_.is_at(path_)) return false;
  write_file(path_, file_.contents());
  file_ = File::open_to_append(path_);
  return true;
}

}  // namespace gan::base
