#include "host/io/pytorch/pth.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "host/base/file.h"
#include "host/io/weights.h"
#include "tests/io/pickles.h"
#include "tests/io/support.h"

namespace gan::io {
namespace {

class Pth : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_ / "m.pth"; }

  void refuses(const std::string& reason) const {
    SCOPED_TRACE(reason);
    base::expect_error([&] { load_pth(path()); }, "cannot read ", path().string(), reason);
  }
  void refuses(const std::string& reason, const Records& records,
               zip_int32_t method = ZIP_CM_STORE) const {
    write_zip(path(), records, method);
    refuses(reason);
  }

  base::TemporaryFolder folder_;
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
  const std::string bytes = base::read_file(path());
  save_weights(path(), file);
  EXPECT_EQ(base::read_file(path()), bytes);
}

TEST_F(Pth, ReadsAPartOfAStorage) {
  const TensorText part{.offset = pickled(2), .shape = pickled(3), .strides = pickled(1)};
  write_zip(path(), changed("m/data.pkl", state_dict(pickled("w") + pickled(part))));
  EXPECT_EQ(load_pth(path()).at("w").values, (std::vector<float>{2, 3, 4}));
}

TEST_F(Pth, ReadsViewsOfOneStorage) {
  const TensorText first{.shape = pickled(3), .strides = pickled(1)};
  const TensorText second{.offset = pickled(3), .shape = pickled(3), .strides = pickled(1)};
  const TensorText turned{.strides = pickled(1) + pickled(2)};  // 2×3 out of 3×2
  const TensorText column{.offset = pickled(1), .shape = pickled(2), .strides = pickled(3)};
  const std::string items = pickled("a") + pickled(first) + pickled("b") + pickled(second) +
                            pickled("t") + pickled(turned) + pickled("c") + pickled(column);
  write_zip(path(), changed("m/data.pkl", state_dict(items)));
  const TensorFile file = load_pth(path());
  EXPECT_EQ(file.at("a").values, (std::vector<float>{0, 1, 2}));
  EXPECT_EQ(file.at("b").values, (std::vector<float>{3, 4, 5}));
  EXPECT_EQ(file.at("t").values, (std::vector<float>{0, 2, 4, 1, 3, 5}));
  EXPECT_EQ(file.at("c").values, (std::vector<float>{1, 4}));
}

TEST_F(Pth, ReadsHalvesAndDoubles) {
  const auto values = [&](const char* type, const std::string& bytes) {
    const TensorText tensor{
        .size = pickled(2), .shape = pickled(2), .strides = pickled(1), .type = type};
    Records records = changed("m/data.pkl", state_dict(pickled("w") + pickled(tensor)));
    records["m/data/0"] = bytes;
    write_zip(path(), records);
    return load_pth(path()).at("w").values;
  };
  const std::vector<float> expected{1, -0.25F};
  EXPECT_EQ(values("HalfStorage", std::string("\x00\x3c\x00\xb4", 4)), expected);
  EXPECT_EQ(values("BFloat16Storage", std::string("\x80\x3f\x80\xbe", 4)), expected);
  const double doubles[] = {1, -0.25};
  EXPECT_EQ(
      values("DoubleStorage", std::string(reinterpret_cast<const char*>(doubles), sizeof doubles)),
      expected);
}

TEST_F(Pth, TellsTheStateDictsInADictionary) {
  const auto dict = [](const std::string& items) { return "}(" + items + "u"; };
  const std::string state = dict(pickled("w") + pickled(TensorText{}));
  write_zip(path(), changed("m/data.pkl",
                            dict(pickled("G") + state + pickled("D") + state + pickled("step") +
                                 pickled(TensorText{.key = "1", .type = "LongStorage"})) +
                                "."));
  const std::vector<StateDict> states = load_pth_states(path());
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0].key, "G");
  EXPECT_EQ(states[1].file.at("w").values.size(), 6U);
  refuses("it holds several state dicts: \"G\", \"D\"");
  refuses(
      "its tensor \"n\" is a \"torch.LongStorage\"",
      changed("m/data.pkl", state_dict(pickled("n") + pickled(TensorText{.type = "LongStorage"}))));
}

// The metadata are where PyTorch does not look.
TEST_F(Pth, KeepsTheMetadata) {
  const TensorFile file{{{"w", {2}, {0, 1}}}, {{"slope", "0.2"}, {"image", "28x28"}}};
  save_pth(path(), file);
  EXPECT_EQ(load_pth(path()).metadata, file.metadata);
  refuses("its metadata are damaged", changed("m/extra/gan_cuda.json", "[1"));
  refuses("its metadata are damaged", changed("m/extra/gan_cuda.json", std::string(60'000, '[')));
  write_zip(path(), changed("m/extra/gan_cuda.json", R"({"slope": "0.1", "other": 7})"));
  EXPECT_EQ(load_pth(path()).metadata, (std::map<std::string, std::string>{{"slope", "0.1"}}));
}

TEST_F(Pth, TellsApartWhatIsNotWeights) {
  const auto refuses_bytes = [&](const std::string& bytes, const std::string& reason) {
    std::ofstream(path(), std::ios::binary) << bytes;
    base::expect_error([&] { load_weights(path()); }, "cannot read ", path().string(), reason);
  };
  refuses_bytes("", "it is empty");
  refuses_bytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer");
  refuses_bytes("\n<!DOCTYPE html><html>", "HTML page");
  refuses_bytes("<html>", "HTML page");
  refuses_bytes("\x89HDF\r\n\x1a\n", "HDF5");
  refuses_bytes(std::string(100, 'x'), "PyTorch 1.6 or later");
  write_zip(path(), kGood);
  refuses_bytes(base::read_file(path()).substr(0, 300), "cut short");
  std::filesystem::copy(path(), folder_ / "m.safetensors");
  save_safetensors(path(), {{{"w", {1}, {1}}}, {}});
  base::expect_error([&] { load_weights(path()); }, "it is a safetensors file");
  write_zip(folder_ / "m.safetensors", kGood);
  base::expect_error([&] { load_weights(folder_ / "m.safetensors"); }, "it is a file of PyTorch");
  refuses("TorchScript", {{"m/data.pkl", "."}, {"m/constants.pkl", "."}});
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
  refuses("\"m/data/0\" does not have the 6 values", changed("m/data/0", counting_floats(5)));
  refuses("does not have the 6 values", changed("m/data/0", counting_floats(7)));
  refuses("does not have the 6 values", changed("m/data/0", counting_floats(6) + "x"));
  Records without = kGood;
  without.erase("m/data/0");
  refuses("\"m/data/0\" is missing", without);
  const std::string huge = "\x8a\x08" + std::string(7, '\xff') + "\x7f";
  refuses("does not have the 9223372036854775807 values",
          changed("m/data.pkl", state_dict(pickled("w") + pickled(TensorText{.size = huge}))));
  const TensorText elsewhere{.key = "../version"};
  refuses("\"m/data/../version\" is missing",
          changed("m/data.pkl", state_dict(pickled("w") + pickled(elsewhere))));
}

TEST_F(Pth, RefusesBombs) {
  refuses("is compressed", changed("m/data/0", std::string(1'000'000, '\0')), ZIP_CM_DEFLATE);
  refuses("more than any state dict needs",
          changed("m/data.pkl", std::string((16 << 20) + 1, 'N')));
  // One storage under a hundred names, all of it each time.
  const std::string thousand = "M" + std::string("\xe8\x03", 2);
  std::string items =
      pickled("0") +
      pickled(TensorText{.size = thousand, .shape = thousand, .strides = pickled(1)}) + "q\x01";
  for (int i = 1; i < 100; ++i) items += pickled(std::to_string(i)) + "h\x01";
  Records shared = changed("m/data.pkl", state_dict(items));
  shared["m/data/0"] = counting_floats(1000);
  refuses("share storages", shared);
  // One value, repeated.
  const std::string million = "J" + std::string("\x40\x42\x0f\0", 4);
  const TensorText repeated{.shape = million, .strides = pickled(0)};
  refuses("share storages", changed("m/data.pkl", state_dict(pickled("w") + pickled(repeated))));
}

TEST_F(Pth, RefusesDamage) {
  write_zip(path(), kGood);
  const std::string whole = base::read_file(path());
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

TEST_F(Pth, WeightsAreToldByTheirContent) {
  write_zip(path(), kGood);
  EXPECT_EQ(load_weights(path()).tensors.size(), 1U);
  std::filesystem::copy(path(), folder_ / "m.pt");
  EXPECT_EQ(load_weights(folder_ / "m.pt").tensors.size(), 1U);
  save_safetensors(folder_ / "m.safetensors", load_pth(path()));
  EXPECT_EQ(load_weights(folder_ / "m.safetensors").at("w").values.size(), 6U);
  base::expect_error([&] { load_weights(folder_ / "m.bin"); }, "m.bin", "No such file");
  for (const char* const name : {"m.bin", "m.ckpt", "m.PTH", "m"}) {
    std::filesystem::copy(path(), folder_ / name);
    EXPECT_EQ(load_weights(folder_ / name).tensors.size(), 1U) << name;
  }
  std::ofstream(folder_ / "m.txt") << "no weights";
  base::expect_error([&] { load_weights(folder_ / "m.txt"); }, "m.txt",
                     ".safetensors, .pth or .pt");
  base::expect_error([&] { save_weights(folder_ / "n.bin", {}); }, "n.bin",
                     ".safetensors, .pth or .pt");
}

}  // namespace
}  // namespace gan::io
