#include "host/io/pytorch/pickle.h"

#include <gtest/gtest.h>

#include "tests/io/pickles.h"
#include "tests/io/support.h"

namespace gan::io {
namespace {

using testing::ElementsAre;

// Of a pickle that is one state dict.
std::vector<PickledTensor> parse_state_dict(const std::string& pickle) {
  std::vector<PickledState> states = parse_state_dicts(pickle);
  EXPECT_EQ(states.size(), 1U);
  EXPECT_EQ(states.front().key, "");
  return states.front().tensors;
}

void refuses(const std::string& reason, const std::string& pickle) {
  SCOPED_TRACE(reason);
  base::expect_error([&] { parse_state_dict(pickle); }, reason);
}

std::string with(const TensorText& tensor) {
  return state_dict(pickled("w") + pickled(tensor));
}

TEST(Pickle, DescribesItsTensors) {
  TensorText part{.key = "7", .size = pickled(200), .offset = pickled(9)};
  const auto tensors = parse_state_dict(
      state_dict(pickled("a") + pickled(TensorText{}) + pickled("b") + pickled(part)));
  ASSERT_EQ(tensors.size(), 2U);
  EXPECT_EQ(tensors[0].name, "a");
  EXPECT_THAT(tensors[0].shape, ElementsAre(2, 3));
  EXPECT_EQ(tensors[0].count, 6U);
  EXPECT_EQ(tensors[0].storage, "0");
  EXPECT_EQ(tensors[0].storage_size, 6U);
  EXPECT_EQ(tensors[0].offset, 0U);
  EXPECT_EQ(tensors[1].name, "b");
  EXPECT_EQ(tensors[1].storage, "7");
  EXPECT_EQ(tensors[1].storage_size, 200U);
  EXPECT_EQ(tensors[1].offset, 9U);
}

TEST(Pickle, KnowsEveryInstructionOfAStateDict) {
  EXPECT_TRUE(parse_state_dict("}.").empty());
  EXPECT_TRUE(parse_state_dict("\x80\x02}}b.").empty());
  const std::string wide = std::string("\x8a\x05") + std::string("\x06\0\0\0\0", 5);
  const std::string sizes[] = {std::string("M\x06\0", 3), std::string("J\x06\0\0\0", 5), wide};
  for (const std::string& six : sizes)
    EXPECT_EQ(parse_state_dict(with({.size = six})).at(0).storage_size, 6U);
  EXPECT_EQ(parse_state_dict("}" + pickled("w") + pickled(TensorText{}) + "s.").size(), 1U);
  // Kept, recalled, and kept under a long number.
  const std::string kept = pickled("w") + pickled(TensorText{}) + "q\x05" + pickled("v") + "h\x05" +
                           std::string("r\0\0\1\0", 5) + pickled("u") + std::string("j\0\0\1\0", 5);
  EXPECT_EQ(parse_state_dict(state_dict(kept)).size(), 3U);
  const std::string scalar = pickled(TensorText{.shape = "", .strides = ""});
  EXPECT_EQ(parse_state_dict("}" + pickled("w") + scalar + "s.").at(0).count, 1U);
}

TEST(Pickle, RunsNothing) {
  refuses("it would run \"os.system\"", global("os", "system") + tuple(pickled("true")) + "R.");
  refuses("it would run \"builtins.eval\"", global("builtins", "eval"));
  refuses("it would run \"__main__.Generator\"", global("__main__", "Generator"));
  refuses("it would run \"torch.storage._load_from_bytes\"",
          global("torch.storage", "_load_from_bytes"));
  refuses(R"(\u001b[31m)", global("\x1b[31m", "x"));
  refuses("not that of a state dict", kRebuild + ")b.");
  refuses("calls something", global("torch", "FloatStorage") + tuple(pickled(9)) + "R.");
  refuses("calls something", global("collections", "OrderedDict") + tuple(pickled(9)) + "R.");
  refuses("calls something", kRebuild + ")\x81");
  for (const char instruction : {'i', 'o', '\x92', 'P', '\x82', 'S', 'I', 'd', '\x97', '\x98'})
    refuses("which no state dict needs", std::string("(") + instruction);
}

TEST(Pickle, KnowsTheTypesOfStorages) {
  const auto type = [](const char* name) {
    return parse_state_dict(with({.type = name})).at(0).type.type;
  };
  EXPECT_EQ(type("FloatStorage"), ValueType::f32);
  EXPECT_EQ(type("HalfStorage"), ValueType::f16);
  EXPECT_EQ(type("BFloat16Storage"), ValueType::bf16);
  EXPECT_EQ(type("DoubleStorage"), ValueType::f64);
  EXPECT_EQ(type("ByteStorage"), ValueType::u8);
  EXPECT_EQ(type("LongStorage"), std::nullopt);
}

// Protocols 4 and 5 have names on the stack, short texts and frames, and number what is kept.
TEST(Pickle, ReadsTheProtocolsTwoToFive) {
  const auto text = [](const std::string& value) {
    return "\x8c" + std::string(1, static_cast<char>(value.size())) + value;
  };
  const std::string type = text("torch") + text("FloatStorage") + "\x93\x94";
  const std::string storage =
      "(" + text("storage") + type + text("0") + text("cpu") + pickled(6) + "tQ";
  const std::string tensor = text("torch._utils") + text("_rebuild_tensor_v2") + "\x93(" + storage +
                             pickled(0) + "K\x02K\x03\x86K\x03K\x01\x86\x89" + kNewDict + "tR";
  const std::string pickle =
      "\x80\x04\x95" + std::string(8, '\0') + "}\x94(" + text("w") + tensor + "h\x01" + "0u.";
  const auto tensors = parse_state_dict(pickle);
  ASSERT_EQ(tensors.size(), 1U);
  EXPECT_THAT(tensors[0].shape, ElementsAre(2, 3));
  for (const char protocol : {'\2', '\3', '\4', '\5'})
    EXPECT_TRUE(parse_state_dict("\x80" + std::string(1, protocol) + "}.").empty());
  refuses("of protocol 6", "\x80\x06}.");
  refuses("of protocol 1", "\x80\x01}.");
}

TEST(Pickle, FindsTheStateDictsInDictionaries) {
  const auto dict = [](const std::string& items) { return "}(" + items + "u"; };
  const std::string state = dict(pickled("w") + pickled(TensorText{}));
  const std::string optimizer = dict(pickled("state") + dict(pickled(0) + state) +
                                     pickled("param_groups") + "](" + state + "e");
  const std::string args = global("argparse", "Namespace") + ")\x81" + state + "b";
  const std::string whole =
      dict(pickled("epoch") + pickled(7) + pickled("loss") + "G" + std::string(8, '?') +
           pickled("G") + state + pickled("nets") + dict(pickled("D") + state) + pickled("noise") +
           pickled(TensorText{}) + pickled("optimizer") + optimizer + pickled("args") + args);
  const auto states = parse_state_dicts(whole + ".");
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0].key, "G");
  EXPECT_EQ(states[1].key, "nets.D");
  EXPECT_EQ(states[0].tensors.at(0).name, "w");
  refuses("holds none under its keys \"epoch\", \"x\"",
          dict(pickled("epoch") + pickled(7) + pickled("x") + optimizer) + ".");
}

TEST(Pickle, ATensorAloneHasNoName) {
  const auto tensors = parse_state_dict(pickled(TensorText{}) + ".");
  ASSERT_EQ(tensors.size(), 1U);
  EXPECT_EQ(tensors[0].name, "");
}

TEST(Pickle, AParameterIsItsTensor) {
  const std::string parameter = global("torch._utils", "_rebuild_parameter") +
                                tuple(pickled(TensorText{}) + "\x88" + kNewDict) + "R";
  EXPECT_EQ(parse_state_dict(state_dict(pickled("w") + parameter)).at(0).count, 6U);
  refuses("calls something", global("torch._utils", "_rebuild_parameter") + ")R.");
}

// 16 MB of instructions of one byte each took 1.6 GB.
TEST(Pickle, BoundsItsInstructions) {
  refuses("more than 4000000 instructions", std::string(5'000'000, ')'));
  refuses("more than 4000000 instructions", ")" + std::string(5'000'000, '\x94'));
  std::string items = pickled("first") + pickled(TensorText{}) + "q\x01";
  for (int i = 0; i < 100'000; ++i) items += pickled(std::to_string(i)) + "h\x01";
  refuses("more than 100000 tensors", state_dict(items));
}

TEST(Pickle, RefusesWhatIsNoStateDict) {
  for (const std::string& pickle :
       {std::string("N."), std::string("\x88."), pickled("x") + ".", "}" + pickled("a") + "}s.",
        "}" + pickled("a") + pickled(7) + "s.", "}" + pickled(7) + pickled(TensorText{}) + "s.",
        "N" + pickled("a") + pickled("b") + "s.", std::string("NNb."), std::string("NR."),
        std::string("N)R."), std::string("NQ."), std::string("(.")})
    refuses("not that of a state dict", pickle);
  refuses("\"w\" appears twice",
          state_dict(pickled("w") + pickled(TensorText{}) + pickled("w") + pickled(TensorText{})));
  refuses("a key without a value", state_dict(pickled("w")));
  refuses("is not a storage", ")Q.");
  refuses("is not a storage", tuple(pickled("module") + kRebuild + "NNN") + "Q.");
}

TEST(Pickle, RefusesValuesThatAreNotThere) {
  refuses("is not there", ".");
  refuses("is not there", "q\x01");
  refuses("are not there", "NNt");
  refuses("is not there", "N\x87");
  refuses("did not keep", "h\x01");
  refuses("is not there", "b");
}

TEST(Pickle, DescribesAnyViewOfAStorage) {
  const auto turned = parse_state_dict(with({.strides = pickled(1) + pickled(2)})).at(0);
  EXPECT_FALSE(turned.contiguous());
  EXPECT_THAT(turned.strides, ElementsAre(1, 2));
  EXPECT_EQ(turned.reach, 6U);
  const auto repeated = parse_state_dict(with({.strides = pickled(0) + pickled(0)})).at(0);
  EXPECT_EQ(repeated.reach, 1U);
  EXPECT_EQ(repeated.count, 6U);
}

TEST(Pickle, RefusesImpossibleTensors) {
  const std::string huge = "\x8a\x08" + std::string(7, '\xff') + "\x7f";  // 2⁶³ - 1
  const std::string negative = "J" + std::string(4, '\xff');              // -1
  const std::string large = "\x8a\x05" + std::string("\0\0\0\0\x01", 5);  // 2³²
  refuses("beyond its storage", with({.size = pickled(5)}));
  refuses("beyond its storage", with({.offset = pickled(1)}));
  refuses("beyond its storage", with({.offset = huge}));
  refuses("negative", with({.size = negative}));
  refuses("negative", with({.offset = negative}));
  refuses("negative", with({.size = "\x8a\x08" + std::string(8, '\xff')}));
  refuses("negative", with({.shape = negative, .strides = pickled(1)}));
  refuses("too large",
          with({.shape = large + large + large, .strides = huge + large + pickled(1)}));
  refuses("too large", with({.shape = pickled(1) + huge + pickled(2) + pickled(2),
                             .strides = pickled(0) + pickled(4) + pickled(2) + pickled(1)}));
  refuses("number that is too large", std::string("\x8a\x09"));
  refuses("beyond its storage", with({.strides = pickled(1) + pickled(3)}));
  refuses("beyond its storage", with({.strides = pickled(3) + huge}));
  refuses("negative", with({.strides = negative + pickled(1)}));
  refuses("impossible dimensions", with({.strides = pickled(1)}));
  std::string many;
  for (int i = 0; i < 65; ++i) many += pickled(1);
  refuses("impossible dimensions", with({.shape = many, .strides = many}));
  refuses("unknown way", kRebuild + ")R.");
}

TEST(Pickle, DepthAndCyclesCostNothing) {
  const std::string deep(1'000'000, ')');
  refuses("not that of a state dict", deep + std::string(999'999, '\x86') + ".");
  refuses("not that of a state dict", "}q\x01" + pickled("self") + "h\x01s.");
}

TEST(Pickle, AnyDamageIsRefusedOrHarmless) {
  const std::string good =
      state_dict(pickled("a") + pickled(TensorText{}) + "q\x01" + pickled("b") + "h\x01");
  ASSERT_EQ(parse_state_dict(good).size(), 2U);
  for (std::size_t cut = 0; cut < good.size(); ++cut)
    EXPECT_THROW(parse_state_dicts(good.substr(0, cut)), std::runtime_error) << cut;
  for (std::size_t i = 0; i < good.size(); ++i)
    for (int byte = 0; byte < 256; ++byte) {
      std::string bad = good;
      bad[i] = static_cast<char>(byte);
      try {
        for (const PickledState& state : parse_state_dicts(bad))
          for (const PickledTensor& tensor : state.tensors)
            EXPECT_LE(tensor.offset + tensor.reach, tensor.storage_size);
      } catch (const std::runtime_error&) {
      }
    }
}

}  // namespace
}  // namespace gan::io
