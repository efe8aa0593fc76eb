/// Where a curve that rises ever faster bends most (Satopää and others, "Finding a Kneedle in a Haystack",
/// 2011).
enum CapacityKnee {
  /// The place of the point that lies farthest below the line from the first to the last; nil where
  /// there are too few points, no bend, or no rise: behind it values must become twice as great as any before it.
  static func index(of points: [(x: Double, y: Double)]) -> Int? {
    guard points.count >= 4, let first = points.first, let last = points.last,
      last.x > first.x, last.y > first.y
    else { return nil }
    let depths = points.map { point in
      (point.x - first.x) / (last.x - first.x) - (point.y - first.y) / (last.y - first.y)
    }
    guard let deepest = depths.indices.max(by: { depths[$0] < depths[$1] }), depths[deepest] > 0.1
    else { return nil }
    let greatest = points[...deepest].map(\.y).max() ?? 0
    return last.y >= 2 * greatest ? deepest : nil
  }
}
