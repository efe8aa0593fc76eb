import Testing

@testable import Reports

@Suite("The environment of a run")
struct EnvironmentTests {
  @Test func `this machine is described`() {
    let environment = Environment.current(zlibVersion: "1")
    #expect(environment.processorCount >= 1)
    #expect(environment.memoryByteCount > 1 << 20)
    #expect(environment.kernel.hasPrefix("Linux "))
    #expect(environment.loadAverages.count == 3)
    #expect(!environment.operatingSystem.isEmpty)
    #expect(!environment.operatingSystem.contains("\""))
    #expect(environment.zlibVersion == "1")
  }
}
