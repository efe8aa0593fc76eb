import HTTP
import Transport
import WebSocketServer

/// Makes what a server answers to ordinary requests of what flags or a file say of it.
struct HTTPReader {
  /// Who may log in.
  let users: UserList?
  /// Where they do.
  private(set) var loginPath: String?

  init(users: UserList?) { self.users = users }

  /// The service; without a word there is the page to try the WebSocket.
  mutating func read(_ root: ConfigurationSection) throws(SpecError) -> HTTPService {
    var service = HTTPService()
    var isSaid = false
    try root.section("http") { section throws(SpecError) in
      isSaid = true
      service.sessions = try sessions(section)
      loginPath = try readLogin(section, into: &service)
      try readPlaces(section, into: &service)
      var hosts: [(names: [String], service: HTTPService)] = []
      try section.sections("hosts") { section throws(SpecError) in
        guard let names = try section.strings("names"), !names.isEmpty else {
          throw section.mistake(
            "names", "write the names, such as [\"example.org\", \"*.example.org\"]")
        }
        var own = HTTPService()
        try readPlaces(section, into: &own)
        hosts.append((names, own))
      }
      for host in hosts { service.host(host.names, host.service) }
    }
    if !isSaid { service.testPage() }
    return service
  }

  /// What has a path: in this order, of which the first that fits answers.
  private func readPlaces(
    _ section: ConfigurationSection, into service: inout HTTPService
  ) throws(SpecError) {
    var places = service
    var hasRoot = false
    try section.sections("routes") { section throws(SpecError) in
      let path = try Self.path(section, "/health")
      hasRoot = hasRoot || path == "/"
      try Self.route(section, path, into: &places)
    }
    if let path = try section.target("metrics") {
      hasRoot = hasRoot || path == "/"
      places.metricsPage(path)
    }
    try section.sections("uploads") { section throws(SpecError) in
      try Self.upload(section, into: &places)
    }
    try section.sections("forward") { section throws(SpecError) in
      let path = try Self.path(section, "/api")
      places.forward(path, to: try ForwardingReader.read(section))
    }
    var files: [(path: String, service: FileService)] = []
    try section.sections("files") { section throws(SpecError) in
      let path = try section.target("path") ?? "/"
      hasRoot = hasRoot || path == "/"
      files.append((path, try Self.files(section)))
    }
    if case .string? = section.said("testPage")?.content {
      places.testPage(try section.target("testPage") ?? "/")
    } else if try section.bool("testPage") ?? true, !hasRoot {
      places.testPage()
    }
    for file in files { places.files(file.path, file.service) }
    service = places
  }

  private static func path(
    _ section: ConfigurationSection, _ example: String
  ) throws(SpecError) -> String {
    guard let path = try section.target("path") else {
      throw section.mistake("path", "write the path, such as \"\(example)\"")
    }
    return path
  }

  // MARK: Routes

  private static func route(
    _ section: ConfigurationSection, _ path: String, into service: inout HTTPService
  ) throws(SpecError) {
    var method: HTTPRequest.Method? = .get
    if let name = try section.string("method") {
      method = name == "*" ? nil : HTTPRequest.Method(rawValue: name)
      guard name == "*" || method != nil else {
        throw section.mistake("method", "write a method such as \"GET\", or \"*\" for any")
      }
    }
    var response: ServerResponse
    if let location = try section.string("redirect") {
      response = .redirect(to: location)
    } else {
      response = .text(try section.requiredString("text", "the text to answer, or redirect"))
    }
    if let code = try section.count("status", 200...599) { response.status = .init(code: code) }
    for (key, text) in try section.pairs("fields") {
      guard let name = HTTPField.Name(key), HTTPField.isValidValue(text) else {
        throw section.mistake("fields", "\(key) is no field of HTTP, or its value is not one")
      }
      response.fields[name] = text
    }
    service.route(method, path, .fixed(response))
  }

  // MARK: Files

  private static func files(_ section: ConfigurationSection) throws(SpecError) -> FileService {
    let folder = try folder(section)
    let links: FileFolder.Links =
      try section.choice("links", ["refuse": .refuse, "inside": .inside]) ?? .refuse
    do {
      var service = try FileService(root: folder, links: links)
      if section.saysNo("index") {
        service.indexFile = nil
      } else {
        service.indexFile = try section.string("index") ?? service.indexFile
      }
      service.servesHiddenFiles = try section.bool("hidden") ?? false
      service.cacheControl = try section.string("cacheControl")
      return service
    } catch let error as SpecError {
      throw error
    } catch {
      throw section.unusable("folder", error)
    }
  }

  private static func folder(_ section: ConfigurationSection) throws(SpecError) -> String {
    guard let folder = try section.file("folder"), !folder.isEmpty else {
      throw section.mistake("folder", "write the folder, such as \"/srv/www\"")
    }
    return folder
  }

  private static func upload(
    _ section: ConfigurationSection, into service: inout HTTPService
  ) throws(SpecError) {
    let path = try path(section, "/upload")
    var options = UploadOptions(folder: try folder(section))
    options.maximumByteCount = try section.byteCount("maximum") ?? options.maximumByteCount
    options.maximumFileByteCount =
      try section.byteCount("maximumFile") ?? options.maximumFileByteCount
    options.maximumFieldByteCount =
      try section.byteCount("maximumFields") ?? options.maximumFieldByteCount
    do throws(TransportError) {
      _ = try FileFolder(options.folder)
    } catch {
      throw section.unusable("folder", error)
    }
    service.upload(path, options) { _, form in
      for part in form.parts { part.file?.keep() }
      return .text(
        form.parts.map { part in
          "\(part.name): \(part.byteCount) octets" + (part.file.map { " in \($0.path)" } ?? "")
        }.joined(separator: "\n"))
    }
  }

  // MARK: Sessions

  private func sessions(_ section: ConfigurationSection) throws(SpecError) -> SessionStore? {
    var store: SessionStore?
    try section.section("sessions") { section throws(SpecError) in
      var options = SessionStore.Options()
      options.cookieName = try section.string("cookie") ?? options.cookieName
      options.queryName = try section.string("query")
      options.timeout = try section.duration("timeout") ?? options.timeout
      options.maximumCount = try section.count("maximum", 1...100_000_000) ?? options.maximumCount
      options.startsAutomatically =
        try section.bool("automatic") ?? options.startsAutomatically
      options.isSecure = try section.bool("secure")
      store = SessionStore(options)
    }
    return store
  }

  private func readLogin(
    _ section: ConfigurationSection, into service: inout HTTPService
  ) throws(SpecError) -> String? {
    guard let path = try section.target("login") else { return nil }
    guard let users else {
      throw section.mistake("login", "nobody can log in: name a file with access.users")
    }
    if service.sessions == nil { service.sessions = SessionStore() }
    service.login(path, users: users)
    return path
  }
}
