// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/validation/validate.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <ostream>

#include <fmt/format.h>

#include "dpdk-app/validation/validation_output.h"
#include "tools/experiment/run_folder.h"

namespace railyard::validation {
namespace {

namespace fs = std::filesystem;

constexpr int kAgrees = 0, kDiffers = 1, kNotComparable = 2;

int fail(std::ostream& err, const std::vector<std::string>& reasons) {
  for (const std::string& reason : reasons) err << reason << '\n';
  return kNotComparable;
}

tl::expected<void, std::string> write_file(const fs::path& path, const Agreement& agreement,
                                           void (*write)(std::ostream&, const Agreement&)) {
  std::ofstream stream(path, std::ios::binary);
  if (stream) write(stream, agreement);
  stream.close();
  if (stream) return {};
  return tl::make_unexpected(fmt::format("{}: this file cannot be written", path.string()));
}

tl::expected<void, std::string> write_folder(const fs::path& folder, const Agreement& agreement) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return tl::make_unexpected(
        fmt::format("{}: this folder cannot be made: {}", folder.string(), error.message()));
  return write_file(folder / "validation.json", agreement, write_validation_json).and_then([&] {
    return write_file(folder / "validation.html", agreement, write_validation_page);
  });
}

}  // namespace

tl::expected<double, std::string> parse_tolerance(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit(end, text.data() + text.size());
  if (unit == "%" || unit == " %") value /= 100;
  const bool is_known = unit.empty() || unit == "%" || unit == " %";
  if (error == std::errc() && is_known && value > 0 && value <= 1) return value;
  return tl::make_unexpected(fmt::format(
      "--tolerance {}: this is not a tolerance: write a percentage up to 100, such as 10%", text));
}

int validate(const ValidateOptions& options, const report::TerminalStyle& style, std::ostream& out,
             std::ostream& err) {
  const auto tolerance = parse_tolerance(options.tolerance);
  if (!tolerance) return fail(err, {tolerance.error()});
  const auto sim = read_runs(options.sim);
  if (!sim) return fail(err, {sim.error()});
  const auto lab = read_runs(options.lab);
  if (!lab) return fail(err, {lab.error()});
  if (!lab->facts.known)
    return fail(err, {fmt::format("{}: no lab played this, there is no lab.json: give the folder of railyard "
                                  "lab run as the second",
                                  options.lab)});
  const Comparability comparability = match(*sim, *lab);
  if (!comparability.obstacles.empty()) return fail(err, comparability.obstacles);
  fs::path folder;
  if (!options.output.empty()) {
    const auto chosen = choose_folder(options.output, "", "");
    if (!chosen) return fail(err, {chosen.error()});
    folder = *chosen;
  }
  const Agreement agreement = judge(*sim, *lab, comparability, *tolerance);
  if (options.json)
    write_validation_json(out, agreement);
  else
    print_agreement(out, agreement, style);
  if (!folder.empty()) {
    if (const auto done = write_folder(folder, agreement); !done) return fail(err, {done.error()});
    if (!options.json) out << "\npage: " << (folder / "validation.html").string() << '\n';
  }
  switch (agreement.verdict) {
    case Verdict::Agrees:
      return kAgrees;
    case Verdict::Differs:
      return kDiffers;
    case Verdict::NotMeasurable:
      return kNotComparable;
  }
  return kNotComparable;
}

}  // namespace railyard::validation
