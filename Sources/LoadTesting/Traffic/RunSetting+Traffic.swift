import WebSocketProtocol

/// What a plan says of conversations.
extension RunSetting {
  /// Whether the time from the sending is another than the one from the plan.
  var recordsService: Bool { schedule != nil && !isFanOut }

  var isFanOut: Bool { plan.traffic.isFanOut }

  var churn: ChurnPlan? { plan.lifetime.map { ChurnPlan(lifetime: $0) } }

  /// What publishers send.
  var publication: MessageTemplate {
    switch plan.payload {
    case .octets(let octets): MessageTemplate(octets)
    case .generated(let content, let byteCount):
      MessageTemplate(
        Array("{{stamp}}".utf8)
          + PayloadTemplate(
            content, byteCount: max(0, byteCount - DeliveryStamp.byteCount),
            isText: plan.kind == .text, seed: plan.seed
          ).octets)
    }
  }

  /// The place of connection `number` of the group.
  func place(_ number: Int, _ book: TrafficBook) -> ClientPlace {
    let share = plan.slowReaders?.share ?? 0
    let isSlow = share > 0 && SpreadShare.contains(number, share: share)
    // Where all are slow there is nothing to keep them apart from.
    let isApart = isSlow && share < 1
    return ClientPlace(
      number: number, dialogue: dialogue(number, book, isApart: isApart), isSlow: isSlow)
  }

  /// Messages of a trace by their connections; empty without a trace.
  var tracedMessages: [[LoadTrace.Message]] {
    guard let trace = plan.trace else { return [] }
    var lists = [[LoadTrace.Message]](repeating: [], count: trace.connectionCount)
    for message in trace.messages { lists[message.connection].append(message) }
    return lists
  }

  private func dialogue(_ number: Int, _ book: TrafficBook, isApart: Bool) -> any Dialogue {
    let wholeNumber = plan.wholeNumber(ofConnection: number)
    if plan.trace != nil {
      return TraceDialogue(
        book, self, messages: traced.indices.contains(number) ? traced[number] : [],
        connection: wholeNumber)
    }
    switch plan.traffic {
    case .push(let push):
      return PushDialogue(book, push, connection: wholeNumber, isSlow: isApart)
    case .fanOut(let fanOut):
      return FanOutDialogue(book, fanOut, self, number: wholeNumber, isSlow: isApart)
    case .echo, .ping, .exchange, .cases:
      if plan.workload == .idle { return SilentDialogue(book) }
    }
    switch plan.traffic {
    case .ping: return PingDialogue(book, isSlow: isApart)
    case .exchange(let exchange):
      guard case .octets(let octets) = plan.payload, let field = NumberField(exchange.marker)
      else { return SilentDialogue(book) }
      return ExchangeDialogue(
        book, template: MessageTemplate(octets), number: field, connection: wholeNumber,
        isSlow: isApart)
    case .echo, .push, .fanOut, .cases: return EchoDialogue(book, self, isSlow: isApart)
    }
  }
}
