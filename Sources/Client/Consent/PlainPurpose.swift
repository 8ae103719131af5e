public import Ledger

extension Purpose {
    /// What somebody wants to do with a document, in words that everybody knows: they may use it "to treat you".
    public var plain: String {
        switch self {
        case .treatment: "to treat you"
        case .emergencyTreatment: "to treat you when you are in danger"
        case .breakTheGlass: "to save your life when no one can ask you"
        case .emergencyRoomTreatment: "to treat you in the emergency room"
        case .clinicalTrial: "to test a treatment on you"
        case .coordinationOfCare: "to work as a team on your care"
        case .careManagement: "to plan your care"
        case .populationHealth: "to help groups of people stay well"
        case .patientRequest: "when you ask them to"
        case .familyRequest: "when your family asks them to"
        case .powerOfAttorney: "when the one who acts for you asks them to"
        case .supportNetwork: "to help the people who help you"
        case .donation: "to plan the gift of an organ"
        case .decedent: "to do what is due when you have died"
        case .directory: "to keep a list of who is in the house"
        case .deliveryManagement: "to bring things to you"
        case .patientAdministration: "to book your visits and keep your file"
        case .patientSafety: "to keep you safe"
        case .disaster: "to help in a disaster"
        case .threat: "to stop a danger to you or to others"
        default: plainOfOffices
        }
    }

    private var plainOfOffices: String {
        switch self {
        case .healthcarePayment: "to get paid for your care"
        case .claimAttachment: "to show why a bill is right"
        case .coverageAuthorization: "to ask if your health plan will pay"
        case .coverage: "to deal with your health plan"
        case .eligibilityDetermination: "to find out if a health plan will take you"
        case .eligibilityVerification: "to check that your health plan still holds"
        case .enrollment: "to sign you up for a health plan"
        case .memberAdministration: "to keep the list of who is in a health plan"
        case .militaryCommand: "to tell your army unit if you are fit"
        case .militaryDischarge: "to end your time in the army"
        case .remittanceAdvice: "to say what was paid and why"
        case .government: "to do the work of the state"
        case .legal: "to act in a court case"
        case .fraud: "to look for fraud"
        case .compliance: "to check that the rules are kept"
        case .accreditation: "to prove that they do good work"
        case .publicHealth: "to keep the public well"
        default: plainOfStudies
        }
    }

    private var plainOfStudies: String {
        switch self {
        case .research: "to do research"
        case .biomedicalResearch: "to do research on the body and on drugs"
        case .clinicalTrialResearch: "to do research on a treatment"
        case .clinicalTrialPatientCare: "to care for you in a study"
        case .preclinicalTrialResearch: "to do research on a treatment that is not in use yet"
        case .healthcareOperations: "to run their house"
        case .healthcareMarketing: "to try to sell you things"
        case .outcomeMeasure: "to see how well care has worked"
        case .programReporting: "to report on a health program"
        case .qualityImprovement: "to make care better"
        case .performanceMeasure: "to see how well they work"
        case .recordsManagement: "to keep files in order"
        case .metadataManagement: "to keep notes on files in order"
        case .labeling: "to put labels on files"
        case .systemAdministration: "to keep the computers running"
        case .systemDevelopment: "to build computer programs"
        case .testHealthData: "to test computers with health data"
        case .training: "to teach"
        default: preconditionFailure("every purpose has plain words")
        }
    }
}

extension Role {
    /// Who that is, in words that everybody knows.
    public var plain: String {
        switch self {
        case .clinician: "doctors and nurses"
        case .registrar: "people at the front desk"
        case .privacyOfficer: "people who guard your data"
        case .service: "machines"
        }
    }
}
