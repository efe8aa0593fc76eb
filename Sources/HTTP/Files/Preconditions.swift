/// What the conditional fields of a request make of it (RFC 9110 §13).
public enum PreconditionOutcome: Hashable, Sendable {
  /// Carry the request out.
  case proceed
  /// Answer 304: the client has it already.
  case notModified
  /// Answer 412: the resource is not what the client believes.
  case failed
}

/// The state of a resource that conditions are held against.
public struct ResourceState: Hashable, Sendable {
  /// Its entity tag, or nil.
  public var entityTag: EntityTag?
  /// When it was changed last, or nil.
  public var lastModified: HTTPDate?
  /// Whether there is a representation at all.
  public var exists: Bool

  /// Makes a state from its parts.
  public init(
    entityTag: EntityTag? = nil, lastModified: HTTPDate? = nil, exists: Bool = true
  ) {
    self.entityTag = entityTag
    self.lastModified = lastModified
    self.exists = exists
  }

  /// Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in the order
  /// of RFC 9110 §13.2.2.
  public func outcome(of request: RequestHead) -> PreconditionOutcome {
    let fields = request.fields
    if fields.contains(.ifMatch) {
      guard matches(fields, .ifMatch, by: { $0.isIdentical(to: $1) }) else { return .failed }
    } else if let text = fields.single(.ifUnmodifiedSince), let date = HTTPDate(text),
      let lastModified, lastModified > date
    {
      return .failed
    }
    let isReading = request.method == .get || request.method == .head
    if fields.contains(.ifNoneMatch) {
      if matches(fields, .ifNoneMatch, by: { $0.isEquivalent(to: $1) }) {
        return isReading ? .notModified : .failed
      }
    } else if isReading, let text = fields.single(.ifModifiedSince), let date = HTTPDate(text),
      let lastModified, lastModified <= date
    {
      return .notModified
    }
    return .proceed
  }

  /// Whether a Range counts: If-Range is absent or names this very state (RFC 9110 §13.1.5).
  public func allowsRange(in request: RequestHead) -> Bool {
    guard request.fields.contains(.ifRange) else { return true }
    guard let value = request.fields.single(.ifRange) else { return false }
    if let tag = EntityTag(parsing: value) {
      return entityTag.map { $0.isIdentical(to: tag) } ?? false
    }
    guard let date = HTTPDate(value), let lastModified else { return false }
    return date == lastModified
  }

  private func matches(
    _ fields: HTTPFields, _ name: HTTPField.Name, by isEqual: (EntityTag, EntityTag) -> Bool
  ) -> Bool {
    let elements = fields.elements(of: name)
    if elements == ["*"] { return exists }
    guard let entityTag else { return false }
    return elements.contains { element in
      EntityTag(parsing: element).map { isEqual($0, entityTag) } ?? false
    }
  }
}
