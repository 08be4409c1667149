// SPDX-License-Identifier: BSD-3-Clause
// How a polling loop waits where there was nothing to do.
#pragma once

#include <cstdint>

namespace railyard::lab {

class IdleWait {
 public:
  // A delay this short is less than what a virtual device takes anyway, and sleeping it still leaves most of
  // a shared processor to others.
  static constexpr int64_t kShortPs = 20'000'000;
  static constexpr int64_t kLongPs = 200'000'000;  // where nobody waits for an answer

  // By the thread that will wait. In real time nothing of normal priority runs beside it, the kernel's own
  // threads that deliver frames among them: then it sleeps at once, and does not first look out for a while.
  explicit IdleWait(bool real_time);

  void worked(int64_t now) { idle_since_ = now; }
  // Nothing was to do at `now`, and nothing will be before `due` unless frames come: waits for at most
  // `longest`, and not beyond what is due. Picoseconds.
  void wait(int64_t now, int64_t due, int64_t longest) const;

 private:
  int64_t spin_ps_;
  int64_t idle_since_ = 0;
};

}  // namespace railyard::lab
