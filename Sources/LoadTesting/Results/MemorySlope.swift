import Reports

/// Memory against connections while they are being opened: what one more of them costs.
struct MemorySlope: Equatable, Sendable {
  private var points: [(connections: Double, bytes: Double)] = []

  static func == (left: MemorySlope, right: MemorySlope) -> Bool {
    left.points.elementsEqual(right.points, by: ==)
  }

  /// Takes a look at the memory with so many connections open.
  mutating func add(connections: Int, bytes: Int64) {
    points.append((Double(connections), Double(bytes)))
  }

  /// Whether nothing was looked at.
  var isEmpty: Bool { points.isEmpty }

  /// The last number of connections that was looked at.
  var lastCount: Int { points.last.map { Int($0.connections) } ?? 0 }

  /// The slope by least squares with its confidence interval of 95 %; nil for too few points.
  var estimate: SlopeEstimate? {
    let count = Double(points.count)
    guard points.count >= 5 else { return nil }
    let meanX = points.reduce(0) { $0 + $1.connections } / count
    let meanY = points.reduce(0) { $0 + $1.bytes } / count
    let squares = points.reduce(0) { $0 + ($1.connections - meanX) * ($1.connections - meanX) }
    guard squares > 0 else { return nil }
    let products = points.reduce(0) { $0 + ($1.connections - meanX) * ($1.bytes - meanY) }
    let slope = products / squares
    let residuals = points.reduce(0) { sum, point in
      let rest = point.bytes - meanY - slope * (point.connections - meanX)
      return sum + rest * rest
    }
    let error = (residuals / (count - 2) / squares).squareRoot()
    let reach = Self.quantile(freedom: points.count - 2) * error
    return SlopeEstimate(
      value: slope, low: slope - reach, high: slope + reach, points: points.count)
  }

  /// Student's t at 97.5 %, to two digits.
  private static func quantile(freedom: Int) -> Double {
    let few = [12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23]
    if freedom <= few.count { return few[max(1, freedom) - 1] }
    return 1.96 + 2.4 / Double(freedom)
  }
}
