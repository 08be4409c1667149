// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/lab_results.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "dpdk-app/measurement/histogram.h"

namespace railyard::lab {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kLabFormat = 1;
constexpr double kPicosecondsPerMicrosecond = 1e6;

Json json_of(const control::PortStatus& port) {
  return {{"name", port.name()},
          {"driver", port.driver()},
          {"mac", mac_text(port.mac())},
          {"link_bps", port.link_bps()},
          {"max_frame_bytes", port.max_frame_bytes()},
          {"hardware_pfc", port.hardware_pfc()},
          {"hardware_timestamps", port.hardware_timestamps()},
          {"virtual", port.is_virtual()}};
}

Json json_of(const Player& player) {
  const control::Identity& identity = player.client->identity();
  Json json = {{"name", player.place.name},
               {"kind", player.place.kind == control::AGENT ? "agent" : "softswitch"},
               {"address", player.place.address},
               {"railyard", identity.version()},
               {"machine", identity.machine()},
               {"tsc_error_ppm", identity.tsc_error_ppm()},
               {"ports", Json::array()}};
  for (const control::PortStatus& port : identity.ports()) json["ports"].push_back(json_of(port));
  return json;
}

tl::expected<Histogram, std::string> histogram_of(const control::Histogram& from) {
  return Histogram::of_counts({from.counts().begin(), from.counts().end()}, from.minimum(), from.maximum());
}

// Times in seconds, as in summary.json.
Json json_of(const control::Histogram& from) {
  const auto histogram = histogram_of(from);
  if (!histogram) return {{"error", histogram.error()}};
  constexpr double kSecondsPerPicosecond = 1e-12;
  Json json = {{"count", histogram->total()}};
  if (histogram->total() == 0) return json;
  json["min"] = static_cast<double>(histogram->minimum()) * kSecondsPerPicosecond;
  for (const char* percent : {"50", "90", "99", "99.9", "99.99"})
    json[fmt::format("p{}", percent)] =
        static_cast<double>(histogram->percentile(std::stod(percent))) * kSecondsPerPicosecond;
  json["max"] = static_cast<double>(histogram->maximum()) * kSecondsPerPicosecond;
  return json;
}

Json json_of(const ClockOffset& clock) {
  return {{"offset_ns", clock.offset_ns}, {"error_ns", clock.error_ns}};
}

Json json_of(const PlayerResult& player) {
  Json json = {{"name", player.state.name},
               {"lost", player.state.lost.empty() ? Json(nullptr) : Json(player.state.lost)},
               {"clock_before", json_of(player.clock_before)},
               {"clock_after", json_of(player.clock_after)},
               {"clock_drift_ppm", player.drift_ppm}};
  Json events = player.events;
  if (player.measurements) {
    const control::Measurements& m = *player.measurements;
    json["valid"] = m.valid();
    if (!m.valid()) json["invalid_because"] = m.invalid_because();
    json["counters"] = Json::object();
    for (const control::Value& counter : m.counters()) json["counters"][counter.name()] = counter.text();
    json["histograms"] = Json::object();
    for (const control::Histogram& histogram : m.histograms())
      json["histograms"][histogram.name()] = json_of(histogram);
    for (const std::string& event : m.events()) events.push_back(event);
  }
  json["events"] = std::move(events);
  return json;
}

Json json_of(const MergeGaps& gaps) {
  return {{"sent_but_not_received", gaps.not_received},
          {"received_but_sender_unknown", gaps.never_sent},
          {"reported_twice", gaps.twice},
          {"received_before_posted", gaps.before_posted},
          {"received_before_posted_at_most_ns", gaps.most_before_posted.ps / 1000}};
}

Json json_of(const FrameBalance& frames);

Json json_of(const PlayedRun& run) {
  const std::string invalid = invalid_because(run);
  Json json = {{"setting", run.setting}, {"seed", run.seed}, {"started", run.started}};
  json["complete"] = run.run.complete;
  if (!run.run.complete) json["incomplete_because"] = run.run.stopped_by;
  json["valid"] = invalid.empty();
  if (!invalid.empty()) json["invalid_because"] = invalid;
  json["warnings"] = run.run.warnings;
  json["messages"] = json_of(run.gaps);
  json["frames"] = json_of(run.frames);
  json["players"] = Json::array();
  for (const PlayerResult& player : run.run.players) json["players"].push_back(json_of(player));
  json["switches"] = Json::array();
  for (const SwitchFiles& one : run.switches) {
    Json files = Json::array();
    for (const TextFile& file : one.files) files.push_back(file.name);
    json["switches"].push_back({{"name", one.name}, {"files", files}, {"problems", one.problems}});
  }
  return json;
}

bool has_virtual_port(const std::vector<Player>& players) {
  return std::any_of(players.begin(), players.end(), [](const Player& player) {
    const auto& ports = player.client->identity().ports();
    return std::any_of(ports.begin(), ports.end(), [](const auto& port) { return port.is_virtual(); });
  });
}

Json json_of(const FrameBalance& frames) {
  if (!frames.known) return nullptr;
  Json json = {{"text", text_of(frames)},
               {"sent", frames.sent},
               {"copied", frames.copied},
               {"received", frames.accepted},
               {"rejected", frames.rejected},
               {"dropped", frames.dropped},
               {"given_up", frames.given_up},
               {"under_way", frames.held},
               {"lost_in_hosts", frames.lost_in_hosts},
               {"lost_somewhere", frames.lost_somewhere},
               {"unexplained", frames.unexplained},
               {"where", frames.where_unexplained},
               {"foreign", frames.foreign},
               {"pauses_by_hosts", frames.host_pauses},
               {"pausers", frames.pausers},
               {"cables", Json::array()}};
  for (const CableBalance& cable : frames.cables)
    json["cables"].push_back({{"from_to", cable.name},
                              {"sent", cable.sent},
                              {"received", cable.received},
                              {"lost_in_hosts", cable.lost_in_hosts},
                              {"counted_by", cable.counted_by},
                              {"unexplained", cable.unexplained}});
  return json;
}

// What does not make a run invalid, or not this one.
void add_frame_cautions(const PlayedRun& run, const std::string& which, std::vector<std::string>& cautions) {
  const FrameBalance& frames = run.frames;
  if (!run.lossless && frames.lost_in_hosts > 0)
    cautions.push_back(fmt::format("{}: {} frames were lost in hosts, not in the fabric: {}.", which,
                                   frames.lost_in_hosts, fmt::join(frames.where_in_hosts, "; ")));
  if (!run.lossless && frames.lost_somewhere > 0)
    cautions.push_back(
        fmt::format("{}: {} frames were lost, nobody knows where: the switches in between do "
                    "not tell of their drops.",
                    which, frames.lost_somewhere));
  if (!run.lossless)
    for (const auto& [reason, count] : frames.given_up)
      cautions.push_back(
          fmt::format("{}: the soft switch's machine gave up {} frames ({}).", which, count, reason));
  for (const std::string& pauser : frames.pausers) cautions.push_back(fmt::format("{}: {}.", which, pauser));
}

void add_histograms(const PlayedRun& run, std::vector<TextFile>& files) {
  for (const PlayerResult& player : run.run.players) {
    if (!player.measurements) continue;
    for (const control::Histogram& from : player.measurements->histograms()) {
      const auto histogram = histogram_of(from);
      if (!histogram || histogram->total() == 0) continue;
      std::ostringstream text;
      histogram->write_hgrm(text, kPicosecondsPerMicrosecond);
      // Names come from players; they become names of files.
      std::string name =
          fmt::format("{}-seed{}-{}-{}", run.setting, run.seed, player.state.name, from.name());
      std::replace_if(
          name.begin(), name.end(),
          [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '_' && c != '.'; }, '_');
      files.push_back({name + ".hgrm", text.str()});
    }
  }
}

}  // namespace

std::string invalid_because(const PlayedRun& played) {
  std::vector<std::string> reasons;
  for (const PlayerResult& player : played.run.players)
    if (player.measurements && !player.measurements->valid())
      reasons.push_back(fmt::format("'{}': {}", player.state.name, player.measurements->invalid_because()));
  if (const std::string lost = invalid_because(played.frames, played.lossless); !lost.empty())
    reasons.push_back(lost);
  return fmt::format("{}", fmt::join(reasons, "; "));
}

std::string frames_table(const std::vector<PlayedRun>& runs) {
  std::string table = "frames\n";
  for (const PlayedRun& run : runs) {
    table += fmt::format("  {}, seed {}: {}\n", run.setting, run.seed, text_of(run.frames));
    if (run.frames.foreign > 0)
      table += fmt::format("    and {} that were not the run's own\n", run.frames.foreign);
    if (run.frames.host_pauses > 0)
      table += fmt::format("    and {} pause frames that hosts sent\n", run.frames.host_pauses);
  }
  return table;
}

std::vector<std::string> cautions_of(const std::vector<PlayedRun>& runs, const std::vector<Player>& players) {
  std::vector<std::string> cautions;
  for (const PlayedRun& run : runs) {
    const std::string which = fmt::format("setting {}, seed {}", run.setting, run.seed);
    if (!run.run.complete)
      cautions.push_back(fmt::format("{} is incomplete: {}.", which, run.run.stopped_by));
    if (const std::string why = invalid_because(run); !why.empty())
      cautions.push_back(fmt::format("{} is INVALID, its figures are not the network's: {}.", which, why));
    if (run.gaps.never_sent > 0)
      cautions.push_back(
          fmt::format("{}: {} messages were received whose sender reports nothing; they are "
                      "in no table.",
                      which, run.gaps.never_sent));
    add_frame_cautions(run, which, cautions);
    for (const SwitchFiles& one : run.switches)
      for (const std::string& problem : one.problems)
        cautions.push_back(fmt::format("{}: {}.", which, problem));
  }
  if (has_virtual_port(players))
    cautions.push_back(
        "This lab has virtual ports: it says how the protocols behave, not how fast a NIC is.");
  return cautions;
}

std::vector<TextFile> lab_files(const Scenario& scenario, const std::vector<Player>& players,
                                const std::vector<PlayedRun>& runs, const std::vector<PauseVerdict>& pauses) {
  Json json = {{"format", kLabFormat}, {"scenario", scenario.name}};
  json["time_scale"] = scenario.lab.time_scale;
  json["complete"] = std::all_of(runs.begin(), runs.end(), [](const auto& run) { return run.run.complete; });
  json["valid"] =
      std::all_of(runs.begin(), runs.end(), [](const auto& run) { return invalid_because(run).empty(); });
  json["virtual_devices"] = has_virtual_port(players);
  json["players"] = Json::array();
  for (const Player& player : players) json["players"].push_back(json_of(player));
  json["pfc_self_test"] = Json::array();
  for (const PauseVerdict& v : pauses)
    json["pfc_self_test"].push_back({{"paused_by", v.paused_by},
                                     {"paused", v.paused},
                                     {"outcome", std::string(name_of(v.outcome))},
                                     {"reason", v.reason},
                                     {"seen", v.seen}});
  json["runs"] = Json::array();
  std::vector<TextFile> files;
  for (const PlayedRun& run : runs) {
    json["runs"].push_back(json_of(run));
    add_histograms(run, files);
    for (const SwitchFiles& one : run.switches) files.insert(files.end(), one.files.begin(), one.files.end());
  }
  files.push_back({"lab.json", json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"});
  return files;
}

}  // namespace railyard::lab
