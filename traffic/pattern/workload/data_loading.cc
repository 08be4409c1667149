// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/data_loading.h"

#include <fmt/format.h>

#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/storage.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard {
namespace {

using Indices = trace::RankBuilder::Indices;

struct DataLoadingPlan {
  DataLoadingSettings settings;

  uint32_t ranks() const { return settings.ranks + settings.endpoints; }
  workload::Stripes stripes() const { return {settings.ranks, settings.endpoints, settings.block}; }
  uint64_t blocks() const { return stripes().blocks(settings.batch.n); }

  trace::Header header() const {
    trace::Header header;
    header.set_name("data loading");
    header.set_source(fmt::format("data_loading ranks={} endpoints={} batch={} block={}", settings.ranks,
                                  settings.endpoints, format(settings.batch), format(settings.block)));
    header.set_rank_count(ranks());
    header.set_plain_messages(true);
    return header;
  }

  void write_rank(uint32_t rank, trace::RankBuilder& to) const {
    if (rank < settings.ranks)
      read(rank, to);
    else
      serve(rank, to);
  }

  // Batch i is used once it is there and its predecessor has been used; only then batch i + prefetch is
  // asked for.
  void read(uint32_t rank, trace::RankBuilder& to) const {
    std::vector<uint32_t> used;
    for (uint32_t step = 0; step < settings.steps; ++step) {
      const Indices ask = step < settings.prefetch ? Indices{} : Indices{used[step - settings.prefetch]};
      Indices there = used.empty() ? Indices{} : Indices{used.back()};
      for (uint64_t block = 0; block < blocks(); ++block) {
        const uint32_t endpoint = stripes().endpoint(rank, block);
        workload::named_send(to, "read request", endpoint, settings.request.n, ask);
        there.push_back(to.receive(endpoint, stripes().bytes_of(block, settings.batch.n), 0));
      }
      used.push_back(to.compute("use batch", workload::to_ns(settings.interval), there));
    }
  }

  void serve(uint32_t endpoint, trace::RankBuilder& to) const {
    for (uint32_t step = 0; step < settings.steps; ++step) {
      for (uint32_t rank = 0; rank < settings.ranks; ++rank) {
        for (uint64_t block = 0; block < blocks(); ++block) {
          if (stripes().endpoint(rank, block) != endpoint) continue;
          const uint32_t asked = to.receive(rank, settings.request.n, 0);
          workload::named_send(to, "read", rank, stripes().bytes_of(block, settings.batch.n), {asked});
        }
      }
    }
  }
};

uint32_t ranks_of(const DataLoadingSettings& settings) {
  return DataLoadingPlan{settings}.ranks();
}

MadeJob made(const DataLoadingSettings& settings, const WorkloadContext&) {
  return make_data_loading(settings);
}

}  // namespace

MadeJob make_data_loading(const DataLoadingSettings& settings) {
  if (settings.block.n == 0) return tl::make_unexpected("data loading: block must be at least 1");
  return workload::source_of(DataLoadingPlan{settings});
}

const std::vector<Parameter<DataLoadingSettings>>& parameters_of(const DataLoadingSettings*) {
  using S = DataLoadingSettings;
  using namespace workload;
  constexpr double kLeastBlock = 4096;
  static const std::vector<Parameter<S>> rows = {
      {"ranks", &S::ranks, 1, kMaxRanks, "Ranks of the training job", kOurs},
      {"endpoints", &S::endpoints, 1, kMaxRanks, "NICs of storage hosts: the last ranks of this job", kOurs},
      {"batch", &S::batch, 1, kMaxBuffer, "What a rank reads for a step", kOurs},
      {"block", &S::block, kLeastBlock, kMaxMessage,
       "Size of a read; successive ones go to successive endpoints", kOurs},
      {"request", &S::request, 1, kMaxMessage, "Size of what asks for a block", kOurs},
      {"prefetch", &S::prefetch, 1, kMaxRanks,
       "Batches of a rank that are asked for and not yet used, at most",
       "PyTorch DataLoader: prefetch_factor 2"},
      {"steps", &S::steps, 1, kMaxRanks, "Batches of each rank", kOurs},
      {"interval", &S::interval, 0, kMaxTime, "How long a rank works on a batch", kOurs},
  };
  return rows;
}

Workload data_loading_workload() {
  return workload_row<DataLoadingSettings, ranks_of, made>(
      "data_loading", "Ranks read what they train on from storage hosts");
}

}  // namespace railyard
