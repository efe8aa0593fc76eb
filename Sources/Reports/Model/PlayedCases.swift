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
  /// Plays per second of the measuring phase.
  public var playedPerSecond: Double
  /// Plays that the end of the run cut short: they have no verdict.
  public var unfinished: Int
  /// How often each verdict was given, in the order of ``Grade``; verdicts that were not given are absent.
  public var verdicts: [GradeCount]

  /// Creates counts.
  public init(
    selected: Int, played: Int, playedPerSecond: Double, unfinished: Int, verdicts: [Grade: Int]
  ) {
    self.selected = selected
    self.played = played
    self.playedPerSecond = playedPerSecond
    self.unfinished = unfinished
    self.verdicts = Grade.allCases.compactMap { grade in
      verdicts[grade].map { GradeCount(grade, count: $0) }
    }
  }

  /// The counts in one line.
  public var summary: String {
    var parts = verdicts.map { "\(NumberText.grouped($0.count, separator: ",")) \($0.grade)" }
    if unfinished > 0 { parts.append("\(unfinished) unfinished") }
    return "\(NumberText.grouped(played, separator: ",")) plays of \(selected) cases"
      + " (\(NumberText.fixed(playedPerSecond, 1))/s): " + parts.joined(separator: ", ")
  }
}
