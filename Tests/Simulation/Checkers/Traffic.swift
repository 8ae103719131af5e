/// Validators say a bounded number of things for each block, and nothing more and more while idle.
enum Traffic {
    /// - Parameter counts: Packets in intervals of ten seconds one after the other, without any work.
    static func judge(_ counts: [Int], validators: Int) -> String? {
        // A status a second, and two empty blocks, each with three rounds of votes and certificates.
        let most = validators * validators * (10 + 2 * 14)
        for count in counts.dropFirst() where count > most {
            return "\(count) packets in ten idle seconds, at most \(most) are needed"
        }
        guard let first = counts.dropFirst().first, let last = counts.last else { return nil }
        return last > first * 3 / 2 + validators * validators * 10 ? "idle traffic grows: \(counts)" : nil
    }
}
