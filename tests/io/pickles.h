// Pickles and PyTorch files, put together by hand.
#pragma once
#include <zip.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gan::io {

// A number of less than 256, a text, a name, and a tuple of what is between.
inline std::string pickled(int number) {
  return std::string("K") + static_cast<char>(number);
}
inline std::string pickled(const std::string& text) {
  return std::string("X") + static_cast<char>(text.size()) + std::string(3, '\0') + text;
}
inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string tuple(const std::string& items) {
  return "(" + items + "t";
}

struct TensorText {
  std::string key = "0";
  std::string size = pickled(6), offset = pickled(0);
  std::string shape = pickled(2) + pickled(3), strides = pickled(3) + pickled(1);
  std::string type = "FloatStorage";
};

inline const std::string kRebuild = global("torch._utils", "_rebuild_tensor_v2");
inline const std::string kNewDict = global("collections", "OrderedDict") + ")R";

inline std::string pickled(const TensorText& t) {
  const std::string storage = tuple(pickled("storage") + global("torch", t.type) + pickled(t.key) +
                                    pickled("cpu") + t.size) +
                              "Q";
  return kRebuild +
         tuple(storage + t.offset + tuple(t.shape) + tuple(t.strides) + "\x89" + kNewDict) + "R";
}

// The whole pickle of a dictionary with these items, alternately names and values.
inline std::string state_dict(const std::string& items) {
  return "\x80\x02" + kNewDict + "(" + items + "u.";
}

using Records = std::map<std::string, std::string>;

inline void write_zip(const std::filesystem::path& path, const Records& records,
                      zip_int32_t method = ZIP_CM_STORE) {
  zip_t* const zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [name, bytes] : records) {
    const auto index =
        zip_file_add(zip, name.c_str(), zip_source_buffer(zip, bytes.data(), bytes.size(), 0), 0);
    zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), method, 0);
  }
  zip_close(zip);
}

// The bytes of 0, 1, 2, …
inline std::string counting_floats(int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<float>(i);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return bytes;
}

}  // namespace gan::io
