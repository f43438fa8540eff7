#include "host/io/tensorboard/event_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/crc.hpp>
#include <chrono>
#include <cstring>
#include <stdexcept>

#include "events.pb.h"
#include "host/base/atomic_file.h"

namespace gan::io {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kName = "events.out.tfevents.";
constexpr std::size_t kHead = 12;  // bytes of a record before its data
constexpr std::size_t kTail = 4;   // and after

std::uint32_t masked_crc(std::string_view data) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(data.data(), data.size());
  const std::uint32_t sum = crc.checksum();
  return ((sum >> 15) | (sum << 17)) + 0xa282ead8;
}

template <class Number>
std::string bytes_of(Number number) {
  std::string bytes(sizeof(number), '\0');
  std::memcpy(bytes.data(), &number, sizeof(number));
  return bytes;
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The first record of `text`; empty when it is not whole.
std::string_view first_record(std::string_view text) {
  std::uint64_t length = 0;
  if (text.size() < kHead + kTail) return {};
  std::memcpy(&length, text.data(), sizeof(length));
  if (length > text.size() - kHead - kTail) return {};
  const std::string_view record = text.substr(0, kHead + length + kTail);
  return event_record(record.substr(kHead, length)) == record ? record : std::string_view();
}

// Events to keep leave their bytes as they are; those without values, which open a file, are kept.
void drop_others(const fs::path& path, const EventFile::Keep& keep) {
  const std::string text = base::read_file(path);
  std::string kept;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view record = first_record(rest);
    if (record.empty()) break;
    events::Event event;
    if (!event.ParseFromArray(record.data() + kHead,
                              static_cast<int>(record.size() - kHead - kTail)))
      throw std::runtime_error(fmt::format("cannot append to {}: it is damaged", path.string()));
    if (event.summary().value().empty() || keep(event.step(), event.summary().value(0).tag()))
      kept += record;
    rest.remove_prefix(record.size());
  }
  if (kept != text) base::write_file(path, kept);
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::string record_of(const events::Event& event) {
  return event_record(event.SerializeAsString());
}

base::LogFile begin(const fs::path& folder, const EventFile::Keep& keep) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().starts_with(kName)) drop_others(entry.path(), keep);
  fs::path path = folder / fmt::format("{}{:010.0f}.{}.{}", kName, now(), host_name(), ::getpid());
  for (int n = 2; fs::exists(path); ++n) path += fmt::format(".{}", n);
  events::Event version;
  version.set_wall_time(now());
  version.set_file_version("brain.Event:2");
  base::write_file(path, record_of(version));
  return base::LogFile(path);
}

}  // namespace

std::string event_record(std::string_view data) {
  const std::string length = bytes_of(static_cast<std::uint64_t>(data.size()));
  return length + bytes_of(masked_crc(length)) + std::string(data) + bytes_of(masked_crc(data));
}

EventFile::EventFile(const fs::path& folder, const Keep& keep) : file_(begin(folder, keep)) {}

void EventFile::scalars(std::int64_t step, std::span<const Scalar> scalars) {
  events::Event event;
  event.set_wall_time(now());
  event.set_step(step);
  for (const Scalar& scalar : scalars) {
    events::Value& value = *event.mutable_summary()->add_value();
    value.set_tag(scalar.tag);
    value.set_simple_value(static_cast<float>(scalar.value));
  }
  file_.append(record_of(event));
}

void EventFile::image(std::int64_t step, const std::string& tag, const Image& image) {
  const std::vector<std::byte> png = encode_png(image);
  events::Event event;
  event.set_wall_time(now());
  event.set_step(step);
  events::Value& value = *event.mutable_summary()->add_value();
  value.set_tag(tag);
  value.mutable_image()->set_height(image.height);
  value.mutable_image()->set_width(image.width);
  value.mutable_image()->set_colorspace(image.channels);
  value.mutable_image()->set_encoded_image_string(png.data(), png.size());
  file_.append(record_of(event));
}

}  // namespace gan::io
