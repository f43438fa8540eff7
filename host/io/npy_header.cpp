#include "host/io/npy_header.h"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <stdexcept>
#include <string>

#include "host/base/printable.h"

namespace gan::io {
namespace {

constexpr std::size_t kMostDimensions = 32;            // NumPy's own limit
constexpr std::int64_t kMost = std::int64_t{1} << 56;  // values, so that their bytes are countable

[[noreturn]] void fail(const std::string& reason) {
  throw std::runtime_error(reason);
}

// Takes the parts of a Python literal off the front of a text.
class Literal {
 public:
  explicit Literal(std::string_view text) : text_(text) {}

  bool take(std::string_view token) {
    skip_spaces();
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!take(token))
      fail(fmt::format("its header is not a NumPy header: no {} where one must be", token));
  }
  bool at_end() {
    skip_spaces();
    return text_.empty();
  }

  // In single or double quotes, without escapes: none of the texts that are meant has any.
  std::string_view string() {
    const std::string_view quote = take("\"") ? "\"" : "'";
    if (quote == "'") expect("'");
    const std::size_t end = text_.find(quote);
    if (end == std::string_view::npos) fail("its header is not a NumPy header: a text has no end");
    const std::string_view found = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return found;
  }

  bool boolean() {
    if (take("True")) return true;
    expect("False");
    return false;
  }

  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> numbers;
    expect("(");
    while (!take(")")) {
      numbers.push_back(number());
      if (numbers.size() > kMostDimensions) fail("its array has too many dimensions");
      if (!take(",")) {
        expect(")");
        break;
      }
    }
    return numbers;
  }

 private:
  std::int64_t number() {
    skip_spaces();
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc() || value < 0) fail("its shape is not one of whole numbers");
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return value;
  }
  void skip_spaces() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \n"), text_.size()));
  }

  std::string_view text_;
};

ValueType type_of(std::string_view descr) {
  if (descr == "|u1") return ValueType::u8;
  if (descr == "|b1") return ValueType::boolean;
  if (descr == "<f2") return ValueType::f16;
  if (descr == "<f4") return ValueType::f32;
  if (descr == "<f8") return ValueType::f64;
  fail(fmt::format("its values are of the type {}; save them as float32, float64 or uint8",
                   base::printable(std::string(descr))));
}

std::uint64_t count_of(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape)
    if (__builtin_mul_overflow(count, extent, &count) || count > kMost)
      fail("its shape has more values than any file");
  return static_cast<std::uint64_t>(count);
}

}  // namespace

std::uint64_t NpyHeader::bytes() const {
  return count * size_of(type);
}

NpyHeader parse_npy_header(std::string_view text) {
  Literal literal(text);
  NpyHeader header{};
  std::set<std::string_view> seen;
  literal.expect("{");
  while (!literal.take("}")) {
    const std::string_view key = literal.string();
    if (!seen.insert(key).second) fail("its header has a key twice");
    literal.expect(":");
    if (key == "descr") {
      if (literal.take("[")) fail("its values are of no simple type");
      header.type = type_of(literal.string());
    } else if (key == "fortran_order") {
      if (literal.boolean())
        fail("its array is in Fortran's order; save numpy.ascontiguousarray of it");
    } else if (key == "shape") {
      header.shape = literal.tuple();
    } else {
      fail(fmt::format("its header has the unknown key {}", base::printable(std::string(key))));
    }
    if (!literal.take(",")) {
      literal.expect("}");
      break;
    }
  }
  if (seen.size() != 3 || !literal.at_end())
    fail(
        "its header is not a NumPy header: it must have descr, fortran_order and shape, and no "
        "more");
  header.count = count_of(header.shape);
  return header;
}

}  // namespace gan::io
