// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer: what a controller may tell a player, behind the parser: messages in any order, and Plans that
// hold anything. An agent plays them and writes its captures, a soft switch takes its settings from them;
// what cannot be played is refused in words, and no file but a capture appears.
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "dpdk-app/control/message_framing.h"
#include "dpdk-app/control/session_options.h"
#include "dpdk-app/device/raw_clock.h"
#include "dpdk-app/softswitch/emulated_switch.h"
#include "dpdk-app/softswitch/planned_switch.h"
#include "dpdk-app/softswitch/switch_record.h"
#include "tests/fuzz/frame_script.h"
#include "tests/fuzz/message_mutator.h"
#include "tests/fuzz/played_plan.h"
#include "tests/unit/softswitch/memory_store.h"

namespace {

using namespace railyard;
using namespace railyard::lab;
using control::Message;
using fuzz::require;
namespace fs = std::filesystem;

constexpr size_t kMessages = 8;

std::vector<Message> messages_of(const uint8_t* data, size_t size) {
  std::vector<Message> messages;
  FrameParser parser(kPeerLimit);
  parser.append({reinterpret_cast<const char*>(data), size});
  while (messages.size() < kMessages) {
    auto message = parser.next();
    if (!message || !*message) break;
    messages.push_back(std::move(**message));
  }
  return messages;
}

// Where the agent writes: a folder in one of our own, so that what is written beside it is seen.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "plan-fuzz-XXXXXX").string();
    require(mkdtemp(name.data()) != nullptr);
    home_ = name;
    require(fs::create_directory(home_ / "captures"));
    fs::permissions(home_ / "captures", fs::perms::owner_all);
    folder_ = CaptureFolder::open(home_ / "captures").value();
  }
  ~Scratch() { fs::remove_all(home_); }

  const CaptureFolder* folder() const { return &*folder_; }
  // Captures and nothing else, which are taken away.
  void check() const {
    require(std::distance(fs::directory_iterator(home_), fs::directory_iterator()) == 1);
    for (const auto& entry : fs::directory_iterator(home_ / "captures")) {
      require(entry.is_regular_file() && entry.path().extension() == ".pcap");
      fs::remove(entry.path());
    }
  }

 private:
  fs::path home_;
  std::optional<CaptureFolder> folder_;
};

void tell_agent(const std::vector<Message>& messages) {
  static const Scratch kScratch;
  fuzz::PlayedPlan player(kScratch.folder());
  PlayerSession session(player);
  for (const Message& message : messages) {
    uint32_t replies = 0;
    session.on_message(message, [&](const Message& reply) {
      ++replies;
      require(!reply.has_failure() || !reply.failure().what().empty());
      require(encode_frame(reply).has_value());
    });
    require(replies > 0 || (!message.has_prepare() && !message.has_collect()));
    session.tick(raw_clock_ns());
  }
  session.on_controller_lost("the input is over");
  kScratch.check();
}

void configure_switch(const control::Plan& plan) {
  constexpr uint32_t kPorts = 4;
  EmulatedSwitchSettings own;
  own.rates.assign(kPorts, BitRate::megabits(100));
  const auto planned = planned_switch(plan, {"ring:s0", "ring:s1", "ring:s2", "ring:s3"}, own);
  if (!planned) return;
  MemoryStore store;
  EmulatedSwitch made(own, std::vector<MacAddress>(kPorts, mac_of(0xee)), store);
  made.configure(planned->settings);
  made.set_faults(planned->port_faults);
  made.set_routes(planned->routes);
  SimTime now = SimTime::milliseconds(1);
  made.start_run(now, SimTime{plan.sample_interval_ps()});
  for (uint32_t i = 0; i < kPriorities; ++i) {
    const FrameHandle frame =
        store.add(data_frame(1, 2, 1'024, static_cast<uint8_t>(i << 5 | ecn::kEct0), i));
    made.receive(i % kPorts, &frame, 1, now);
    made.advance(now += SimTime::milliseconds(1));
  }
  (void)switch_record(made, "leaf0", {}, now);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  google::protobuf::SetLogHandler(nullptr);  // as PlayerServer does
  return 0;
}

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t capacity);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t capacity, unsigned seed) {
  RandomStream random(seed, 0);
  std::vector<Message> messages = messages_of(data, size);
  if (messages.empty() || random.below(16) == 0) return LLVMFuzzerMutate(data, size, capacity);
  const uint32_t which = random.below(static_cast<uint32_t>(messages.size()));
  if (random.below(16) == 0) messages.push_back(messages[which]);
  for (uint32_t changes = 1 + random.below(4); changes > 0; --changes) fuzz::mutate(messages[which], random);
  std::string bytes;
  for (const Message& message : messages)
    if (message.kind_case() != Message::KIND_NOT_SET)
      if (const auto frame = encode_frame(message)) bytes += *frame;
  if (bytes.size() > capacity) return LLVMFuzzerMutate(data, size, capacity);
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<Message> messages = messages_of(data, size);
  tell_agent(messages);
  for (const Message& message : messages)
    if (message.has_prepare()) configure_switch(message.prepare().plan());
  return 0;
}
