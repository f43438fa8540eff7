#include "host/io/safetensors_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "host/base/printable.h"

namespace gan::io {
namespace {

using Integers = std::vector<std::uint64_t>;

// Each costs some hundred bytes however short it is; the largest models have some thousands.
constexpr std::size_t kMostTensors = 100'000, kMostMetadata = 10'000;

// A tensor as the header describes it; a field that has not been seen is empty.
struct Description {
  std::optional<std::string> dtype;
  std::optional<Integers> shape, data_offsets;
};

[[noreturn]] void refuse(const std::string& what) {
  throw std::runtime_error(what);
}

// Receives the header event by event. A document tree would cost many times the size of the text,
// would keep the last of several equal names without a word, and could be nested without limit.
class HeaderEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::map<std::string, Description> tensors;
  std::map<std::string, std::string> metadata;

  bool start_object(std::size_t) override {
    if (place_ == Place::outside) {
      place_ = Place::file;
    } else if (place_ == Place::file) {
      place_ = name_ == kMetadataKey ? Place::metadata : Place::tensor;
    } else {
      refuse_value();
    }
    return true;
  }

  bool end_object() override {
    place_ = place_ == Place::file ? Place::outside : Place::file;
    return true;
  }

  bool key(string_t& text) override {
    if (place_ == Place::file) {
      const bool is_new = text == kMetadataKey ? !std::exchange(has_metadata_, true)
                                               : tensors.try_emplace(text).second;
      if (!is_new) refuse(fmt::format("{} appears twice", base::printable(text)));
      if (tensors.size() > kMostTensors)
        refuse(fmt::format("it has more than {} tensors", kMostTensors));
      name_ = text;
    } else {
      field_ = text;
    }
    return true;
  }

  bool string(string_t& text) override {
    if (place_ == Place::metadata) {
      if (!metadata.try_emplace(field_, text).second) refuse_repetition();
      if (metadata.size() > kMostMetadata)
        refuse(fmt::format("it has more than {} metadata", kMostMetadata));
    } else if (place_ == Place::tensor && field_ == "dtype") {
      if (std::exchange(tensors[name_].dtype, text)) refuse_repetition();
    } else {
      refuse_value();
    }
    return true;
  }

  bool start_array(std::size_t) override {
    const bool is_shape = field_ == "shape";
    if (place_ != Place::tensor || (!is_shape && field_ != "data_offsets")) refuse_value();
    auto& list = is_shape ? tensors[name_].shape : tensors[name_].data_offsets;
    if (list) refuse_repetition();
    list_ = &list.emplace();
    place_ = Place::list;
    return true;
  }

  bool number_unsigned(number_unsigned_t number) override {
    constexpr std::size_t most = 64;  // dimensions, as in PyTorch
    if (place_ != Place::list || list_->size() == most) refuse_value();
    list_->push_back(number);
    return true;
  }

  bool end_array() override {
    place_ = Place::tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    refuse(fmt::format("its header is not valid JSON at byte {}", position));
  }

  bool null() override { refuse_value(); }
  bool boolean(bool) override { refuse_value(); }
  bool number_integer(number_integer_t) override { refuse_value(); }  // negative
  bool number_float(number_float_t, const string_t&) override { refuse_value(); }
  bool binary(binary_t&) override { refuse_value(); }

 private:
  enum class Place { outside, file, metadata, tensor, list };

  [[noreturn]] void refuse_value() const {
    refuse(place_ == Place::file || place_ == Place::outside
               ? fmt::format("{} is not a JSON object", base::printable(name_))
               : fmt::format("unexpected value for {} of {}", base::printable(field_),
                             base::printable(name_)));
  }
  [[noreturn]] void refuse_repetition() const {
    refuse(fmt::format("{} appears twice in {}", base::printable(field_), base::printable(name_)));
  }

  Place place_ = Place::outside;
  std::string name_, field_;  // the keys that lead to the current value
  Integers* list_ = nullptr;  // the array being filled, in Place::list
  bool has_metadata_ = false;
};

// The tensor, if its fields are complete and agree with each other.
TensorEntry checked_entry(const std::string& name, const Description& tensor) {
  if (!tensor.dtype || !tensor.shape || !tensor.data_offsets || tensor.data_offsets->size() != 2) {
    refuse(fmt::format("tensor {} needs a dtype, a shape and two data_offsets",
                       base::printable(name)));
  }
  const std::optional<ValueType> type = value_type_of_safetensors(*tensor.dtype);
  if (!type) {
    refuse(
        fmt::format("tensor {} has dtype {}, only F32, F16, BF16, F64, U8 and BOOL are supported: "
                    "convert it first",
                    base::printable(name), base::printable(*tensor.dtype)));
  }
  constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
  std::uint64_t bytes = size_of(*type);
  for (const std::uint64_t dimension : *tensor.shape) {
    if (dimension > largest || __builtin_mul_overflow(bytes, dimension, &bytes)) {
      refuse(fmt::format("the shape of tensor {} is too large", base::printable(name)));
    }
  }
  const std::uint64_t begin = tensor.data_offsets->front(), end = tensor.data_offsets->back();
  if (end < begin || end - begin != bytes) {
    refuse(fmt::format("tensor {} has {} bytes by its shape, but data_offsets [{}, {}]",
                       base::printable(name), bytes, begin, end));
  }
  return {name, {tensor.shape->begin(), tensor.shape->end()}, bytes / size_of(*type), *type};
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t buffer_size) {
  if (!json.starts_with('{')) refuse("its header does not begin with '{'");
  // The parser would take a zero byte for the end of the text.
  if (json.find('\0') != std::string_view::npos) refuse("its header contains a zero byte");
  HeaderEvents events;
  nlohmann::json::sax_parse(json, &events);

  std::vector<std::pair<Integers, TensorEntry>> ordered;  // by data_offsets
  for (auto& [name, tensor] : events.tensors) {
    TensorEntry entry = checked_entry(name, tensor);
    ordered.emplace_back(std::move(*tensor.data_offsets), std::move(entry));
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });

  SafetensorsHeader header{{}, std::move(events.metadata)};
  std::uint64_t position = 0;
  for (auto& [offsets, entry] : ordered) {
    if (offsets.front() != position) {
      refuse(fmt::format(
          "tensor {} begins at byte {} of the values where {} was expected: a hole or an overlap",
          base::printable(entry.name), offsets.front(), position));
    }
    position = offsets.back();
    header.tensors.push_back(std::move(entry));
  }
  if (position != buffer_size) {
    refuse(
        fmt::format("its tensors need {} bytes of values, but it has {}", position, buffer_size));
  }
  return header;
}

}  // namespace gan::io
