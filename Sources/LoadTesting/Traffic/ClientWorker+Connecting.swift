import HTTP
import Reports
import Transport
import WebSocketProtocol

/// Opening connections, again and again where the plan wants it, and closing them.
extension ClientWorker {
  /// How long after a failure a connection that was open before is tried again.
  private static let retryDelay = Duration.milliseconds(250)

  func openConnections() {
    guard !isSettled else { return }
    let (begin, again) = pace.take(at: timer.clock.now)
    for place in places[begin] { open(place) }
    if let again {
      loop.schedule(at: timer.clock.instant(at: again)) { [weak self] in self?.openConnections() }
    }
    if pace.isOver, !isReady {
      isReady = true
      senders = places.filter { $0.dialogue.sends && $0.connection?.stage == .open }
      control.loopIsReady(
        index, connectionCount: connecting.established, senderCount: senders.count)
    }
    while isReady, pace.hasRoom, let place = reopening.popLast() {
      pace.beginAgain()
      open(place)
    }
  }

  private func open(_ place: ClientPlace) {
    guard !isSettled else { return }
    connecting.attempted += 1
    let connection = ClientConnection(worker: self, place: place)
    place.connection = connection
    let connector = place.isSlow ? setting.slowConnector : setting.connector
    connector.connect(connection)
  }

  /// Sends the opening handshake.
  func sendRequest(on connection: ClientConnection, _ timings: ConnectTimings) {
    let handshake = ClientHandshake(
      url: setting.url, key: .random(), subprotocols: setting.plan.subprotocols,
      compression: setting.offers, fields: setting.fields)
    connection.handshake = handshake
    connection.timings = timings
    connection.deadline = timings.started.advanced(by: setting.plan.connectTimeout)
    var output: [UInt8] = []
    handshake.writeRequest(to: &output)
    connection.write(output.span)
  }

  /// Takes what answers the opening handshake; returns how many octets belonged to it.
  func receiveResponse(_ bytes: Span<UInt8>, on connection: ClientConnection) -> Int {
    switch connection.handshake?.receive(bytes) {
    case nil, .needsMore: return bytes.count
    case .established(let established, let byteCount):
      establish(connection, established)
      return byteCount
    case .failed(let failure):
      connection.lastWords = failure.description
      connection.abort()
      return bytes.count
    }
  }

  private func establish(
    _ connection: ClientConnection, _ established: ClientHandshake.Established
  ) {
    let place = connection.place
    if let timings = connection.timings { note(timings, of: place) }
    if connecting.established == 0 {
      connecting.noteAgreements(established, isOffered: setting.plan.compression != nil)
    }
    connection.opened(established.compression)
    connecting.established += 1
    openCount += 1
    pace.end()
    control.connectionCountChanged(index, open: openCount, failed: connecting.failures.total)
    for greeting in place.dialogue.greetings { connection.greet(greeting) }
    if place.returning != nil {
      connecting.reopened += 1
      _ = place.dialogue.drop()
      place.returning = nil
      if let churn = setting.churn {
        place.lifeEnd = timer.clock.now + churn.life(chance: .random(in: 0..<1, using: &random))
      }
      setAlarm(connection)
      sendMore(place, at: timer.clock.now)
    }
    openConnections()
  }

  private func note(_ timings: ConnectTimings, of place: ClientPlace) {
    connecting.record(timings)
    let total = (ContinuousClock.now - timings.started).nanoseconds
    switch place.returning {
    case nil, .lost: break
    case .churn: churn.noteReturn(at: timer.clock.now, connect: total)
    case .storm(let number): storms[number].noteReturn(at: timer.clock.now, connect: total)
    }
  }

  /// A connection is at its end.
  func connectionEnded(_ connection: ClientConnection, _ reason: CloseReason) {
    let stage = connection.stage
    let place = connection.place
    connection.stage = .gone
    if place.connection === connection { place.connection = nil }
    guard stage != .opening else { return openingFailed(connection, reason) }
    openCount -= 1
    if isSettled {
      if openCount == 0 { control.loopHasEnded(index) }
      return
    }
    if !connection.isDropped {
      place.dialogue.giveUp(sentBefore: .max)
      if !connection.hasFailed {
        connecting.failures.add(.disconnected, connection.lastWords ?? reason.loadWords)
      }
      if setting.plan.replacesConnections {
        place.returning = .lost
        reopenLater(place)
      }
    } else {
      reopening.append(place)
    }
    control.connectionCountChanged(index, open: openCount, failed: connecting.failures.total)
    openConnections()
  }

  private func openingFailed(_ connection: ClientConnection, _ reason: CloseReason) {
    guard !isSettled else { return }
    let place = connection.place
    if place.returning == nil, let delay = setting.plan.connectRetryDelay {
      loop.schedule(after: delay) { [weak self] in self?.open(place) }
      return
    }
    pace.end(hasTimedOut: connection.isUnanswered || reason.isConnectTimeout)
    let (kind, words) = reason.openingFailure(lastWords: connection.lastWords)
    connecting.failures.add(kind, words)
    switch place.returning {
    case .churn: churn.failures += 1
    case .storm(let number): storms[number].failures += 1
    case nil, .lost: break
    }
    if place.returning != nil { reopenLater(place) }
    control.connectionCountChanged(index, open: openCount, failed: connecting.failures.total)
    openConnections()
  }

  private func reopenLater(_ place: ClientPlace) {
    loop.schedule(after: Self.retryDelay) { [weak self] in
      guard let self, !isSettled else { return }
      reopening.append(place)
      openConnections()
    }
  }

  /// Closes what is open, in order, and what has not ended in a second, at once.
  func closeAll() {
    let connections = places.compactMap(\.connection)
    for connection in connections where connection.stage == .opening { connection.abort() }
    guard openCount > 0 else { return control.loopHasEnded(index) }
    for connection in connections { connection.sendClose() }
    loop.schedule(after: .seconds(1)) {
      for connection in connections where connection.stage != .gone { connection.abort() }
    }
  }
}

extension ReconnectReport {
  fileprivate mutating func noteReturn(at now: Int64, connect: Int64) {
    returned += 1
    lastReturn = now
    self.connect.record(connect)
  }
}
