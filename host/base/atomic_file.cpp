#include "host/base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace gan::base {
namespace {

[[noreturn]] void fail(const std::filesystem::path& target, const std::string& reason) {
  throw std::runtime_error(fmt::format("cannot write {}: {}", target.string(), reason));
}

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

// The rename is lost in a power cut unless the folder itself reaches the disk. The folder is opened
// before the rename, so that a failure to open it leaves the old file in place.
File open_folder_of(const std::filesystem::path& target) {
  const auto folder = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail(target, reason_of(errno));
  return {descriptor, target};
}

// A new file beside the target, with the permissions any new file gets. The process number keeps
// two programs apart; what a killed program left behind is stepped over.
File create_beside(const std::filesystem::path& target, std::filesystem::path& temporary) {
  std::error_code ignored;
  const auto status = std::filesystem::status(target, ignored);
  if (exists(status) && !is_regular_file(status)) fail(target, "it is not a regular file");
  for (int attempt = 0;; ++attempt) {
    temporary = fmt::format("{}.{}-{}.tmp", target.string(), ::getpid(), attempt);
    const int descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);  // less the umask
    if (descriptor >= 0) return {descriptor, target};
    if (errno != EEXIST) fail(target, reason_of(errno));
  }
}

// N of "<target>.<N>-<attempt>.tmp"; 0: the name is another.
pid_t writer_of(std::string_view name) {
  constexpr std::string_view kEnd = ".tmp";
  if (!name.ends_with(kEnd)) return 0;
  name.remove_suffix(kEnd.size());
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return 0;
  const char* const end = name.data() + name.size();
  pid_t writer = 0;
  int attempt = 0;
  const auto number = std::from_chars(name.data() + dot + 1, end, writer);
  if (number.ec != std::errc() || number.ptr == end || *number.ptr != '-' || writer <= 0) return 0;
  const auto rest = std::from_chars(number.ptr + 1, end, attempt);
  return rest.ec == std::errc() && rest.ptr == end ? writer : 0;
}

}  // namespace

void remove_leftovers(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry(folder, ignored), end; entry != end;
       entry.increment(ignored)) {
    const pid_t writer = writer_of(entry->path().filename().string());
    if (writer == 0) continue;
    const bool lives = writer != ::getpid() && (::kill(writer, 0) == 0 || errno == EPERM);
    if (!lives) std::filesystem::remove(entry->path(), ignored);
  }
}

AtomicFile::AtomicFile(std::filesystem::path target)
    : target_(std::move(target)), file_(create_beside(target_, temporary_)) {}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::commit() {
  file_.sync();
  File folder = open_folder_of(target_);
  if (::rename(temporary_.c_str(), target_.c_str()) < 0) fail(target_, reason_of(errno));
  temporary_.clear();
  folder.sync();
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  write_file(path, std::as_bytes(std::span(text)));
}

}  // namespace gan::base
