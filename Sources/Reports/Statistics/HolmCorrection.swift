/// Holm's correction for many tests at once.
///
/// Whoever asks twenty questions at 5 % finds something where there is nothing. With these p values
/// in place of the tests' own, the chance of any false alarm among all of them stays below the level,
/// however the tests depend on each other; which those of one run do.
public enum HolmCorrection {
  /// The corrected p values, in the order of those given.
  public static func corrected(_ pValues: [Double]) -> [Double] {
    var corrected = pValues
    var greatest = 0.0
    let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
    for (position, index) in order.enumerated() {
      greatest = max(greatest, pValues[index] * Double(pValues.count - position))
      corrected[index] = min(1, greatest)
    }
    return corrected
  }
}
