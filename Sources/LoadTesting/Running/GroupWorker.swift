import Transport

/// One loop's share of a group of connections: opens them, sends, receives, and reports.
///
/// All of it lives on the loop's thread. A worker is told little, and follows the phases by a ``PhaseTimer``:
///
/// 1. ``openConnections()``: it opens its connections, and calls ``RunControl/loopIsReady(_:connectionCount:)`` when
///    each has been established or has failed.
/// 2. ``begin(clock:phases:slots:)``: the start that all share. From here on its timer posts an
///    ``IntervalReport`` at each boundary of ``PhasePlan/nextBoundary(after:)``.
/// 3. At the end of the drain, or when nothing is awaited any more in it, it posts its ``LoopReport``, closes its
///    connections, and calls ``RunControl/loopHasEnded(_:)``.
protocol GroupWorker: AnyObject {
  /// Begins to open the connections.
  func openConnections()
  /// Starts sending at the clock's zero; `slots` deals the messages of a plan to connections.
  func begin(clock: RunClock, phases: PhasePlan, slots: SlotPlan)
  /// Ends the run earlier than planned.
  func replan(_ phases: PhasePlan)
}

extension RunSetting {
  /// The worker for what the plan wants.
  func makeWorker(loop: EventLoop, index: Int, control: RunControl) -> any GroupWorker {
    if let replay = plan.replay, let casePlayer {
      return ReplayWorker(
        loop: loop, index: index, setting: self, control: control, cases: replay.cases,
        player: casePlayer)
    }
    guard plan.isPlainEcho else {
      return ClientWorker(loop: loop, index: index, setting: self, control: control)
    }
    return LoopWorker(loop: loop, index: index, setting: self, control: control)
  }
}
