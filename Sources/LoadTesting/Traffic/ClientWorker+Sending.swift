import Transport

/// When what is sent.
extension ClientWorker {
  /// What may wait for the kernel before nothing more is sent.
  private static let pendingLimit = 256 << 10

  /// Sends all that is due, and sets the timer for what comes next.
  func sendDue() {
    guard isSending, let pacer else { return }
    let now = timer.clock.now
    let limit = min(now, timer.phases.sendingEnd - 1)
    let isTraced = setting.plan.trace != nil
    if isTraced {
      sendTraced(at: now, limit: limit)
    } else {
      for place in cursor.takeDue(by: limit, pacer) { sendMore(senders[place], at: now) }
    }
    let next = isTraced ? nextTraced?.time : cursor.nextTime(pacer)
    passedTime = min(limit, (next ?? .max) - 1)
    timer.lookAgain(at: next, after: now) { [weak self] in self?.sendDue() }
  }

  /// The message of a trace that is due next.
  private var nextTraced: LoadTrace.Message? {
    tracedCount < traced.count ? traced[tracedCount] : nil
  }

  /// Sends what of a trace is due.
  private func sendTraced(at now: Int64, limit: Int64) {
    while let message = nextTraced, message.time <= limit {
      tracedCount += 1
      let number = message.connection / setting.plan.loops
      guard places.indices.contains(number) else { continue }
      places[number].tracedCount += 1
      sendMore(places[number], at: now)
    }
  }

  /// Sends what is due on a place, or what makes its depth full, with few writes.
  func sendMore(_ place: ClientPlace, at now: Int64) {
    guard isSending, place.dialogue.sends, let connection = place.connection,
      connection.takesMessages
    else { return }
    var frames: [UInt8] = []
    swap(&frames, &output)
    repeat {
      frames.removeAll(keepingCapacity: true)
      if pacer == nil {
        fill(connection, at: now, &frames)
      } else {
        catchUp(connection, at: now, &frames)
      }
      if connection.compresses { book.counts.wireSent += UInt64(frames.count) }
      if !frames.isEmpty { connection.write(frames.span) }
      // So much in one write was not all, if the kernel took it.
    } while frames.count >= Self.pendingLimit && connection.takesMessages
    if frames.capacity <= 1 << 20 { swap(&frames, &output) }
  }

  /// Adds what is due and not sent yet, as far as there is room.
  private func catchUp(_ connection: ClientConnection, at now: Int64, _ frames: inout [UInt8]) {
    let place = connection.place
    let due = dueCount(of: place, by: cursor)
    while place.plannedCount < due,
      hasRoom(connection, setting.plan.maximumInFlight, frames.count)
    {
      let planned = plannedTime(of: place)
      place.plannedCount += 1
      add(connection, planned: planned, at: now, &frames)
    }
  }

  /// How many messages an open loop's plan has had for a place before a cursor.
  func dueCount(of place: ClientPlace, by cursor: SlotCursor) -> UInt64 {
    guard setting.plan.trace == nil else { return place.tracedCount }
    return place.sender < 0 ? 0 : cursor.dueCount(atPlace: place.sender)
  }

  /// When the next message of a place is due by an open loop's plan.
  private func plannedTime(of place: ClientPlace) -> Int64 {
    guard setting.plan.trace == nil else {
      return setting.traced[place.number][Int(place.plannedCount)].time
    }
    return pacer?.plannedTime(ofMessage: place.plannedCount * slotCount + place.slot) ?? .max
  }

  /// Adds what makes the depth full, or, with an interval, what is not too early.
  private func fill(_ connection: ClientConnection, at now: Int64, _ frames: inout [UInt8]) {
    let place = connection.place
    while hasRoom(connection, setting.depth, frames.count) {
      if let interval = setting.plan.interval?.nanoseconds {
        guard place.nextSending <= now else { return setAlarm(connection) }
        place.nextSending = max(now, place.nextSending + interval)
      }
      add(connection, planned: now, at: now, &frames)
    }
  }

  private func hasRoom(_ connection: ClientConnection, _ depth: Int, _ byteCount: Int = 0) -> Bool {
    connection.place.dialogue.awaitedCount < depth
      && connection.pendingByteCount + byteCount < Self.pendingLimit
  }

  private func add(
    _ connection: ClientConnection, planned: Int64, at now: Int64, _ frames: inout [UInt8]
  ) {
    let message = connection.place.dialogue.nextMessage(planned: planned, at: now)
    book.counts.sent += 1
    if now - planned > 1_000_000 { book.counts.noteLate(isHeld: planned <= passedTime) }
    book.counts.payloadSent += UInt64(connection.encode(message, to: &frames))
  }

  /// A connection has read, so that there may be room for more, or nothing left to wait for.
  func connectionHasRead(_ connection: ClientConnection, at now: Int64) {
    if connection.isRetiring { return retire(connection) }
    sendMore(connection.place, at: now)
  }

  // MARK: Ends on purpose

  /// Has the connection call ``wake(_:)`` when its life ends, or when it may send again.
  func setAlarm(_ connection: ClientConnection) {
    let place = connection.place
    var next = place.lifeEnd
    if setting.plan.interval != nil, place.dialogue.sends, pacer == nil,
      hasRoom(connection, setting.depth)
    {
      next = min(next, max(place.nextSending, timer.clock.now))
    }
    guard next != .max, connection.stage == .open else { return }
    connection.deadline = timer.clock.instant(at: next)
  }

  /// The time that a connection waited for has come.
  func wake(_ connection: ClientConnection) {
    let now = timer.clock.now
    let place = connection.place
    guard now >= place.lifeEnd, isSending else {
      sendMore(place, at: now)
      setAlarm(connection)
      return
    }
    place.lifeEnd = .max
    if connection.isRetiring {
      // It has waited for its answers long enough.
      place.dialogue.giveUp(sentBefore: .max)
    }
    connection.isRetiring = true
    retire(connection)
  }

  /// Ends a connection whose life is over, as soon as its answers are there.
  private func retire(_ connection: ClientConnection) {
    let place = connection.place
    guard connection.stage == .open else { return }
    guard place.dialogue.awaitedCount == 0 else {
      if place.lifeEnd == .max {
        place.lifeEnd = timer.clock.now + setting.replyTimeout
        setAlarm(connection)
      }
      return
    }
    place.lifeEnd = .max
    churn.dropped += 1
    churn.start = churn.start ?? timer.clock.now
    place.returning = .churn
    connection.isDropped = true
    connection.sendClose()
  }

  /// Drops a share of all connections at once.
  func drop(_ storm: ReconnectStorm, _ number: Int) {
    guard isSending else { return }
    for place in places where SpreadShare.contains(place.number, share: storm.share) {
      guard let connection = place.connection, connection.stage == .open else { continue }
      storms[number].dropped += 1
      storms[number].start = storms[number].start ?? timer.clock.now
      storms[number].abandoned += place.dialogue.drop()
      place.returning = .storm(number)
      connection.isDropped = true
      if storm.resets { connection.abort() } else { connection.sendClose() }
    }
  }
}
