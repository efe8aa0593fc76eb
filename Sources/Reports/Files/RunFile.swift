import FoundationEssentials

/// Why a file is not a run that this program can show; each is one line that names the file.
public enum RunFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be read at all.
  case unreadable(FileError)
  /// The folder holds no run, and neither does any folder in it.
  case noRuns(path: String)
  /// The file is not whole JSON: cut off, or something else.
  case notJSON(path: String, byteCount: Int)
  /// The file is JSON, but not a run.
  case notARun(path: String)
  /// The file was written by a later version of the program.
  case newerSchema(path: String, found: Int, supported: Int)
  /// A field is missing or has an impossible value.
  case invalid(path: String, field: String, problem: String)

  /// One line for people.
  public var description: String {
    switch self {
    case .unreadable(let error):
      error.description
    case .noRuns(let path):
      "\(path): no run.json is in this folder or in the folders in it"
    case .notJSON(let path, let byteCount):
      "\(path): not a whole JSON document (\(byteCount) octets); was it cut off while being copied?"
    case .notARun(let path):
      "\(path): JSON, but not a run of gauntlet: it has no schemaVersion"
    case .newerSchema(let path, let found, let supported):
      "\(path): written with schema version \(found), this program knows up to \(supported); "
        + "use a newer gauntlet"
    case .invalid(let path, let field, let problem):
      "\(path): \(field.isEmpty ? "the document" : field): \(problem)"
    }
  }
}

/// `run.json`: reading and writing.
public enum RunFile {
  /// The name of the file in a run's folder.
  public static let name = "run.json"

  /// Writes a run so that no reader ever sees half of it.
  public static func write(_ run: Run, to path: String) throws(FileError) {
    do {
      try Files.writeAtomically(try encode(run), to: path)
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(.write, path, error)
    }
  }

  /// Reads a run from a file, or from the ``name`` in a folder.
  public static func read(_ path: String) throws(RunFileError) -> Run {
    let file = Files.isFolder(path) ? path.removingSuffix("/") + "/" + name : path
    let octets: [UInt8]
    do {
      octets = try Files.read(file)
    } catch {
      throw .unreadable(error)
    }
    return try decode(octets, path: file)
  }

  /// Reads the run in a folder; nil if the folder has none.
  public static func readIfThere(folder: String) throws(RunFileError) -> Run? {
    let path = folder.removingSuffix("/") + "/" + name
    return Files.exists(path) ? try read(path) : nil
  }

  /// Reads all runs that a path names: a file, a folder with a ``name``, or a folder of such folders
  /// and of files, in the order of their names.
  public static func readAll(_ path: String) throws(RunFileError) -> [Run] {
    let folder = path.removingSuffix("/")
    guard Files.isFolder(path), !Files.exists(folder + "/" + name) else { return [try read(path)] }
    var runs: [Run] = []
    do {
      for entry in try Files.list(path) {
        if ReportWriter.fileNames.contains(entry) { continue }
        let entry = folder + "/" + entry
        let isRun =
          Files.isFolder(entry) ? Files.exists(entry + "/" + name) : entry.hasSuffix(".json")
        if isRun { runs.append(try read(entry)) }
      }
    } catch let error as RunFileError {
      throw error
    } catch let error as FileError {
      throw .unreadable(error)
    } catch {
      throw .unreadable(FileError(.read, path, error))
    }
    guard !runs.isEmpty else { throw .noRuns(path: path) }
    return runs
  }

  /// The JSON of a run: keys sorted, indented, ending in a newline.
  public static func encode(_ run: Run) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return [UInt8](try encoder.encode(run)) + [0x0A]
  }

  /// Reads the JSON of a run; `path` is for messages.
  public static func decode(_ octets: [UInt8], path: String) throws(RunFileError) -> Run {
    do throws(RunFileError) {
      return try decodeWellFormed(octets, path: path)
    } catch {
      // The decoder does not take what no text can hold.
      guard case .notJSON = error, let octets = LoneSurrogates.replaced(in: octets) else {
        throw error
      }
      return try decodeWellFormed(octets, path: path)
    }
  }

  private static func decodeWellFormed(
    _ octets: [UInt8], path: String
  ) throws(RunFileError) -> Run {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let data = Data(octets)
    do {
      let version = try decoder.decode(SchemaVersion.self, from: data).schemaVersion
      guard version <= Run.currentSchemaVersion else {
        throw RunFileError.newerSchema(
          path: path, found: version, supported: Run.currentSchemaVersion)
      }
      guard version >= 1 else {
        throw RunFileError.invalid(
          path: path, field: "schemaVersion", problem: "there is no version \(version)")
      }
      return try decoder.decode(Run.self, from: data)
    } catch let error as RunFileError {
      throw error
    } catch let error as DecodingError {
      throw problem(error, path: path, byteCount: octets.count)
    } catch {
      throw .notJSON(path: path, byteCount: octets.count)
    }
  }

  private struct SchemaVersion: Decodable {
    var schemaVersion: Int
  }

  private static func problem(
    _ error: DecodingError, path: String, byteCount: Int
  ) -> RunFileError {
    switch error {
    case .keyNotFound(let key, let context):
      let field = name(of: context.codingPath + [key])
      return field == "schemaVersion"
        ? .notARun(path: path) : .invalid(path: path, field: field, problem: "is missing")
    case .typeMismatch(let type, let context):
      return context.codingPath.isEmpty
        ? .notARun(path: path)
        : .invalid(path: path, field: name(of: context.codingPath), problem: "is no \(type)")
    case .valueNotFound(_, let context):
      return .invalid(path: path, field: name(of: context.codingPath), problem: "is null")
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty
        ? .notJSON(path: path, byteCount: byteCount)
        : .invalid(
          path: path, field: name(of: context.codingPath), problem: context.debugDescription)
    @unknown default:
      return .notJSON(path: path, byteCount: byteCount)
    }
  }

  private static func name(of codingPath: [any CodingKey]) -> String {
    codingPath.reduce(into: "") { name, key in
      if let index = key.intValue {
        name += "[\(index)]"
      } else {
        name += name.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
  }
}
