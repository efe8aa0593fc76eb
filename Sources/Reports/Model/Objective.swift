/// One thing that is required of a load run.
public struct Objective: Equatable, Sendable {
  /// How a measured value is compared with the bound.
  public enum Comparison: String, CaseIterable, Sendable {
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case less = "<"
    case greater = ">"
    case equal = "="
  }

  /// The objective as it was written.
  public let text: String
  /// What is measured.
  public let metric: LoadMetric
  /// How it is compared.
  public let comparison: Comparison
  /// With what; in nanoseconds, percent, or a plain number, as the metric wants.
  public let bound: Double

  /// Reads one objective: a metric, a comparison, a bound with its unit.
  ///
  /// - Throws: ``ServiceLevelError``.
  public init(_ text: String) throws(ServiceLevelError) {
    // The two-character comparisons come first in `allCases`, so that `<=` is not read as `<`.
    let found = Comparison.allCases.lazy.compactMap { comparison in
      text.firstRange(of: comparison.rawValue).map { (comparison, $0) }
    }.first
    guard let (comparison, range) = found else {
      throw ServiceLevelError(
        description: "the objective '\(text)' compares nothing: write, for example, p99<20ms")
    }
    let name = String(text[..<range.lowerBound])
    let value = String(text[range.upperBound...])
    guard let (unit, number) = Self.quantity(value) else {
      throw ServiceLevelError(
        description: "the objective '\(text)' has no bound after \(comparison.rawValue): '\(value)'"
          + " is no number with a unit")
    }
    guard let metric = LoadMetric(name, isShare: unit == "%") else {
      throw ServiceLevelError(
        description: "the objective '\(text)' names no metric that is known: "
          + LoadMetric.namesInWords)
    }
    guard let factor = metric.factor(ofUnit: unit) else {
      throw ServiceLevelError(
        description: "the objective '\(text)' has the unit '\(unit)', but \(name) is "
          + metric.unitInWords)
    }
    self.text = text
    self.metric = metric
    self.comparison = comparison
    bound = number * factor
  }

  /// Whether a measured value is enough.
  public func isMet(by value: Double) -> Bool {
    switch comparison {
    case .less: value < bound
    case .lessOrEqual: value <= bound
    case .greater: value > bound
    case .greaterOrEqual: value >= bound
    case .equal: value == bound
    }
  }

  /// A number and the unit behind it.
  private static func quantity(_ text: String) -> (unit: String, number: Double)? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits), number.isFinite else { return nil }
    return (String(text[digits.endIndex...]), number)
  }
}
