/// Which cases of a corpus are meant: patterns over ids and aliases.
///
/// A pattern is matched whole; `*` stands for any number of characters and `?` for one. It is held
/// against the id (`5.5/*`), the alias (`autobahn:2.*`) and the number of each alias (`7.1.*`).
public struct CaseSelection: Hashable, Sendable {
  /// A case must match one of these; none: all cases do.
  public var include: [String]
  /// And none of these.
  public var exclude: [String]

  /// A selection; by default all.
  public init(include: [String] = [], exclude: [String] = []) {
    self.include = include
    self.exclude = exclude
  }

  /// The selected cases, in the order of ``Case/isOrdered(before:)``.
  ///
  /// - Throws: `CaseSelectionError` for the first pattern that matches no case, and if nothing is
  ///   left.
  public func select(from cases: [Case]) throws(CaseSelectionError) -> [Case] {
    for pattern in include + exclude where !cases.contains(where: { $0.matches(pattern) }) {
      throw CaseSelectionError(pattern: pattern)
    }
    let selected = cases.filter { item in
      (include.isEmpty || include.contains { item.matches($0) })
        && !exclude.contains { item.matches($0) }
    }
    guard !selected.isEmpty else { throw CaseSelectionError(pattern: nil) }
    return selected.sorted { $0.isOrdered(before: $1) }
  }
}

/// A selection that selects nothing.
public struct CaseSelectionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The pattern that no case matches; nil: each matches some, but the exclusions leave none.
  public var pattern: String?

  /// One line that says what to do.
  public var description: String {
    guard let pattern else { return "no case is left: the exclusions cover all that was selected" }
    return "no case matches '\(pattern)': see `gauntlet cases list` for ids and aliases"
  }
}

extension Case {
  /// Whether the pattern fits the id, an alias, or the number of an alias.
  public func matches(_ pattern: String) -> Bool {
    let pattern = Array(pattern.utf8)
    return Glob.matches(pattern, id)
      || aliases.contains {
        Glob.matches(pattern, $0.description) || Glob.matches(pattern, $0.number)
      }
  }

  /// Whether this comes before `other` in lists.
  ///
  /// Cases with an alias come first, by its number, where 2.10 follows 2.9; then the others by id.
  public func isOrdered(before other: Case) -> Bool {
    switch (aliases.first, other.aliases.first) {
    case (let left?, let right?):
      left == right ? id.isNumericallyOrdered(before: other.id) : left < right
    case (.some, nil): true
    case (nil, .some): false
    case (nil, nil): id.isNumericallyOrdered(before: other.id)
    }
  }
}

/// Shell-like patterns: `*` and `?`.
enum Glob {
  /// Whether `pattern` fits the whole of `text`, in time proportional to the product of their lengths.
  static func matches(_ pattern: [UInt8], _ text: String) -> Bool {
    let text = Array(text.utf8)
    var place = 0
    var index = 0
    var star: (place: Int, index: Int)?
    while index < text.count {
      if place < pattern.count, pattern[place] == 0x2a {
        star = (place, index)
        place += 1
      } else if place < pattern.count, pattern[place] == text[index] || pattern[place] == 0x3f {
        place += 1
        index += 1
      } else if let last = star {
        star = (last.place, last.index + 1)
        place = last.place + 1
        index = last.index + 1
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == 0x2a }
  }
}
