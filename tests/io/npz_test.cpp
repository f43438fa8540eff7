#include "host/io/npz.h"

#include <gtest/gtest.h>

#include "host/io/array_file.h"
#include "tests/io/support.h"

namespace gan::io {
namespace {

TEST(Npz, IsReadAsTheSameArray) {
  const std::vector<std::uint8_t> values = {0, 51, 102, 153, 204, 255};
  base::TemporaryFolder folder;
  save_npz(folder / "a.npz", values, {3, 2, 1, 1});
  ArrayFile array(folder / "a.npz");
  EXPECT_EQ(array.shape(), (std::vector<std::int64_t>{3, 2, 1, 1}));
  EXPECT_EQ(array.read(6), (std::vector<float>{0, 0.2F, 0.4F, 0.6F, 0.8F, 1}));
}

}  // namespace
}  // namespace gan::io
