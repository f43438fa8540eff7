// Folders: made, and held by one program at a time.
#pragma once
#include <filesystem>

#include "host/base/file.h"

namespace gan::base {

// Makes a folder with those above it; one that is there is fine.  Throws std::runtime_error.
void make_folder(const std::filesystem::path& path);

// Makes a folder, and tells whether it was not there: of two programs that want it, one gets it.
bool make_new_folder(const std::filesystem::path& path);

// Holds a folder, which must be there, until the end of its life or of the process, however that
// ends.  Another FolderLock of the same folder is then a std::runtime_error, in this process as
// well.  The lock is on an empty file ".lock" that stays in the folder, because network file
// systems do not lock folders; a file system that locks nothing is used without.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);

  // From now on those who join() hold the folder as well, and still nobody else does.  Throws
  // std::runtime_error when somebody else took it at this very moment.
  void share();
  // Holds a folder that its holder shares.
  static FolderLock join(const std::filesystem::path& folder);

  // Throws std::runtime_error when the folder is no longer the one that is held: it was removed,
  // and another program may work in a new one of the same name.
  void require_held() const;

 private:
  FolderLock(const std::filesystem::path& folder, int operation);

  std::filesystem::path path_;
  File file_;
};

// Whether somebody holds the folder, of this machine or of another: false as well where the file
// system does not tell.
bool is_held(const std::filesystem::path& folder);

}  // namespace gan::base
