/// Flags as the members of the object that a file would have in their place, so that both are read by the
/// same rules; a flag that was not given says null.
extension SpecValue.Member {
  private init(_ key: String, _ flag: String?, _ content: SpecValue.Content?) {
    self.init(key: key, value: SpecValue(content: content ?? .null), flag: flag)
  }

  init(_ key: String, _ flag: String, _ text: String?) {
    self.init(key, flag, text.map { .string($0) })
  }

  init(_ key: String, _ flag: String, _ number: Int?) {
    self.init(key, flag, number.map { .number(Double($0)) })
  }

  init(_ key: String, _ flag: String, _ isOn: Bool?) {
    self.init(key, flag, isOn.map { .bool($0) })
  }

  init(_ key: String, _ flag: String, _ size: ByteSize?) {
    self.init(key, flag, size?.byteCount)
  }

  init(_ key: String, _ flag: String, _ time: TimeSpan?) {
    self.init(key, flag, (time?.duration).map { .number($0 / .seconds(1)) })
  }

  /// A flag that may be repeated.
  init(_ key: String, _ flag: String, _ texts: [String]) {
    let elements = texts.map { SpecValue(content: .string($0)) }
    self.init(key, flag, elements.isEmpty ? nil : .array(elements))
  }

  /// Several flags that a file has together in one object.
  init(_ key: String, _ members: [SpecValue.Member]) {
    let isSilent = members.allSatisfy { $0.value.content == .null }
    self.init(key, nil, isSilent ? nil : .object(members))
  }

  /// The first flag that says something here or below.
  var firstFlag: String? {
    switch value.content {
    case .null: nil
    case .object(let members): members.lazy.compactMap(\.firstFlag).first
    case .array(let elements):
      flag
        ?? elements.lazy.compactMap { element in
          guard case .object(let members) = element.content else { return nil }
          return members.lazy.compactMap(\.firstFlag).first
        }.first
    default: flag
    }
  }

  /// What a file has as a list of objects.
  init(_ key: String, objects: [[SpecValue.Member]]) {
    let elements = objects.map { SpecValue(content: .object($0)) }
    self.init(key, nil, elements.isEmpty ? nil : .array(elements))
  }
}

extension SpecValue {
  /// A text or a number as somebody has written it; `nil` for all else.
  var text: String? {
    switch content {
    case .string(let text): text
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    default: nil
    }
  }
}
