/// What came of conformance cases that were played as load; the results of each case are those of the
/// run's conformance.
public struct PlayedCases: Codable, Equatable, Sendable {
  /// How often a verdict was given.
  public struct GradeCount: Codable, Equatable, Sendable {
    /// The verdict.
    public var grade: Grade
    /// How often.
    public var count: Int

    /// Creates a count.
    public init(_ grade: Grade, count: Int) {
      self.grade = grade
      self.count = count
    }
  }

  /// How many different cases there were to play.
  public var selected: Int
  /// Plays that ended, over the whole run.
  public var played: Int
  /// Of ``played``, those that ended in the measuring phase; nil where that is not known.
  public var measured: Int?
  /// Plays per second of the measuring phase.
  public var playedPerSecond: Double
  /// Plays that the end of the run cut short: they have no verdict.
  public var unfinished: Int
  /// How often each verdict was given, in the order of ``Grade``; verdicts that were not given are absent.
  public var verdicts: [GradeCount]

  /// Creates counts.
  public init(
    selected: Int, played: Int, measured: Int? = nil, playedPerSecond: Double, unfinished: Int,
    verdicts: [Grade: Int]
  ) {
    self.selected = selected
    self.played = played
    self.measured = measured
    self.playedPerSecond = playedPerSecond
    self.unfinished = unfinished
    self.verdicts = Grade.allCases.compactMap { grade in
      verdicts[grade].map { GradeCount(grade, count: $0) }
    }
  }

  /// The counts in one line: those of the measuring phase with their rate, those of the whole run with their
  /// verdicts.
  public var summary: String {
    func plays(_ count: Int) -> String {
      "\(NumberText.counted(count, "play")) of \(NumberText.counted(selected, "case"))"
    }
    let rate = "\(NumberText.fixed(playedPerSecond, 1)) cases/s"
    var parts = verdicts.map { "\(NumberText.grouped($0.count, separator: ",")) \($0.grade)" }
    if unfinished > 0 { parts.append("\(unfinished) unfinished") }
    let outcome = parts.joined(separator: ", ")
    guard let measured, measured != played else { return "\(plays(played)) (\(rate)): \(outcome)" }
    return "\(plays(measured)) measured (\(rate)), "
      + "\(NumberText.grouped(played, separator: ",")) in the whole run: \(outcome)"
  }
}

extension LoadResults {
  /// How much was done per second of the measuring phase: cases played, or messages received.
  var rate: Double { cases?.playedPerSecond ?? messagesPerSecond }

  /// What ``rate`` counts.
  var rateUnit: String { cases == nil ? "messages/s" : "cases/s" }
}
