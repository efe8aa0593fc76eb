/// Where a number stands in a message: behind a text, or at a place of its JSON.
enum NumberField: Equatable, Sendable {
  case marked(MarkedNumber)
  case pointed(JSONPointer)

  /// Reads what a plan says: a JSON Pointer if it begins with `/`, or else the text before the number; nil if it is
  /// neither.
  init?(_ text: String) {
    if text.hasPrefix("/") {
      guard let pointer = JSONPointer(text) else { return nil }
      self = .pointed(pointer)
    } else if text.isEmpty {
      return nil
    } else {
      self = .marked(MarkedNumber(text))
    }
  }

  /// The number in a message; nil if there is none.
  func find(in payload: Span<UInt8>) -> UInt64? {
    switch self {
    case .marked(let number): number.find(in: payload)
    case .pointed(let pointer): pointer.number(in: payload)
    }
  }
}
