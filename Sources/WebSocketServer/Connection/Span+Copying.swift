extension Span<UInt8> {
  /// Appends the octets to an array.
  func append(to array: inout [UInt8]) {
    array.append(addingCapacity: count) { output in
      for index in indices { output.append(self[index]) }
    }
  }

  /// The octets, kept.
  func copied() -> [UInt8] {
    var array: [UInt8] = []
    append(to: &array)
    return array
  }
}
