public import Reports

/// The results of earlier runs in a folder, which a conformance server goes on with.
public enum EarlierResults {
  /// Why a folder's results cannot be gone on with; one line for people.
  public enum Problem: Error, Sendable, CustomStringConvertible {
    /// Its `run.json` cannot be understood.
    case unreadable(RunFileError)
    /// Its results are of servers.
    case ofServers(folder: String)

    /// One line for people.
    public var description: String {
      switch self {
      case .unreadable(let error):
        "\(error); give --fresh to write over it, or name another folder with --out"
      case .ofServers(let folder):
        "\(folder)/run.json holds results of servers; name another folder with --out"
      }
    }
  }

  /// Reads the results in `folder`; nil if there are none.
  public static func read(folder: String) throws(Problem) -> ConformanceResults? {
    let run: Run
    do throws(RunFileError) {
      guard let found = try RunFile.readIfThere(folder: folder) else { return nil }
      run = found
    } catch {
      throw .unreadable(error)
    }
    guard let results = run.conformance else { return nil }
    guard results.role == .server else { throw .ofServers(folder: folder) }
    return results
  }
}
