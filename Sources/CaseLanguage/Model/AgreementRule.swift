public import WebSocketProtocol

/// One of the answers that a server may give to our offers of permessage-deflate.
public enum AgreementRule: Hashable, Sendable {
  /// It goes without the extension; the script is played all the same, and nothing is compressed.
  case declined
  /// It accepts an offer, and its answer meets all of these.
  case accepted([Demand])

  /// What one parameter of the answer must be.
  public struct Demand: Hashable, Sendable {
    /// The parameter.
    public var name: String
    /// What it must be.
    public var condition: Condition

    /// A demand on the parameter `name`.
    public init(name: String, condition: Condition) {
      self.name = name
      self.condition = condition
    }

    /// What a parameter must be.
    public enum Condition: Hashable, Sendable {
      /// There, with any value or none.
      case present
      /// Not there.
      case absent
      /// There, with this number.
      case equal(Int)
      /// There, with this number or a smaller one.
      case atMost(Int)
    }
  }
}

extension AgreementRule.Demand {
  /// The parameters of RFC 7692 §7.1.
  static let names = [
    "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits",
    "client_max_window_bits",
  ]

  /// A demand as a case file writes it: `server_max_window_bits<=10`; nil if it is none.
  init?(_ text: String) {
    let isAbsent = text.hasPrefix("!")
    let rest = isAbsent ? text.dropFirst() : text[...]
    let name = rest.prefix { $0 != "=" && $0 != "<" }
    let relation = rest.dropFirst(name.count)
    guard Self.names.contains(String(name)) else { return nil }
    if relation.isEmpty {
      self.init(name: String(name), condition: isAbsent ? .absent : .present)
      return
    }
    let isBound = relation.hasPrefix("<=")
    guard !isAbsent, isBound || relation.hasPrefix("="),
      let number = Int(relation.dropFirst(isBound ? 2 : 1)), (8...15).contains(number)
    else { return nil }
    self.init(name: String(name), condition: isBound ? .atMost(number) : .equal(number))
  }

  /// Whether the answer meets it.
  func isMet(by answer: ExtensionElement) -> Bool {
    let parameter = answer.parameters.first { $0.name == name }
    let number = parameter?.value.flatMap { Int($0) }
    return switch condition {
    case .present: parameter != nil
    case .absent: parameter == nil
    case .equal(let value): number == value
    case .atMost(let most): number.map { $0 <= most } ?? false
    }
  }
}

extension AgreementRule {
  /// Whether this answer is meant; nil: there was none.
  public func isMet(by answer: ExtensionElement?) -> Bool {
    switch (self, answer) {
    case (.declined, let answer): answer == nil
    case (.accepted(let demands), let answer?): demands.allSatisfy { $0.isMet(by: answer) }
    case (.accepted, nil): false
    }
  }
}

extension CompressionPolicy {
  /// Whether what was agreed on is enough to play the case in this role.
  public func isPlayable(under agreement: PerMessageDeflate.Agreement?, as role: Role) -> Bool {
    guard let agreement else { return mayBeDeclined }
    return !(needsContext && agreement.noContextTakeover(of: role))
      && !(needsReset && !agreement.noContextTakeover(of: role))
      && agreement.maxWindowBits(of: role) >= neededWindowBits
  }

  /// Whether the case can be played without the extension.
  public var mayBeDeclined: Bool { agreements.contains(.declined) }

  /// Whether a server may give this answer to our offers; nil: it gave none.
  ///
  /// That it gave none is right also where an agreement is wanted: a server may decline any offer.
  public func isPermitted(_ answer: ExtensionElement?) -> Bool {
    answer == nil || agreements.isEmpty || agreements.contains { $0.isMet(by: answer) }
  }
}
