#include "host/base/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace gan::base {
namespace {

void require_made(const std::filesystem::path& path, const std::error_code& error) {
  if (error)
    throw std::runtime_error(
        fmt::format("cannot make the folder {}: {}", path.string(), error.message()));
}

// O_CLOEXEC: a lock ends with the last process that has its file open, and children must not count.
File open_lock_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0)
    throw std::runtime_error(
        fmt::format("cannot write {}: {}", path.string(), std::generic_category().message(errno)));
  return {descriptor, path};
}

// False when somebody else has it.
bool lock(const File& file, int operation) {
  return ::flock(file.descriptor(), operation | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

void require_lock(const File& file, int operation, const std::filesystem::path& folder) {
  if (!lock(file, operation))
    throw std::runtime_error(
        fmt::format("{} is in use: another gan_cuda works there; wait until it ends, or stop it",
                    folder.string()));
}

}  // namespace

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  require_made(path, error);
}

bool make_new_folder(const std::filesystem::path& path) {
  std::error_code error;
  const bool made = std::filesystem::create_directory(path, error);
  require_made(path, error);
  return made;
}

FolderLock::FolderLock(const std::filesystem::path& folder, int operation)
    : path_(folder / ".lock"), file_(open_lock_file(path_)) {
  require_lock(file_, operation, folder);
}

FolderLock::FolderLock(const std::filesystem::path& folder) : FolderLock(folder, LOCK_EX) {}

void FolderLock::share() {
  require_lock(file_, LOCK_SH, path_.parent_path());
}

FolderLock FolderLock::join(const std::filesystem::path& folder) {
  return {folder, LOCK_SH};
}

bool is_held(const std::filesystem::path& folder) {
  return !lock(open_lock_file(folder / ".lock"), LOCK_EX);
}

void FolderLock::require_held() const {
  if (!file_.is_at(path_))
    throw std::runtime_error(
        fmt::format("{} was removed or replaced while this program worked there; it ends, and "
                    "writes nothing more",
                    path_.parent_path().string()));
}

}  // namespace gan::base
