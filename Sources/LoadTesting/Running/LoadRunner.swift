import Histogram
import Reports
import Transport

/// Plays a ``LoadPlan``: connects, warms up, measures, drains, and says what came of it.
///
/// ```swift
/// var plan = LoadPlan(url: "ws://127.0.0.1:9001")
/// plan.workload = .openLoop(messagesPerSecond: 10_000)
/// let outcome = try await LoadRunner(plan).run()
/// print(outcome.results.messagesPerSecond, outcome.isFlawless)
/// ```
///
/// A runner plays its plan once. ``stop()`` may be called from anywhere.
public final class LoadRunner: Sendable {
  private let setting: RunSetting
  private let control: RunControl

  /// A runner for a plan that makes sense.
  ///
  /// - Throws: ``LoadError/wrongPlan(_:)``, or ``LoadError/cannotRun(_:)`` when TLS cannot be set up.
  public init(_ plan: LoadPlan) throws(LoadError) {
    setting = try RunSetting(plan: plan)
    control = RunControl(loopCount: plan.loops)
  }

  /// Ends the run early; what was measured until then is kept.
  public func stop() {
    control.stop()
  }

  /// Plays the plan.
  ///
  /// - Parameter onProgress: Hears how the run stands, about once a second.
  /// - Returns: What came of it, also when the target could not be reached or went away.
  /// - Throws: ``LoadError/cannotRun(_:)`` when the system does not give what the run needs.
  public func run(
    onProgress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) async throws(LoadError) -> LoadOutcome {
    try checkDescriptors()
    let group: EventLoopGroup
    do throws(TransportError) {
      group = try EventLoopGroup(count: setting.plan.loops, name: "gauntlet-load")
    } catch {
      throw .cannotRun(error.description)
    }
    defer { group.stop() }
    var course = RunCourse(setting: setting, control: control, onProgress: onProgress)
    for (index, loop) in group.loops.enumerated() {
      loop.execute { [setting, control] in
        let worker = LoopWorker(loop: loop, index: index, setting: setting, control: control)
        control.register(LoopBound(worker, on: loop), ofLoop: index)
        worker.openConnections()
      }
    }
    return await course.follow()
  }

  private func checkDescriptors() throws(LoadError) {
    let limit = DescriptorLimit.raise()
    let needed = setting.plan.connections + 4 * setting.plan.loops + 16
    guard needed <= limit else {
      throw .cannotRun(
        "\(setting.plan.connections) connections need \(needed) file descriptors, and this process "
          + "may have \(limit): raise the limit with ulimit -n \(needed)")
    }
  }
}
