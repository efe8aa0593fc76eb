import HTTP
import Reports
import Transport
import WebSocketProtocol

/// Opening and closing connections.
extension LoopWorker {
  /// Begins as many connections as may be begun now.
  func openConnections() {
    guard !hasEnded else { return }
    let (begin, again) = pace.take(at: bench.clock.now)
    for _ in begin { openConnection() }
    if let again {
      loop.schedule(at: bench.clock.instant(at: again)) { [weak self] in self?.openConnections() }
    }
    if pace.isOver, !isReady {
      isReady = true
      control.loopIsReady(index, connectionCount: connections.count)
    }
  }

  private func openConnection() {
    guard !hasEnded else { return }
    connecting.attempted += 1
    setting.connector.connect(LoadConnection(worker: self))
  }

  /// Sends the opening handshake.
  func sendRequest(on connection: LoadConnection, _ timings: ConnectTimings) {
    let opening = LoadConnection.Opening(
      ClientHandshake(
        url: setting.url, key: .random(), subprotocols: setting.plan.subprotocols,
        compression: setting.offers, fields: setting.fields))
    opening.timings = timings
    connection.handshake = opening
    connection.deadline = timings.started.advanced(by: setting.plan.connectTimeout)
    connection.writeOutput { opening.handshake.writeRequest(to: &$0) }
  }

  /// Takes what answers the opening handshake; returns how many octets belonged to it.
  func receiveResponse(_ bytes: Span<UInt8>, on connection: LoadConnection) -> Int {
    guard let opening = connection.handshake else { return bytes.count }
    switch opening.handshake.receive(bytes) {
    case .needsMore:
      return bytes.count
    case .established(let established, let byteCount):
      establish(connection, opening, established)
      return byteCount
    case .failed(let failure):
      connection.lastWords = failure.description
      connection.abort()
      return bytes.count
    }
  }

  private func establish(
    _ connection: LoadConnection, _ opening: LoadConnection.Opening,
    _ established: ClientHandshake.Established
  ) {
    connecting.record(opening.timings)
    if connections.isEmpty {
      connecting.noteAgreements(established, isOffered: setting.plan.compression != nil)
    }
    connection.handshake = nil
    connection.deadline = nil
    connection.stage = .open
    connection.place = connections.count
    if let agreement = established.compression {
      connection.isPlain = false
      connection.core = Connection(
        role: .client, configuration: setting.configuration, compression: agreement,
        maskingKeys: maskingKeys)
    }
    connection.flow.isComparing = connection.isPlain
    connections.append(connection)
    connecting.established += 1
    openCount += 1
    pace.end()
    control.connectionCountChanged(index, open: openCount, failed: connecting.failures.total)
    openConnections()
  }

  /// A connection is at its end.
  func connectionEnded(_ connection: LoadConnection, _ reason: CloseReason) {
    let stage = connection.stage
    connection.stage = .gone
    connection.handshake = nil
    if stage == .opening {
      if let delay = setting.plan.connectRetryDelay, !hasEnded {
        loop.schedule(after: delay) { [weak self] in self?.openConnection() }
        return
      }
      pace.end(hasTimedOut: connection.isUnanswered || reason.isConnectTimeout)
      let (kind, words) = reason.openingFailure(lastWords: connection.lastWords)
      connecting.failures.add(kind, words)
      control.connectionCountChanged(index, open: openCount, failed: connecting.failures.total)
      return openConnections()
    }
    openCount -= 1
    if !isClosing {
      connection.settle()
      if !connection.core.hasFailed {
        connecting.failures.add(.disconnected, connection.lastWords ?? reason.loadWords)
      }
      control.connectionCountChanged(index, open: openCount, failed: connecting.failures.total)
    } else if openCount == 0 {
      leave()
    }
  }

  /// Closes what is open, in order, and what has not ended in a second, at once.
  func closeAll() {
    isClosing = true
    guard openCount > 0 else { return leave() }
    for connection in connections { connection.sendClose() }
    loop.schedule(after: .seconds(1)) { [self] in
      for connection in connections where connection.stage != .gone { connection.abort() }
    }
  }

  /// Nothing is open any more, and nothing will be: connections hold the worker, which would hold them for ever.
  private func leave() {
    connections = []
    control.loopHasEnded(index)
  }
}
