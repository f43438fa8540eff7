#include "host/io/pytorch/pickle_writer.h"

#include <gtest/gtest.h>

#include "host/io/pytorch/pickle.h"

namespace gan::io {
namespace {

TEST(PickleWriter, IsReadAsTheSameTensors) {
  const std::vector<Tensor> tensors = {{"a.weight", {2, 3, 4}, std::vector<float>(24)},
                                       {"empty", {0, 5}, {}},
                                       {"scalar", {}, {1}},
                                       {"ü", {70'000}, std::vector<float>(70'000)}};
  const std::vector<PickledTensor> read =
      parse_state_dicts(pickle_state_dict(tensors)).at(0).tensors;
  ASSERT_EQ(read.size(), tensors.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].name, tensors[i].name);
    EXPECT_EQ(read[i].shape, tensors[i].shape);
    EXPECT_EQ(read[i].storage, std::to_string(i));
    EXPECT_EQ(read[i].storage_size, tensors[i].values.size());
    EXPECT_EQ(read[i].offset, 0U);
    EXPECT_EQ(read[i].count, tensors[i].values.size());
  }
}

TEST(PickleWriter, HoldsAnEmptyStateDict) {
  EXPECT_TRUE(parse_state_dicts(pickle_state_dict({})).at(0).tensors.empty());
}

}  // namespace
}  // namespace gan::io
