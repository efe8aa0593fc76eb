import Histogram
import Reports
import Transport
import WebSocketProtocol

/// Plays a ``LoadPlan``, or a ``LoadTest`` of several: connects, warms up, measures, drains, and says what came
/// of it.
///
/// ```swift
/// var plan = LoadPlan(url: "ws://127.0.0.1:9001")
/// plan.workload = .openLoop(messagesPerSecond: 10_000)
/// let outcome = try await LoadRunner(plan).run()
/// print(outcome.results.messagesPerSecond, outcome.isFlawless)
/// ```
///
/// A runner plays once. ``stop()`` may be called from anywhere.
public final class LoadRunner: Sendable {
  private let test: LoadTest
  private let groups: [PlayedGroup]

  /// A runner for a plan that makes sense.
  ///
  /// - Throws: ``LoadError/wrongPlan(_:)``, or ``LoadError/cannotRun(_:)`` when TLS cannot be set up.
  public convenience init(_ plan: LoadPlan) throws(LoadError) {
    try self.init(LoadTest(plan))
  }

  /// A runner for a test that makes sense.
  ///
  /// - Throws: ``LoadError/wrongPlan(_:)``, or ``LoadError/cannotRun(_:)`` when TLS cannot be set up.
  public init(_ test: LoadTest) throws(LoadError) {
    do throws(LoadPlanError) {
      try test.validate()
    } catch {
      throw .wrongPlan(error.description)
    }
    self.test = test
    var groups: [PlayedGroup] = []
    for (index, group) in test.groups.enumerated() {
      groups.append(
        PlayedGroup(
          group, isAlone: test.groups.count == 1,
          setting: try RunSetting(plan: test.plan(ofGroup: index)),
          control: RunControl(loopCount: test.loops)))
    }
    self.groups = groups
  }

  /// Ends the run early; what was measured until then is kept.
  public func stop() {
    for group in groups { group.control.stop() }
  }

  /// Plays a plan, or a test's first group with all the others.
  ///
  /// - Parameter onProgress: Hears how the run stands, about once a second.
  /// - Returns: What came of it, also when the target could not be reached or went away.
  /// - Throws: ``LoadError/cannotRun(_:)`` when the system does not give what the run needs.
  public func run(
    onProgress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) async throws(LoadError) -> LoadOutcome {
    try await play(onProgress: onProgress)[0]
  }

  /// Plays all groups.
  ///
  /// - Parameter onProgress: Hears how the run stands, about once a second.
  /// - Returns: What came of each group; they all share their ending.
  /// - Throws: ``LoadError/cannotRun(_:)`` when the system does not give what the run needs.
  public func play(
    onProgress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) async throws(LoadError) -> [LoadOutcome] {
    try checkDescriptors()
    try checkPorts()
    let loops: EventLoopGroup
    do throws(TransportError) {
      loops = try EventLoopGroup(
        count: test.loops, name: "gauntlet-load", busyPolling: test.busyPolling,
        isRealTime: test.isRealTime)
    } catch {
      throw .cannotRun(error.description)
    }
    defer {
      loops.stop()
      for group in groups { group.control.releaseWorkers() }
    }
    var course = RunCourse(test: test, groups: groups, onProgress: onProgress)
    for (index, loop) in loops.loops.enumerated() {
      loop.execute { [groups] in
        for group in groups {
          let worker = group.setting.makeWorker(loop: loop, index: index, control: group.control)
          group.control.register(LoopBound(worker, on: loop), ofLoop: index)
          worker.openConnections()
        }
      }
    }
    return await course.follow()
  }

  /// Each connection to one server from one address takes a port of that address.
  private func checkPorts() throws(LoadError) {
    guard let ports = MachineFacts.read(root: "").localPorts else { return }
    for group in groups {
      let plan = group.setting.plan
      guard group.setting.url.socketPath == nil else { continue }
      let addresses = max(1, plan.sourceAddresses.count)
      let needed = (plan.connections + addresses - 1) / addresses
      guard needed > ports.count else { continue }
      let last = 1 + (plan.connections + ports.count - 1) / ports.count
      throw .cannotRun(
        "\(plan.connections) connections from \(addresses == 1 ? "one address" : "\(addresses) addresses") "
          + "take \(needed) local ports of each, and there are \(ports.count): add addresses, on loopback "
          + "--source 127.0.0.2-127.0.0.\(last), or "
          + "sysctl -w net.ipv4.ip_local_port_range='1024 65535'")
    }
  }

  private func checkDescriptors() throws(LoadError) {
    let limit = DescriptorLimit.raise()
    let needed = test.connections + 4 * test.loops + 16
    guard needed <= limit else {
      throw .cannotRun(
        "\(test.connections) connections need \(needed) file descriptors, and this process "
          + "may have \(limit): raise the limit with ulimit -n \(needed)")
    }
  }
}
