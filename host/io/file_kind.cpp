#include "host/io/file_kind.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "host/base/file.h"

namespace gan::io {
namespace {

std::string first_bytes(const std::filesystem::path& path) {
  constexpr std::uint64_t kEnough = 64;
  base::File file = base::File::open_to_read(path);
  std::string bytes(std::min(file.size(), kEnough), '\0');
  file.read(std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

std::string in_small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool is_html(const std::string& start) {
  const std::size_t first = start.find_first_not_of("\xef\xbb\xbf \t\r\n");
  if (first == std::string::npos) return false;
  const std::string text = in_small_letters(start.substr(first));
  return text.starts_with("<!doctype") || text.starts_with("<html") || text.starts_with("<head") ||
         text.starts_with("<?xml") || text.starts_with("<!--");
}

}  // namespace

FileKind kind_of(const std::filesystem::path& path) {
  const std::string start = first_bytes(path);
  const auto begins = [&start](std::string_view text) { return start.starts_with(text); };
  if (start.empty()) return FileKind::empty;
  if (begins("PK\x03\x04") || begins("PK\x05\x06")) return FileKind::zip;
  if (begins("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"))
    return FileKind::old_pytorch;
  if (start.size() > 8 && start[8] == '{') return FileKind::safetensors;
  if (begins("\x93NUMPY")) return FileKind::numpy;
  if (begins("version https://git-lfs")) return FileKind::git_lfs;
  if (begins("\x89HDF\r\n")) return FileKind::hdf5;
  return is_html(start) ? FileKind::html : FileKind::other;
}

std::string reason_against(FileKind kind) {
  switch (kind) {
    case FileKind::empty:
      return "it is empty";
    case FileKind::git_lfs:
      return "it is a Git LFS pointer in place of the file; git lfs pull fetches the file itself";
    case FileKind::html:
      return "it is an HTML page, as a download that went wrong leaves it; download the file again";
    case FileKind::hdf5:
      return "it is an HDF5 file, which is not read; save the weights as safetensors";
    default:
      return "";
  }
}

std::string ending_of(const std::filesystem::path& path) {
  return in_small_letters(path.extension().string());
}

}  // namespace gan::io
