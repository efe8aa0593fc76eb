/// How a case negotiates permessage-deflate.
///
/// Without an agreement the verdict is `unsupported`, and we send Close 1000 at once.
public struct CompressionPolicy: Hashable, Sendable {
  /// What we offer as client, one element each, in order, as it stands in the header field:
  /// `permessage-deflate; client_max_window_bits`.
  public var offers: [String]
  /// How we answer as server: the first rule that some offer fits, and of that the first such offer.
  ///
  /// The answer repeats `server_no_context_takeover` and `server_max_window_bits` of the offer.
  public var acceptance: [AcceptanceRule]
  /// What a server may answer to our offers: one of these; empty: whatever is valid.
  public var agreements: [AgreementRule]
  /// Whether we must be allowed to keep our context from one message to the next.
  public var needsContext: Bool
  /// Whether we must have agreed not to keep our context.
  public var needsReset: Bool
  /// How many bits our window must be allowed to have at least.
  public var neededWindowBits: Int

  /// A policy.
  public init(
    offers: [String], acceptance: [AcceptanceRule], agreements: [AgreementRule] = [],
    needsContext: Bool = false, needsReset: Bool = false, neededWindowBits: Int = 8
  ) {
    self.offers = offers
    self.acceptance = acceptance
    self.agreements = agreements
    self.needsContext = needsContext
    self.needsReset = needsReset
    self.neededWindowBits = neededWindowBits
  }

  /// The value of the `Sec-WebSocket-Extensions` field of our request.
  public var offerFieldValue: String { offers.joined(separator: ", ") }

  /// What we add to the answer to a fitting offer.
  public struct AcceptanceRule: Hashable, Sendable {
    /// Adds `client_no_context_takeover`.
    public var clientNoContextTakeover: Bool
    /// Adds `client_max_window_bits` with this value; only an offer that has the parameter fits.
    public var clientMaxWindowBits: Int?

    /// A rule; by default every offer fits and nothing is added.
    public init(clientNoContextTakeover: Bool = false, clientMaxWindowBits: Int? = nil) {
      self.clientNoContextTakeover = clientNoContextTakeover
      self.clientMaxWindowBits = clientMaxWindowBits
    }
  }
}
