import CaseLanguage
import Reports
import Transport
import WebSocketProtocol

/// What is found out about a peer before the cases: what it agrees to, and how far away it is.
struct PeerScan: Sendable {
  /// What was noticed, for reports.
  var facts: [Fact] = []
  /// The shortest time from a request to its response.
  var roundTrip: Duration?

  /// Opens and closes.
  static let probe = Case(
    id: "probe", citation: Citation(document: "RFC 6455", section: "4.1"),
    steps: [.close(Step.Close(code: 1000))], deadline: Deadline(.seconds(2), .kill))

  /// The same with an offer of compression.
  static let compressionProbe = Case(
    id: "probe/deflate", citation: Citation(document: "RFC 7692", section: "5"),
    compression: CompressionPolicy(
      offers: ["permessage-deflate; client_max_window_bits"], acceptance: []),
    steps: [.close(Step.Close(code: 1000))], deadline: Deadline(.seconds(2), .kill))

  /// Notes what came of a probe.
  mutating func note(_ record: PlayRecord) {
    if let time = record.roundTrip { roundTrip = min(roundTrip ?? time, time) }
    if let tls = record.tls, !facts.contains(where: { $0.name == "TLS" }) {
      facts.append(Fact("TLS", "\(tls.version) \(tls.cipher)"))
    }
    guard record.playedCase.compression != nil, record.facts.isOpened else { return }
    facts.append(Fact("permessage-deflate", record.compression == nil ? "declined" : "agreed"))
    if let roundTrip {
      let microseconds = roundTrip.components.attoseconds / 1_000_000_000_000
      let milliseconds =
        Double(roundTrip.components.seconds) * 1000 + Double(microseconds) / 1000
      facts.append(Fact("round trip", "\((milliseconds * 100).rounded() / 100) ms"))
    }
  }

  /// What every time limit is given beyond its own: nothing for a peer that is near.
  ///
  /// An exchange takes a few round trips, and one of them is in the limits already.
  var allowance: Duration {
    let near = Duration.milliseconds(20)
    guard let roundTrip, roundTrip > near else { return .zero }
    return min((roundTrip - near) * 4, .seconds(60))
  }
}
