// SPDX-License-Identifier: BSD-3-Clause
// Makes an algorithm's row from its struct. Only the algorithm's own .cc includes this.
//
// struct Algorithm {
//   using Settings = ...;          // with parameters_of(const Settings*)
//   struct Sender { ... };         // state of a queue pair that sends; a copy can be advanced by itself
//   static Allowance start(Sender&, const Settings&, const SenderContext&, SimTime now);
//   static void signalled(Sender&, const Settings&, CongestionSignal, SimTime now, Allowance&);
//   static void advance(Sender&, const Settings&, SimTime now, Allowance&);
//   // where it minds them:
//   static void sent(Sender&, const Settings&, uint32_t frame_bytes, SimTime now, Allowance&);
//   static void acked(Sender&, const Settings&, const AckSample&, SimTime now, Allowance&);
//   // where ACKs are to say whether what they answer was marked (BECN, as InfiniBand's ACKs do):
//   static constexpr bool kEchoesMarks = true;
//   // where its receiver has something to say:
//   using Receiver = ...;
// };
// struct Receiver {
//   struct QueuePair { ... }; struct Peer { ... }; struct Port { ... };   // what it keeps of each
//   static constexpr bool kMarkedOnly = ...;
//   static ReceiverScope scope(const Settings&);
//   static ReceiverReaction arrived(QueuePair&, Peer&, Port&, const Settings&,
//                                   const ArrivalSample&, SimTime now);
//   static ReceiverReaction timer(QueuePair&, Peer&, Port&, const Settings&,
//                                 uint32_t queue_pair, SimTime now);
//   static bool idle(const QueuePair&, SimTime now);  // it says no more than a new one
// };
#pragma once

#include <new>
#include <type_traits>

#include "traffic/parameter/parameter.h"
#include "traffic/protocol/congestion/algorithm.h"

namespace railyard {

// Of windows: 2^23 packets, half of the packet numbers [IBTA 1.4, section 9.7.2], of the largest MTU.
constexpr double kMostInFlight = 8'388'608.0 * 8192;

namespace algorithm_detail {

template <class T>
void construct(void* at) {
  static_assert(alignof(T) <= alignof(double));
  new (at) T();
}
template <class T>
void destroy(void* at) {
  static_cast<T*>(at)->~T();
}
template <class T>
void assign(void* to, const void* from) {
  *static_cast<T*>(to) = *static_cast<const T*>(from);
}

template <class A, class = void>
struct MindsSent : std::false_type {};
template <class A>
struct MindsSent<A, std::void_t<decltype(&A::sent)>> : std::true_type {};
template <class A, class = void>
struct MindsAcks : std::false_type {};
template <class A>
struct MindsAcks<A, std::void_t<decltype(&A::acked)>> : std::true_type {};
template <class A, class = void>
struct EchoesMarks : std::false_type {};
template <class A>
struct EchoesMarks<A, std::void_t<decltype(A::kEchoesMarks)>> : std::bool_constant<A::kEchoesMarks> {};
template <class A, class = void>
struct HasReceiver : std::false_type {};
template <class A>
struct HasReceiver<A, std::void_t<typename A::Receiver>> : std::true_type {};

template <class A>
const typename A::Settings& settings(const void* of) {
  return *static_cast<const typename A::Settings*>(of);
}

template <class A>
SenderFunctions sender_functions() {
  using Sender = typename A::Sender;
  SenderFunctions f;
  f.state_bytes = sizeof(Sender);
  f.construct = construct<Sender>;
  f.destroy = destroy<Sender>;
  f.assign = assign<Sender>;
  f.start = [](void* s, const void* p, const SenderContext& context, SimTime now) {
    return A::start(*static_cast<Sender*>(s), settings<A>(p), context, now);
  };
  f.signalled = [](void* s, const void* p, CongestionSignal signal, SimTime now, Allowance& allowance) {
    A::signalled(*static_cast<Sender*>(s), settings<A>(p), signal, now, allowance);
  };
  f.advance = [](void* s, const void* p, SimTime now, Allowance& allowance) {
    A::advance(*static_cast<Sender*>(s), settings<A>(p), now, allowance);
  };
  if constexpr (MindsSent<A>::value)
    f.sent = [](void* s, const void* p, uint32_t bytes, SimTime now, Allowance& allowance) {
      A::sent(*static_cast<Sender*>(s), settings<A>(p), bytes, now, allowance);
    };
  if constexpr (MindsAcks<A>::value)
    f.acked = [](void* s, const void* p, const AckSample& sample, SimTime now, Allowance& allowance) {
      A::acked(*static_cast<Sender*>(s), settings<A>(p), sample, now, allowance);
    };
  return f;
}

template <class State>
ReceiverFunctions::Scope scope() {
  return {std::is_empty_v<State> ? 0u : static_cast<uint32_t>(sizeof(State)), construct<State>,
          destroy<State>};
}

template <class R>
struct ReceiverView {
  typename R::QueuePair& queue_pair;
  typename R::Peer& peer;
  typename R::Port& port;
  explicit ReceiverView(ReceiverState s)
      : queue_pair(*static_cast<typename R::QueuePair*>(s.queue_pair)),
        peer(*static_cast<typename R::Peer*>(s.peer)),
        port(*static_cast<typename R::Port*>(s.port)) {}
};

template <class A>
ReceiverFunctions receiver_functions() {
  ReceiverFunctions f;
  f.echoes_marks = EchoesMarks<A>::value;
  if constexpr (HasReceiver<A>::value) {
    using R = typename A::Receiver;
    f.scopes[static_cast<size_t>(ReceiverScope::QueuePair)] = scope<typename R::QueuePair>();
    f.scopes[static_cast<size_t>(ReceiverScope::Peer)] = scope<typename R::Peer>();
    f.scopes[static_cast<size_t>(ReceiverScope::Port)] = scope<typename R::Port>();
    f.marked_only = R::kMarkedOnly;
    f.scope = [](const void* p) { return R::scope(settings<A>(p)); };
    f.arrived = [](ReceiverState s, const void* p, const ArrivalSample& sample, SimTime now) {
      ReceiverView<R> v(s);
      return R::arrived(v.queue_pair, v.peer, v.port, settings<A>(p), sample, now);
    };
    f.timer = [](ReceiverState s, const void* p, uint32_t queue_pair, SimTime now) {
      ReceiverView<R> v(s);
      return R::timer(v.queue_pair, v.peer, v.port, settings<A>(p), queue_pair, now);
    };
    f.idle = [](ReceiverState s, SimTime now) {
      return R::idle(*static_cast<const typename R::QueuePair*>(s.queue_pair), now);
    };
  }
  return f;
}

}  // namespace algorithm_detail

template <class Settings>
CongestionPreset preset(std::string_view name, std::string_view help, const Settings& settings) {
  return {name, help, std::make_shared<Settings>(settings), {}};
}

template <class A>
CongestionAlgorithm algorithm_row(std::string_view name, std::string_view help,
                                  std::vector<CongestionPreset> presets = {}) {
  using Settings = typename A::Settings;
  CongestionAlgorithm row;
  row.name = name;
  row.help = help;
  row.sender = algorithm_detail::sender_functions<A>();
  row.receiver = algorithm_detail::receiver_functions<A>();
  row.presets = std::move(presets);
  row.default_settings = []() -> std::shared_ptr<void> { return std::make_shared<Settings>(); };
  row.assign_settings = algorithm_detail::assign<Settings>;
  row.bind_settings = [](void* of) { return bind(*static_cast<Settings*>(of)); };
  return row;
}

}  // namespace railyard
