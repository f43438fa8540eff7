#include "host/io/pth.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "host/io/file.h"
#include "host/io/weights.h"
#include "tests/io/pickles.h"
#include "tests/io/support.h"

namespace gan {
namespace {

class Pth : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_ / "m.pth"; }

  void refuses(const std::string& reason) const {
    SCOPED_TRACE(reason);
    expect_error([&] { load_pth(path()); }, "cannot read ", path().string(), reason);
  }
  void refuses(const std::string& reason, const Records& records,
               zip_int32_t method = ZIP_CM_STORE) const {
    write_zip(path(), records, method);
    refuses(reason);
  }

  TemporaryFolder folder_;
};

const Records kGood = {{"m/data.pkl", state_dict(pickled("w") + pickled(TensorText{}))},
                       {"m/data/0", counting_floats(6)},
                       {"m/version", "3\n"}};

Records changed(const std::string& name, const std::string& bytes) {
  Records records = kGood;
  records[name] = bytes;
  return records;
}

TEST_F(Pth, ReadsTheTensors) {
  write_zip(path(), kGood);
  const TensorFile file = load_pth(path());
  EXPECT_EQ(file.at("w").values, (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(file.at("w").shape, (std::vector<std::int64_t>{2, 3}));
  write_zip(path(), changed("m/byteorder", "little"));
  EXPECT_EQ(load_pth(path()).tensors.size(), 1U);
}

TEST_F(Pth, WritesWhatItReads) {
  const TensorFile file{{{"w", {2, 3}, {0, 1, 2, 3, 4, 5}}, {"b", {1}, {-0.5F}}}, {}};
  save_weights(path(), file);
  const TensorFile read = load_pth(path());
  ASSERT_EQ(read.tensors.size(), 2U);
  for (const Tensor& tensor : file.tensors) {
    EXPECT_EQ(read.at(tensor.name).shape, tensor.shape);
    EXPECT_EQ(read.at(tensor.name).values, tensor.values);
  }
  const std::string bytes = read_file(path());
  save_weights(path(), file);
  EXPECT_EQ(read_file(path()), bytes);
}

TEST_F(Pth, ReadsAPartOfAStorage) {
  const TensorText part{.offset = pickled(2), .shape = pickled(3), .strides = pickled(1)};
  write_zip(path(), changed("m/data.pkl", state_dict(pickled("w") + pickled(part))));
  EXPECT_EQ(load_pth(path()).at("w").values, (std::vector<float>{2, 3, 4}));
}

TEST_F(Pth, RefusesWhatIsNoSuchFile) {
  refuses("No such file");
  std::ofstream(path()) << "";
  refuses("PyTorch 1.6 or later");
  std::ofstream(path()) << std::string(1000, 'x');
  refuses("PyTorch 1.6 or later");
  refuses("not one of torch.save", {{"a.txt", "x"}});
  refuses("not one of torch.save", {{"m/a.txt", "x"}});
  refuses("big-endian", changed("m/byteorder", "big"));
  refuses("would run", changed("m/data.pkl", global("os", "system")));
}

TEST_F(Pth, RefusesStoragesThatDoNotFit) {
  refuses("\"m/data/0\" has not the 6 values", changed("m/data/0", counting_floats(5)));
  refuses("has not the 6 values", changed("m/data/0", counting_floats(7)));
  refuses("has not the 6 values", changed("m/data/0", counting_floats(6) + "x"));
  Records without = kGood;
  without.erase("m/data/0");
  refuses("\"m/data/0\" is missing", without);
  const std::string huge = "\x8a\x08" + std::string(7, '\xff') + "\x7f";
  refuses("has not the 9223372036854775807 values",
          changed("m/data.pkl", state_dict(pickled("w") + pickled(TensorText{.size = huge}))));
  const TensorText elsewhere{.key = "../version"};
  refuses("\"m/data/../version\" is missing",
          changed("m/data.pkl", state_dict(pickled("w") + pickled(elsewhere))));
}

TEST_F(Pth, RefusesBombs) {
  refuses("is compressed", changed("m/data/0", std::string(1'000'000, '\0')), ZIP_CM_DEFLATE);
  refuses("more than any state dict needs",
          changed("m/data.pkl", std::string((16 << 20) + 1, 'N')));
  // One storage under a hundred names.
  std::string items =
      pickled("0") + pickled(TensorText{.size = "M" + std::string("\xe8\x03", 2)}) + "q\x01";
  for (int i = 1; i < 100; ++i) items += pickled(std::to_string(i)) + "h\x01";
  Records shared = changed("m/data.pkl", state_dict(items));
  shared["m/data/0"] = counting_floats(1000);
  refuses("share storages", shared);
}

TEST_F(Pth, RefusesDamage) {
  write_zip(path(), kGood);
  const std::string whole = read_file(path());
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    std::ofstream(path(), std::ios::binary) << whole.substr(0, cut);
    refuses("");
  }
  std::string flipped = whole;
  flipped[flipped.find(counting_floats(6)) + 7] ^= 1;
  std::ofstream(path(), std::ios::binary) << flipped;
  refuses("\"m/data/0\" in it is damaged");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bad = whole;
    bad[i] = static_cast<char>(~bad[i]);
    std::ofstream(path(), std::ios::binary) << bad;
    try {
      load_pth(path());
    } catch (const std::runtime_error&) {
    }
  }
}

TEST_F(Pth, ReadsWhatPyTorchWrites) {
  const std::string python =
      "/usr/bin/python3 -c \"import torch; m = torch.nn.Sequential(torch.nn.Linear(2, 3)); "
      "torch.nn.init.constant_(m[0].weight, 0.5); torch.nn.init.constant_(m[0].bias, -1); "
      "torch.save(m.state_dict(), '" +
      path().string() + "')\" 2> /dev/null";
  if (std::system(python.c_str()) != 0) GTEST_SKIP() << "needs /usr/bin/python3 with PyTorch";
  const TensorFile file = load_pth(path());
  EXPECT_EQ(file.at("0.weight").values, std::vector<float>(6, 0.5F));
  EXPECT_EQ(file.at("0.weight").shape, (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(file.at("0.bias").values, std::vector<float>(3, -1.0F));
}

TEST_F(Pth, ReadsThePublishedWeights) {
  const char* const seed = std::getenv("GAN_SEED_MODEL");
  if (seed == nullptr) GTEST_SKIP() << "needs the published model_G.pth as $GAN_SEED_MODEL";
  const TensorFile file = load_pth(seed);
  ASSERT_EQ(file.tensors.size(), 6U);
  EXPECT_EQ(file.at("network.0.weight").shape, (std::vector<std::int64_t>{256, 100}));
  EXPECT_EQ(file.at("network.4.bias").shape, (std::vector<std::int64_t>{784}));
}

TEST_F(Pth, WeightsAreToldByTheirEnding) {
  write_zip(path(), kGood);
  EXPECT_EQ(load_weights(path()).tensors.size(), 1U);
  std::filesystem::copy(path(), folder_ / "m.pt");
  EXPECT_EQ(load_weights(folder_ / "m.pt").tensors.size(), 1U);
  save_safetensors(folder_ / "m.safetensors", load_pth(path()));
  EXPECT_EQ(load_weights(folder_ / "m.safetensors").at("w").values.size(), 6U);
  expect_error([&] { load_weights(folder_ / "m.bin"); }, "m.bin", "No such file");
  std::filesystem::copy(path(), folder_ / "m.bin");
  expect_error([&] { load_weights(folder_ / "m.bin"); }, "m.bin", ".safetensors, .pth or .pt");
}

}  // namespace
}  // namespace gan
