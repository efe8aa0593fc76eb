/// Which cases of a corpus are meant: patterns over ids and aliases, clauses, tags, levels, a tier.
///
/// A pattern is matched whole; `*` stands for any number of characters and `?` for one. It is held
/// against the id (`5.5/*`), the alias (`autobahn:2.*`) and the number of each alias (`7.1.*`). What
/// is asked for in several ways must hold in each of them.
public struct CaseSelection: Hashable, Sendable {
  /// A case must match one of these; none: all cases do.
  public var include: [String]
  /// And none of these.
  public var exclude: [String]
  /// The clause of a case must be one of these, or lie in it: `RFC 6455 §5.5` has §5.5.1 too.
  public var sections: [String] = []
  /// A case must have one of these tags, if there are any here.
  public var tags: [String] = []
  /// A case must have none of these tags.
  public var excludedTags: [String] = []
  /// The level must be one of these, if there are any here.
  public var levels: [Level] = []
  /// How much is to be played.
  public var tier = CaseTier.full

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
      throw .pattern(pattern)
    }
    for section in sections where !cases.contains(where: { $0.citation.lies(in: section) }) {
      throw .section(section)
    }
    for tag in tags + excludedTags where !cases.contains(where: { $0.tags.contains(tag) }) {
      throw .tag(tag)
    }
    let selected = cases.filter { contains($0) }
    guard !selected.isEmpty else { throw .nothingLeft }
    return selected.sorted { $0.isOrdered(before: $1) }
  }

  private func contains(_ item: Case) -> Bool {
    (include.isEmpty || include.contains { item.matches($0) })
      && !exclude.contains { item.matches($0) }
      && (sections.isEmpty || sections.contains { item.citation.lies(in: $0) })
      && (tags.isEmpty || tags.contains { item.tags.contains($0) })
      && !excludedTags.contains { item.tags.contains($0) }
      && (levels.isEmpty || levels.contains(item.level)) && tier.contains(item)
  }
}

/// How much of a corpus is played.
public enum CaseTier: String, Hashable, Sendable, CaseIterable {
  /// A little of everything, for every save of a file: the cases tagged `smoke`.
  case smoke
  /// All that is quick, for every push: the cases not tagged `slow`.
  case standard
  /// Every case.
  case full

  /// Whether the tier has the case.
  public func contains(_ item: Case) -> Bool {
    switch self {
    case .smoke: item.tags.contains("smoke")
    case .standard: !item.tags.contains("slow")
    case .full: true
    }
  }
}

/// A selection that selects nothing.
public enum CaseSelectionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No case matches this pattern.
  case pattern(String)
  /// No case cites this clause or one in it.
  case section(String)
  /// No case has this tag.
  case tag(String)
  /// Each part matches some case, but none is in all of them.
  case nothingLeft

  /// One line that says what to do.
  public var description: String {
    switch self {
    case .pattern(let pattern):
      "no case matches '\(pattern)': see `gauntlet cases list` for ids and aliases"
    case .section(let section):
      "no case is about '\(section)': write a clause like 'RFC 6455 §5.5'"
    case .tag(let tag): "no case has the tag '\(tag)': see `gauntlet cases list --json` for tags"
    case .nothingLeft: "no case is left: what was selected and what was left out exclude each other"
    }
  }
}

extension Citation {
  /// Whether this is the clause that `text` names, or lies in it.
  ///
  /// The text may leave out the document (`§5.5`), the section (`RFC 7692`), the word and the sign
  /// (`6455 5.5`).
  public func lies(in text: String) -> Bool {
    let parts = text.split(separator: "§", maxSplits: 1, omittingEmptySubsequences: false)
    var words = parts[0].split(separator: " ").map(String.init)
    var wanted = parts.count > 1 ? parts[1].filter { $0 != " " } : ""
    if parts.count == 1, let last = words.last, last.first?.isNumber == true {
      // A number alone is a section if it has a dot; after a document it is one anyway.
      let isSection = words.count > 1 ? words != ["RFC", last] : last.contains(".")
      if isSection { wanted = words.removeLast() }
    }
    guard wanted.isEmpty || section == wanted || section.hasPrefix(wanted + ".") else {
      return false
    }
    let name = words.joined()
    return name.isEmpty || name == document.filter { $0 != " " }
      || name == document.split(separator: " ").last.map(String.init)
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
public enum Glob {
  /// Whether `pattern` fits the whole of `text`.
  public static func matches(_ pattern: String, _ text: String) -> Bool {
    matches(Array(pattern.utf8), text)
  }

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
