// Event files, which TensorBoard shows.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "host/base/log_file.h"
#include "host/io/images/image.h"

namespace gan::io {

struct Scalar {
  std::string tag;
  double value;
};

// Appends to an event file of its own, events.out.tfevents.<time>.<host>.<process>.  Every event is
// handed to the system at once.  Errors are std::runtime_error and name the file.
class EventFile {
 public:
  // Whether an event of an earlier part of the run stays.
  using Keep = std::function<bool(std::int64_t step, const std::string& tag)>;

  // In the files that are in the folder already, leaves the events to keep, and no unfinished one.
  EventFile(const std::filesystem::path& folder, const Keep& keep);

  void scalars(std::int64_t step, std::span<const Scalar> scalars);
  void image(std::int64_t step, const std::string& tag, const Image& image);
  bool restore() { return file_.restore(); }  // see LogFile
  const std::filesystem::path& path() const { return file_.path(); }

 private:
  base::LogFile file_;
};

// A record of an event file: the length of `data` (u64), its checksum, data, their checksum; all
// little-endian.  A checksum is a CRC-32C (RFC 3720, appendix B.4), rotated and shifted so that
// checksums of data that hold checksums stay good.
std::string event_record(std::string_view data);

}  // namespace gan::io
