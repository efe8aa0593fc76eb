import CaseLanguage

/// A timer of a player that has not fired yet.
struct PendingTimer {
  var deadline: ContinuousClock.Instant
  var kind: Kind

  enum Kind {
    /// The connection is to be open.
    case opening
    /// A pause of the script.
    case resume(Step.Pause)
    /// The deadline of the case.
    case deadline(Deadline.Action)
    /// The peer's Close in answer to ours is due.
    case closeReply
    /// The server's end of TCP is due.
    case serverDrop
    /// A Ping beside those of the case.
    case ping
    /// The Pong to it is due.
    case pong
    /// Our patience with a server that closed and keeps TCP open.
    case patience

    /// Whether the script goes on then.
    var isResume: Bool {
      if case .resume = self { true } else { false }
    }

    fileprivate var killsAnyway: Bool {
      if case .deadline(.kill) = self { true } else { false }
    }
  }
}

extension Player {
  /// When ``advance(to:)`` is to be called, or nil.
  public var nextDeadline: ContinuousClock.Instant? {
    state == .closed ? nil : timers.lazy.map(\.deadline).min()
  }

  /// Fires the timers that are due.
  public func advance(to now: ContinuousClock.Instant) {
    while state != .closed,
      let index = timers.indices.min(by: { timers[$0].deadline < timers[$1].deadline }),
      timers[index].deadline <= now
    {
      fire(timers.remove(at: index).kind, at: now)
    }
  }

  func arm(_ kind: PendingTimer.Kind, after duration: Duration, at now: ContinuousClock.Instant) {
    var allowance = settings.allowance
    // A pause without a mark only spaces out what is sent.
    if case .resume(let pause) = kind, pause.mark == nil { allowance = .zero }
    timers.append(PendingTimer(deadline: now + duration + allowance, kind: kind))
  }

  /// Arms the deadline of the case; every case has one.
  func armDeadline(at now: ContinuousClock.Instant) {
    if let deadline = playedCase.deadline {
      let isLong = deadline.duration >= .seconds(10)
      arm(
        .deadline(deadline.action),
        after: deadline.duration + (isLong ? settings.longDeadlineAllowance : .zero), at: now)
    } else {
      arm(.deadline(.kill), after: settings.defaultDeadline, at: now)
    }
  }

  func disarmOpening() {
    timers.removeAll { if case .opening = $0.kind { true } else { false } }
  }

  func disarmCloseReply() {
    timers.removeAll { if case .closeReply = $0.kind { true } else { false } }
  }

  /// Makes sure that a server that closed first and keeps TCP open is not waited for without end.
  func armPatienceIfNothingElseEnds(at now: ContinuousClock.Instant) {
    let endsAnyway = timers.contains { $0.kind.killsAnyway }
    let mayStillKill = timers.contains { $0.kind.isResume } && resumesWhileClosing
    guard !endsAnyway, !mayStillKill else { return }
    arm(.patience, after: settings.patience, at: now)
  }

  /// Whether a pause that is under way goes on in CLOSING and leads to a kill deadline.
  private var resumesWhileClosing: Bool {
    guard playedCase.deadline?.action ?? .kill == .kill else { return false }
    return timers.allSatisfy {
      if case .resume(let pause) = $0.kind { pause.condition == .notClosed } else { true }
    }
  }

  private func fire(_ kind: PendingTimer.Kind, at now: ContinuousClock.Instant) {
    switch kind {
    case .resume(let pause): resume(after: pause, at: now)
    case .opening: openingTimedOut(at: now)
    case .deadline(_) where state == .connecting: openingTimedOut(at: now)
    case .deadline(.kill):
      facts.deadlinePassed = true
      recorder.note("the case was to be over by now", at: now)
      failConnection(code: 1001, reason: "Going Away", at: now)
    case .deadline(.close):
      guard state == .open else { return }
      facts.deadlinePassed = true
      recorder.note("the case was to be over by now", at: now)
      sendClose(Step.Close(), at: now)
    case .closeReply:
      guard state == .closing else { return }
      facts.wasClean = false
      facts.closeReplyTimedOut = true
      recorder.note("no Close in answer to ours", at: now)
      dropConnection(.abort, at: now)
    case .serverDrop:
      facts.wasClean = false
      facts.serverDropTimedOut = true
      recorder.note("the server did not drop TCP", at: now)
      dropConnection(.abort, at: now)
    case .ping: ping(at: now)
    case .pong:
      guard state == .open else { return }
      facts.wasClean = false
      recorder.note("no Pong in time", at: now)
      dropConnection(.abort, at: now)
    case .patience:
      facts.overran = true
      recorder.note("the server did not drop TCP", at: now)
      dropConnection(.abort, at: now)
    }
  }
}
