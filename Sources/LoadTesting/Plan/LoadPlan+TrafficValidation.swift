import CaseLanguage

/// What makes no sense in workloads beyond the echo.
extension LoadPlan {
  func validateTraffic() throws(LoadPlanError) {
    if let interval { try check(interval, from: .milliseconds(1), "interval") }
    if interval != nil, case .openLoop = workload {
      throw LoadPlanError(description: "an interval is for a closed loop: a rate has its own")
    }
    switch traffic {
    case .echo, .ping: break
    case .exchange(let exchange): try validate(exchange)
    case .push(let push): try validate(push)
    case .fanOut(let fanOut): try validate(fanOut)
    case .cases(let replay): try validate(replay)
    }
  }

  private func validate(_ replay: CaseReplay) throws(LoadPlanError) {
    try check(replay.allowance, from: .zero, "allowance")
    guard !replay.cases.isEmpty, replay.cases.allSatisfy({ $0.peers.contains(.server) }) else {
      throw LoadPlanError(description: "replay: there are no cases, or cases for clients")
    }
    guard workload == .closedLoop(depth: 1), interval == nil, !replacesConnections,
      slowReaders == nil, !stampsArrivals
    else {
      throw LoadPlanError(
        description: "replay: each connection plays one case after the other, at no rate or depth, "
          + "as the cases want, and without the kernel's stamps")
    }
  }

  private func validate(_ exchange: LoadTraffic.Exchange) throws(LoadPlanError) {
    try check(numberField: exchange.marker, "correlation")
    guard case .octets(let octets) = payload, MessageTemplate(octets).contains(.sequence) else {
      throw LoadPlanError(
        description: "requests need a message with {{sequence}} in it, by which replies are known")
    }
  }

  private func validate(_ push: LoadTraffic.Push) throws(LoadPlanError) {
    guard workload == .idle else {
      throw LoadPlanError(description: "where the server sends by itself there is no rate or depth")
    }
    if let marker = push.sequenceMarker { try check(numberField: marker, "sequence number") }
    guard let time = push.time else { return }
    guard time.unit > 0 else { throw LoadPlanError(description: "a unit of time is positive") }
    switch time.place {
    case .text(let marker): try check(numberField: marker, "time")
    case .binary(let offset): try check(offset, in: 0...Self.payloadByteCountLimit, "time's offset")
    }
  }

  private func check(numberField text: String, _ name: String) throws(LoadPlanError) {
    guard !text.isEmpty else {
      throw LoadPlanError(description: "\(name): the text before the number is empty")
    }
    guard NumberField(text) != nil else {
      throw LoadPlanError(
        description: "\(name): '\(text)' is no JSON Pointer (RFC 6901): behind ~ comes 0 or 1")
    }
  }

  private func validate(_ fanOut: LoadTraffic.FanOut) throws(LoadPlanError) {
    guard case .openLoop = workload else {
      throw LoadPlanError(description: "a fan-out publishes at a rate")
    }
    let most = fanOut.publishersListen ? wholeConnections : wholeConnections - 1
    guard most >= 1, 1...most ~= fanOut.publishers else {
      throw LoadPlanError(
        description:
          "publishers: of \(wholeConnections) connections 1 to \(max(1, most)) can publish, "
          + "not \(fanOut.publishers)")
    }
    guard 1...fanOut.publishers ~= fanOut.channels else {
      throw LoadPlanError(
        description: "channels: \(fanOut.channels) is not between 1 and the number of publishers, "
          + "\(fanOut.publishers)")
    }
    switch payload {
    case .octets(let octets):
      guard MessageTemplate(octets).contains(.stamp) else {
        throw LoadPlanError(
          description: "what is published needs {{stamp}} in it, by which it is known again")
      }
    case .generated(_, let byteCount):
      guard byteCount >= DeliveryStamp.byteCount else {
        throw LoadPlanError(
          description: "payload size: what is published has at least "
            + "\(DeliveryStamp.byteCount) octets, by which it is known again")
      }
    }
  }

  func validateConnections() throws(LoadPlanError) {
    if let lifetime { try check(lifetime.mean, from: .milliseconds(1), "lifetime") }
    for storm in storms {
      guard storm.offset >= .zero, storm.offset < duration else {
        throw LoadPlanError(
          description: "storm at \(storm.offset): it is not within the duration, \(duration)")
      }
      try check(share: storm.share, "share of a storm")
    }
    guard let slowReaders else { return }
    try check(share: slowReaders.share, "share of slow readers")
    try check(slowReaders.octetsPerSecond, in: 1...(1 << 40), "octets per second of slow readers")
  }

  private func check(share: Double, _ name: String) throws(LoadPlanError) {
    guard share > 0, share <= 1 else {
      throw LoadPlanError(description: "\(name): \(share) is not above 0 and at most 1")
    }
  }
}
