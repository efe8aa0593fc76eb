import Glibc
import Testing
import Transport

@Suite("Ignored signals")
struct IgnoredSignalsTests {
  @Test func `what is ignored is known`() {
    // Nobody else in these tests has to do with it.
    #expect(!IgnoredSignals.contains(SIGURG))
    signal(SIGURG, SIG_IGN)
    #expect(IgnoredSignals.contains(SIGURG))
    signal(SIGURG, SIG_DFL)
    #expect(!IgnoredSignals.contains(SIGURG))
  }
}
