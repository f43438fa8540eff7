// Files through the system's own calls, because only those tell why something failed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace gan::base {

// An open file, owned. Errors are std::runtime_error: "cannot write <name>: <the system's reason>".
class File {
 public:
  // Takes over an open descriptor; `name` is what errors call the file.
  File(int descriptor, std::filesystem::path name);
  // Regular files only: a pipe would block and has no size.
  static File open_to_read(const std::filesystem::path& path);
  static File open_to_append(const std::filesystem::path& path);  // and to read contents()

  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  int descriptor() const { return descriptor_; }
  std::uint64_t size() const;
  bool is_at(const std::filesystem::path& path) const;  // whether the path leads to this very file
  void read(std::span<std::byte> bytes);                // all of them, or an error
  std::string contents() const;                         // from the first byte on
  void write(std::span<const std::byte> bytes);         // all of them, or an error
  void write(std::string_view text);
  void append(std::string_view text);  // at the end: all of it, or an error and nothing
  void sync();                         // returns when the data are on the disk

 private:
  int descriptor_;  // -1 when moved from
  std::filesystem::path name_;
};

// Throws std::runtime_error: "cannot <verb> <path>: <reason>".
[[noreturn]] void fail(std::string_view verb, const std::filesystem::path& path,
                       std::string_view reason);

std::string read_file(const std::filesystem::path& path);

}  // namespace gan::base
