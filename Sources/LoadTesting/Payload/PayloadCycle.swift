/// What the messages of a connection carry by turns; the sequence number is at the same place in all.
struct PayloadCycle: Equatable, Sendable {
  /// The payloads, of which there is at least one.
  let templates: [PayloadTemplate]

  init(_ templates: [PayloadTemplate]) {
    precondition(!templates.isEmpty)
    self.templates = templates
  }

  /// Which of ``templates`` is the turn of message `number`.
  func place(of number: UInt64) -> Int {
    Int(truncatingIfNeeded: number % UInt64(templates.count))
  }

  /// What message `number` carries.
  subscript(number: UInt64) -> PayloadTemplate { templates[place(of: number)] }
}
