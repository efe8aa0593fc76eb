extension CompressionPolicy {
  /// Reads what comes after `offer`, `accept`, `agree` or `need`.
  mutating func read(_ word: String, _ scanner: inout Scanner) throws(CaseSyntaxError) {
    switch word {
    case "offer": offers = try scanner.list("an extension offer")
    case "accept": acceptance = try Self.acceptance(&scanner)
    case "agree": agreements = try Self.agreements(&scanner)
    default:
      while !scanner.peekToken().isEmpty {
        if scanner.takeWord("context") {
          needsContext = true
        } else if scanner.takeWord("reset") {
          needsReset = true
        } else if scanner.attribute(["window"]) != nil {
          neededWindowBits = Int(try scanner.integer("window bits", in: 8...15))
        } else {
          throw scanner.error(
            "expected context, reset or window=8…15, not `\(scanner.peekToken())`")
        }
      }
    }
  }

  /// Rules such as `any, client_no_context_takeover; client_max_window_bits=9`.
  private static func acceptance(
    _ scanner: inout Scanner
  ) throws(CaseSyntaxError) -> [AcceptanceRule] {
    let start = scanner
    var rules: [AcceptanceRule] = []
    for element in try scanner.list("any, or parameters to answer with") {
      var rule = AcceptanceRule()
      for parameter in element.split(separator: ";").map({ $0.trimmingBlanks() }) {
        let bits = parameter.split(separator: "=")
        if parameter == "any" {
          continue
        } else if parameter == "client_no_context_takeover" {
          rule.clientNoContextTakeover = true
        } else if bits.count == 2, bits[0] == "client_max_window_bits", let number = Int(bits[1]),
          (8...15).contains(number)
        {
          rule.clientMaxWindowBits = number
        } else {
          throw start.error(
            """
            expected any, client_no_context_takeover or client_max_window_bits=8…15, \
            not `\(parameter)`
            """)
        }
      }
      rules.append(rule)
      guard rules.count <= 64 else { throw start.error("expected at most 64 rules") }
    }
    return rules
  }

  /// Rules such as `none, server_max_window_bits<=10; !client_max_window_bits`.
  private static func agreements(
    _ scanner: inout Scanner
  ) throws(CaseSyntaxError) -> [AgreementRule] {
    let start = scanner
    var rules: [AgreementRule] = []
    for element in try scanner.list("none, any, or what the answer must say") {
      if element == "none" {
        rules.append(.declined)
      } else if element == "any" {
        rules.append(.accepted([]))
      } else {
        var demands: [AgreementRule.Demand] = []
        for text in element.split(separator: ";").map({ $0.trimmingBlanks() }) {
          guard let demand = AgreementRule.Demand(text) else {
            throw start.error(
              """
              expected none, any, or a parameter of RFC 7692 §7.1 as NAME, !NAME, NAME=8…15 or \
              NAME<=8…15, not `\(text)`
              """)
          }
          demands.append(demand)
        }
        rules.append(.accepted(demands))
      }
      guard rules.count <= 64 else { throw start.error("expected at most 64 rules") }
    }
    return rules
  }
}
