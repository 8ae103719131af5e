import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// The items that the law asks a notice for, as options.
struct NoticeContentsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("When it began: a day (its beginning) or a time of UTC.", valueName: "time"))
    var occurredFrom: DayOrTime
    @Option(help: ArgumentHelp("When it ended; the discovery when left out.", valueName: "time")) var occurredTo:
        Moment?
    @Option(help: ArgumentHelp("When the organisation learned of it.", valueName: "time")) var discovered: DayOrTime
    @Option(help: ArgumentHelp("confidentiality, integrity or availability (repeatable).", valueName: "code"))
    var nature: [Named<BreachNature>]
    @Option(help: ArgumentHelp("Which information (repeatable).", valueName: "code"))
    var information: [Named<BreachedInformation>]
    @Option(help: ArgumentHelp("What is likely to follow (repeatable).", valueName: "code"))
    var consequence: [Named<BreachConsequence>]
    @Option(help: ArgumentHelp("What is done about it (repeatable).", valueName: "code")) var measure:
        [Named<BreachMeasure>]
    @Option(help: ArgumentHelp("What people can do (repeatable).", valueName: "code")) var advice: [Named<BreachAdvice>]
    @Option(help: ArgumentHelp("How to ask, as the text says (repeatable).", valueName: "code"))
    var contact: [Named<NoticeContact>]
    @Option(help: ArgumentHelp("About how many people.", valueName: "n")) var people: UInt32
    @Option(help: ArgumentHelp("About how many records.", valueName: "n")) var records: UInt32
    @Option(help: ArgumentHelp("Why it comes after its deadline.", valueName: "code")) var delay: Named<NoticeDelay>?

    func validate() throws {
        let lists = [
            nature.isEmpty, information.isEmpty, consequence.isEmpty, measure.isEmpty, advice.isEmpty, contact.isEmpty,
        ]
        guard !lists.contains(true) else {
            throw ValidationError(
                "give --nature, --information, --consequence, --measure, --advice and --contact at least once each")
        }
    }

    func contents() throws -> NoticeContents {
        NoticeContents(
            occurredFrom: occurredFrom.timestamp, occurredTo: occurredTo?.timestamp ?? discovered.timestamp,
            discovered: discovered.timestamp, nature: nature.map(\.item), information: information.map(\.item),
            consequences: consequence.map(\.item), measures: measure.map(\.item), advice: advice.map(\.item),
            contacts: contact.map(\.item), people: people, records: records, delay: delay?.item)
    }
}

/// A moment that a person writes: a day, whose beginning is meant, or a time of UTC.
struct DayOrTime: ExpressibleByArgument {
    let timestamp: Timestamp

    init?(argument: String) {
        guard let moment = Moment(argument: argument.count == 10 ? argument + "T00:00:00Z" : argument) else {
            return nil
        }
        timestamp = moment.timestamp
    }
}

/// A code by its name.
struct Named<Item: NoticeItem>: ExpressibleByArgument {
    let item: Item

    init?(argument: String) {
        guard let item = Item(name: argument) else { return nil }
        self.item = item
    }

    static var allValueStrings: [String] { Item.allCases.map(\.name) }
}

extension NoticeContents {
    /// What people read.
    var fields: [Field] {
        [
            Field("occurredFrom", text: occurredFrom), Field("occurredTo", text: occurredTo),
            Field("discovered", text: discovered), Field("nature", .array(nature.map { .string($0.name) })),
            Field("information", .array(information.map { .string($0.name) })),
            Field("consequences", .array(consequences.map { .string($0.name) })),
            Field("measures", .array(measures.map { .string($0.name) })),
            Field("advice", .array(advice.map { .string($0.name) })),
            Field("contacts", .array(contacts.map { .string($0.name) })),
            Field("people", .number(UInt64(people))), Field("records", .number(UInt64(records))),
            Field("delay", .text(delay?.name)),
        ]
    }
}
