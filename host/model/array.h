// Memory of a device, owned.
#pragma once
#include <cstddef>
#include <memory>

namespace gan::model {

// `size` values of T on a device; Free gives them back.
template <class T, class Free = std::default_delete<T[]>>
class Array {
 public:
  Array() = default;
  Array(T* values, std::size_t size) : values_(values), size_(size) {}

  T* get() const { return values_.get(); }
  std::size_t size() const { return size_; }

 private:
  std::unique_ptr<T[], Free> values_;
  std::size_t size_ = 0;
};

// A range of rows of a batch.
struct Rows {
  int first, count;
};

// A pointer to row `first` of a matrix.
template <class T>
T* rows_from(T* matrix, int first, int width) {
  return matrix + static_cast<std::size_t>(first) * static_cast<std::size_t>(width);
}

// The number of values in these rows.
inline std::size_t area(Rows rows, int width) {
  return static_cast<std::size_t>(rows.count) * static_cast<std::size_t>(width);
}

// A (rows, width) matrix on the device of a backend, owned: a row for each image of a batch.
template <class B, class T = typename B::Real>
class BatchMatrix {
 public:
  BatchMatrix(const B& backend, int rows, int width)
      : values_(backend.template allocate<T>(area({0, rows}, width))), width_(width) {}

  T* get() const { return values_.get(); }
  T* at(Rows rows) const { return rows_from(get(), rows.first, width_); }

 private:
  typename B::template Array<T> values_;
  int width_;
};

}  // namespace gan::model
