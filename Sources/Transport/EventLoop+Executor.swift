internal import Glibc
internal import Synchronization

/// Runs tasks on the loop's thread: `Task(executorPreference: loop) { … }`.
///
/// What such a task does with the loop's sockets costs no change of thread. It must not block, as
/// nothing else happens on the loop meanwhile. After the loop has ended its tasks go on where tasks
/// without preference run.
extension EventLoop: TaskExecutor {
  /// Takes the next part of a task, from any thread.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isCurrent {
      jobs.append(job)
      hasJobs = true
      return
    }
    let (isTaken, isFirst) = inbox.withLock { inbox in
      guard !inbox.hasEnded else { return (false, false) }
      inbox.jobs.append(job)
      return (true, inbox.jobs.count == 1 && inbox.work.isEmpty)
    }
    guard isTaken else { return globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
    if isFirst { wake() }
  }

  /// Runs the tasks' parts that wait, and those that come of them; after a few rounds it is others' turn.
  func runJobs() {
    handedByteCount = 0
    var rounds = 4
    while hasJobs, rounds > 0 {
      rounds -= 1
      var round: ContiguousArray<UnownedJob> = []
      swap(&round, &jobs)
      hasJobs = false
      // The loop outlives its own turn, so the reference need not be counted.
      let executor = unsafe asUnownedTaskExecutor()
      for job in round { unsafe job.runSynchronously(on: executor) }
      round.removeAll(keepingCapacity: true)
      if jobs.isEmpty { swap(&round, &jobs) }
      afterJobs?()
    }
  }

  /// Tells that a task on this loop has been handed so many octets to work on; on the loop only.
  ///
  /// Tasks run at the end of a turn, when all sockets have been read. But what is much they take at once, while it
  /// is in the processor's caches, and before the memory that it needs is more than they hold.
  public func tasksWereHanded(_ byteCount: Int) {
    handedByteCount &+= byteCount
  }

  /// So many octets wait for tasks at most: a part of what a processor has in its second cache.
  static let handedLimit = 64 << 10

  /// Runs the tasks that have been handed much, in the middle of a turn.
  func runHandedJobs() {
    if hasTurnOutput { sendTurnOutput() }
    runJobs()
  }

  /// Has `body` called after each round of tasks, for what they have in common; on the loop only.
  public func afterTasks(_ body: (() -> Void)?) { afterJobs = body }
}
