#include "host/sweep/claim.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace gan::sweep {

std::optional<Claim> Claim::take(const std::filesystem::path& path) {
  // O_CLOEXEC: only the run itself is to have it, and Children hands it over.
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) base::fail("write", path, std::generic_category().message(errno));
  base::File file(descriptor, path);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) return std::nullopt;
  return Claim(std::move(file));
}

void Claim::set_outcome(std::string_view line) {
  file_.write(std::string(line) + "\n");
  file_.sync();
}

std::string outcome_in(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return {};
  std::string text = base::read_file(path);
  if (!text.ends_with('\n')) return {};  // it is being written
  text.pop_back();
  return text;
}

void forget_outcome(const std::filesystem::path& path) {
  std::error_code none;
  if (std::filesystem::file_size(path, none) > 0 && !none) std::filesystem::resize_file(path, 0);
}

}  // namespace gan::sweep
