import Testing

@testable import Reports

@Suite("Holm's correction")
struct HolmCorrectionTests {
  /// With what R gives: `p.adjust(p, "holm")`.
  @Test func `it is that of R`() {
    let corrected = HolmCorrection.corrected([0.01, 0.04, 0.03, 0.005, 0.2])
    let expected = [0.04, 0.09, 0.09, 0.025, 0.2]
    for (one, other) in zip(corrected, expected) { #expect((one - other).magnitude < 1e-12) }
  }

  @Test func `one question needs none, and no value goes beyond 1`() {
    #expect(HolmCorrection.corrected([0.03]) == [0.03])
    #expect(HolmCorrection.corrected([0.6, 0.7]) == [1, 1])
    #expect(HolmCorrection.corrected([]) == [])
  }
}
