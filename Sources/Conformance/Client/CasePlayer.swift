public import CaseLanguage
public import Reports
public import Transport

/// Plays single cases against a server on loops of the caller's, who decides which case plays when.
///
/// ``ConformanceClient`` plays a selection once, so that each verdict can be trusted; this is for
/// those who play without end, as load.
public struct CasePlayer: Sendable {
  private let plan: PlayPlan
  private let builder: ResultBuilder

  /// What came of one play.
  public struct Play: Sendable {
    /// The verdict, and what it rests on.
    public var result: CaseResult
    /// What was seen.
    public var record: PlayRecord
  }

  /// A player; of the options, those that concern a single case count.
  ///
  /// - Throws: if the address cannot be used.
  public init(_ options: ConformanceOptions) throws(TransportError) {
    plan = try PlayPlan(url: options.url, options: options)
    builder = ResultBuilder(options)
  }

  /// Opens and closes a connection, to see whether there is a server.
  public func playProbe(on loop: EventLoop, completion: @escaping (PlayRecord) -> Void) {
    play(PeerScan.probe, number: 0, on: loop) { completion($0.record) }
  }

  /// Plays a case on a connection of its own; to be called on the loop's thread, as `completion` is.
  ///
  /// - Parameters:
  ///   - item: The case.
  ///   - number: Which play of the case it is: each has another lot.
  ///   - loop: The loop that has the connection.
  ///   - completion: Gets what came of it, once.
  public func play(
    _ item: Case, number: Int, on loop: EventLoop, completion: @escaping (Play) -> Void
  ) {
    let socket = ClientPlaySocket(item, plan: plan, play: number, loop: loop) { [builder] record in
      completion(Play(result: builder.result(record), record: record))
    }
    plan.connector.connect(socket)
  }
}
