public import Ledger

/// The word for a sort of subject in paths.
public enum SubjectPath: String, CaseIterable, Hashable, Sendable {
    case organizations, staff, scopes, documents, grants, validators

    /// The word for a sort.
    public init(_ kind: Subject.Kind) {
        switch kind {
        case .organization: self = .organizations
        case .staff: self = .staff
        case .scope: self = .scopes
        case .document: self = .documents
        case .grant: self = .grants
        case .validator: self = .validators
        }
    }

    /// The sort.
    public var kind: Subject.Kind {
        switch self {
        case .organizations: .organization
        case .staff: .staff
        case .scopes: .scope
        case .documents: .document
        case .grants: .grant
        case .validators: .validator
        }
    }
}

extension Subject {
    /// - Parameter hex: The identifier, 66 digits of a scope, else 64.
    public init?(_ kind: Kind, hex: String) {
        let subject: Subject? =
            switch kind {
            case .organization: OrganizationID(hex: hex).map(Subject.organization)
            case .staff: StaffID(hex: hex).map(Subject.staff)
            case .scope: ScopeID(hex: hex).map(Subject.scope)
            case .document: DocumentID(hex: hex).map(Subject.document)
            case .grant: GrantID(hex: hex).map(Subject.grant)
            case .validator: ValidatorID(hex: hex).map(Subject.validator)
            }
        guard let subject else { return nil }
        self = subject
    }
}

extension Grantee {
    /// The form in paths: `staff-<id>`, `organization-<id>` or `scope-<id>`.
    public var pathText: String {
        switch self {
        case .organization(let id): "organization-\(id)"
        case .staff(let id): "staff-\(id)"
        case .scope(let id): "scope-\(id)"
        }
    }

    /// Reads ``pathText``.
    public init?(pathText: String) {
        if pathText.hasPrefix("staff-") {
            guard let id = StaffID(hex: String(pathText.dropFirst("staff-".count))) else { return nil }
            self = .staff(id)
        } else if pathText.hasPrefix("organization-") {
            guard let id = OrganizationID(hex: String(pathText.dropFirst("organization-".count))) else { return nil }
            self = .organization(id)
        } else if pathText.hasPrefix("scope-") {
            guard let id = ScopeID(hex: String(pathText.dropFirst("scope-".count))) else { return nil }
            self = .scope(id)
        } else {
            return nil
        }
    }
}
