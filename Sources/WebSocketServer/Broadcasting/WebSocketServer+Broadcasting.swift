import Synchronization
import Transport
import WebSocketProtocol

/// Sending to many at once; from any thread or task, without blocking.
extension WebSocketServer {
  /// Sends a message to all whom it is for.
  ///
  /// It is encoded once, and compressed once for each set of parameters that receivers have agreed on. For
  /// a peer that is behind, see ``ServerConfiguration/slowConsumers``; what waits for it may be overtaken by
  /// what its own handler sends.
  /// - Parameters:
  ///   - message: What to send.
  ///   - target: Whom it is for.
  ///   - excluded: Who of them does not get it, such as its author.
  ///   - completion: Is told, on one of the loops, when it has been handed to all.
  public func broadcast(
    _ message: Message, to target: BroadcastTarget = .everyone,
    excluding excluded: Set<ConnectionID> = [],
    completion: (@Sendable (BroadcastReceipt) -> Void)? = nil
  ) {
    guard let run = currentRun else {
      completion?(BroadcastReceipt())
      return
    }
    let shared = SharedMessage(message, configuration: run.context.connectionConfiguration)
    let loops = run.loops(for: target)
    guard !loops.isEmpty else {
      completion?(BroadcastReceipt())
      return
    }
    let tally = BroadcastTally(parts: loops.count)
    for share in loops {
      share.execute { loop in
        let part = loop.broadcast(shared, to: target, excluding: excluded)
        guard var whole = tally.add(part) else { return }
        (whole.encodingCount, whole.compressionCount) = shared.counts
        loop.context.statistics.note(whole)
        completion?(whole)
      }
    }
  }

  /// Sends a message to all whom it is for, and tells what became of it.
  ///
  /// Parameters are those of ``broadcast(_:to:excluding:completion:)``.
  public func deliver(
    _ message: Message, to target: BroadcastTarget = .everyone,
    excluding excluded: Set<ConnectionID> = []
  ) async -> BroadcastReceipt {
    await withCheckedContinuation { continuation in
      broadcast(message, to: target, excluding: excluded) { continuation.resume(returning: $0) }
    }
  }
}

extension ServerRun {
  /// The loops on which there may be receivers.
  fileprivate func loops(for target: BroadcastTarget) -> [LoopBound<ServerLoop>] {
    guard case .connections(let ids) = target else { return loops }
    let wanted = Set(ids.map(\.loop))
    return loops.indices.filter(wanted.contains).map { loops[$0] }
  }
}

/// Adds up what the loops tell.
private final class BroadcastTally: Sendable {
  private let state: Mutex<(missing: Int, receipt: BroadcastReceipt)>

  init(parts: Int) {
    state = Mutex((parts, BroadcastReceipt()))
  }

  /// Adds a part; the whole if it was the last.
  func add(_ part: BroadcastReceipt) -> BroadcastReceipt? {
    state.withLock { state in
      state.receipt += part
      state.missing -= 1
      return state.missing == 0 ? state.receipt : nil
    }
  }
}
