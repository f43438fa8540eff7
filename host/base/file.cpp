#include "host/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace gan::base {
namespace {

[[noreturn]] void fail(std::string_view verb, const std::filesystem::path& name) {
  base::fail(verb, name, std::generic_category().message(errno));
}

// A signal (Ctrl-C asks the program to stop after the current step) must not look like an error.
template <class Call>
auto retry_when_interrupted(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

}  // namespace

File::File(int descriptor, std::filesystem::path name)
    : descriptor_(descriptor), name_(std::move(name)) {}

File File::open_to_read(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a pipe without a writer would wait for one.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) fail("read", path);
  File file(descriptor, path);
  struct stat status = {};
  if (::fstat(descriptor, &status) < 0) fail("read", path);
  if (!S_ISREG(status.st_mode)) {
    throw std::runtime_error(
        fmt::format("cannot read {}: it is not a regular file", path.string()));
  }
  return file;
}

File File::open_to_append(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  if (descriptor < 0) fail("write", path);
  return {descriptor, path};
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), name_(std::move(other.name_)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(name_, other.name_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::uint64_t File::size() const {
  struct stat status = {};
  if (::fstat(descriptor_, &status) < 0) fail("read", name_);
  return static_cast<std::uint64_t>(status.st_size);
}

bool File::is_at(const std::filesystem::path& path) const {
  struct stat held = {}, there = {};
  return ::fstat(descriptor_, &held) == 0 && ::stat(path.c_str(), &there) == 0 &&
         held.st_dev == there.st_dev && held.st_ino == there.st_ino;
}

void File::read(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count =
        retry_when_interrupted([&] { return ::read(descriptor_, bytes.data(), bytes.size()); });
    if (count < 0) fail("read", name_);
    if (count == 0) {
      throw std::runtime_error(fmt::format("cannot read {}: it ends too early", name_.string()));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

std::string File::contents() const {
  std::string text(size(), '\0');
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = retry_when_interrupted([&] {
      return ::pread(descriptor_, text.data() + done, text.size() - done, static_cast<off_t>(done));
    });
    if (count < 0) fail("read", name_);
    if (count == 0) text.resize(done);  // it became shorter meanwhile
    done += static_cast<std::size_t>(count);
  }
  return text;
}

void File::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count =
        retry_when_interrupted([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
    if (count < 0) fail("write", name_);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void File::write(std::string_view text) {
  write(std::as_bytes(std::span(text)));
}

void File::append(std::string_view text) {
  const auto before = static_cast<off_t>(size());
  try {
    write(text);
  } catch (...) {
    static_cast<void>(::ftruncate(descriptor_, before) == 0);  // else it stays torn
    throw;
  }
}

void File::sync() {
  if (retry_when_interrupted([&] { return ::fsync(descriptor_); }) < 0) fail("write", name_);
}

std::string read_file(const std::filesystem::path& path) {
  File file = File::open_to_read(path);
  std::string text(file.size(), '\0');
  file.read(std::as_writable_bytes(std::span(text)));
  return text;
}

void fail(std::string_view verb, const std::filesystem::path& path, std::string_view reason) {
  throw std::runtime_error(fmt::format("cannot {} {}: {}", verb, path.string(), reason));
}

}  // namespace gan::base
