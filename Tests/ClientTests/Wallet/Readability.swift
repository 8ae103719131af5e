/// How hard a text is to read: the grade of Flesch and Kincaid (1975), a year of school.
///
/// Syllables are counted by groups of vowels, as programs do that have no dictionary; figures count as one word of one
/// syllable a digit at most three.
enum Readability {
    static func grade(_ sentences: [String]) -> Double {
        let words = sentences.flatMap(words)
        let syllables = words.reduce(0) { $0 + self.syllables($1) }
        return 0.39 * Double(words.count) / Double(sentences.count) + 11.8 * Double(syllables) / Double(words.count)
            - 15.59
    }

    static func words(_ sentence: String) -> [String] {
        sentence.split { !$0.isLetter && !$0.isNumber && $0 != "'" }.map { $0.lowercased() }
    }

    static func syllables(_ word: String) -> Int {
        if word.allSatisfy(\.isNumber) { return min(3, word.count) }
        let letters = Array(word)
        var count = 0
        var wasVowel = false
        for letter in letters {
            let isVowel = "aeiouyäöü".contains(letter)
            if isVowel, !wasVowel { count += 1 }
            wasVowel = isVowel
        }
        // A silent e at the end, but not "le" after a consonant.
        if count > 1, letters.last == "e",
            !(letters.count > 2 && letters[letters.count - 2] == "l"
                && !"aeiouy".contains(letters[letters.count - 3]))
        {
            count -= 1
        }
        return max(1, count)
    }
}
